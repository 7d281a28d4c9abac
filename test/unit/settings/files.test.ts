import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkProjectKeys, readConfigFile, readProjectFile } from '../../../src/settings/files.js';
import { checkKeyFile, findKeyFiles, keyFolders } from '../../../src/settings/key-files.js';
import { resolvePath, userFilePath } from '../../../src/settings/paths.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'storewire-settings-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const USER = process.geteuid?.() ?? -1;

const onPosix = it.skipIf(process.platform === 'win32');

function write(name: string, text: string): string {
  const path = join(root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('readProjectFile', () => {
  it('finds the nearest file upwards', () => {
    write('.storewire.json', '{"bundleId":"far"}');
    const path = write('a/.storewire.json', '{"bundleId":"near"}');
    mkdirSync(join(root, 'a/b/c'), { recursive: true });
    expect(readProjectFile(join(root, 'a/b/c'), USER)).toMatchObject({
      path,
      folder: join(root, 'a'),
      content: { bundleId: 'near' },
    });
  });

  it('refuses keys that a project file must not contain', () => {
    write('.storewire.json', '{"bundleId":"x","exec":"rm"}');
    expect(() => readProjectFile(root, USER)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'ERR_SETTINGS_PROJECT_KEY' }),
    );
  });

  describe.runIf(USER === 0)('of another user', () => {
    const OTHER = 65_534;
    const refused = expect.objectContaining({ kind: 'usage', code: 'ERR_SETTINGS_PROJECT_OWNER' });

    it('is refused, whatever it says', () => {
      chownSync(write('.storewire.json', 'no JSON'), OTHER, OTHER);
      mkdirSync(join(root, 'mine'));
      expect(() => readProjectFile(join(root, 'mine'), USER)).toThrow(refused);
      expect(() => readProjectFile(join(root, 'mine'), 1001)).toThrow(refused);
      expect(() => readProjectFile(root, OTHER)).toThrow('is not valid JSON');
    });

    it('is refused behind a link, and so is a link of theirs', () => {
      const theirs = write('theirs.json', '{}');
      chownSync(theirs, OTHER, OTHER);
      const link = join(root, '.storewire.json');
      symlinkSync(theirs, link);
      expect(() => readProjectFile(root, USER)).toThrow(refused);
      rmSync(link);
      symlinkSync(write('mine.json', '{}'), link);
      expect(readProjectFile(root, USER)).not.toBeNull();
      lchownSync(link, OTHER, OTHER);
      expect(() => readProjectFile(root, USER)).toThrow(refused);
    });

    it('is used if that is root, who decides about every file', () => {
      write('.storewire.json', '{}');
      expect(readProjectFile(root, 1001)).not.toBeNull();
    });
  });

  it.skipIf(USER <= 0)('of another user is refused', () => {
    write('.storewire.json', '{}');
    expect(() => readProjectFile(root, USER + 1)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'ERR_SETTINGS_PROJECT_OWNER' }),
    );
  });

  onPosix('does not compare owners on a system without user ids', () => {
    write('.storewire.json', '{}');
    expect(readProjectFile(root, -1)).not.toBeNull();
  });

  onPosix('reports a broken symbolic link', () => {
    symlinkSync(join(root, 'gone'), join(root, '.storewire.json'));
    expect(() => readProjectFile(root, USER)).toThrow('is a broken symbolic link');
  });
});

describe('checkProjectKeys', () => {
  const all = {
    profile: '',
    bundleId: '',
    appAppleId: '',
    environment: '',
    port: 1,
    path: '',
    targets: [],
    events: [],
  };

  it('accepts every allowed key', () => {
    expect(() => checkProjectKeys({ path: 'x', content: all })).not.toThrow();
  });

  it.each([
    'server',
    'connect',
    'serverApi',
    'connectApi',
    'root',
    'exec',
    'tunnel',
    'issuerId',
    'privateKey',
    'profiles',
    'private_key',
    'secret',
    'serverAPI',
  ])('refuses %s and says why', (key) => {
    const content = JSON.parse(`{"port": 1, "${key}": "x"}`);
    expect(() => checkProjectKeys({ path: '/p/.storewire.json', content })).toThrow(
      `the project file /p/.storewire.json must not contain "${key}": a cloned repository could`,
    );
  });
});

describe('a misspelt key of a project file', () => {
  const thrownBy = (content: Record<string, unknown>): Error => {
    try {
      checkProjectKeys({ path: '/p/.storewire.json', content: content as never });
    } catch (error) {
      return error as Error;
    }
    throw new Error('nothing was thrown');
  };

  it.each([
    ['bundelId', '"bundelId": did you mean bundleId?'],
    ['BundleId', '"BundleId": did you mean bundleId?'],
    ['bundle_id', '"bundle_id": did you mean bundleId?'],
    ['appAppleID', '"appAppleID": did you mean appAppleId?'],
    ['enviroment', '"enviroment": did you mean environment?'],
    ['target', '"target": did you mean targets?'],
    ['colour', '"colour"'],
    ['__proto__', '"__proto__"'],
  ])('%s gets the nearest name and no lecture', (key, words) => {
    expect(thrownBy(JSON.parse(`{"port": 1, "${key}": "x"}`))).toMatchObject({
      code: 'ERR_SETTINGS_PROJECT_KEY',
      message: `unknown key in the project file /p/.storewire.json: ${words}`,
      hint: expect.stringContaining('Allowed keys: profile, bundleId'),
    });
  });

  it('is told with all others', () =>
    expect(thrownBy({ bundelId: 'x', prot: 1 }).message).toBe(
      'unknown keys in the project file /p/.storewire.json: "bundelId": did you mean bundleId? "prot": did you mean port?',
    ));
});

describe('readConfigFile', () => {
  it('gives null for a file that is not there', () =>
    expect(readConfigFile(join(root, 'none/config.json'))).toBeNull());

  it('ignores a byte order mark', () => {
    expect(readConfigFile(write('c.json', '\uFEFF{"a":1}'))?.content).toEqual({ a: 1 });
  });

  it.each([
    ['a trailing comma', '{\n  "port": 1,\n}', ':3:1'],
    ['a missing comma', '{"a": 1\n "b": 2}', ':2:2'],
    ['a cut file', '{\n"a":', ':2:5'],
    ['an empty file', '', ':1:1'],
  ])('names line and column of %s', (_what, text, place) => {
    const path = write('c.json', text);
    expect(() => readConfigFile(path)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'ERR_SETTINGS_FILE_JSON',
        message: `${path}${place} is not valid JSON`,
      }),
    );
  });

  it('does not quote the text around a defect', () => {
    const path = write('c.json', '{"privateKey": SECRET}');
    expect(() => readConfigFile(path)).toThrow('is not valid JSON');
    expect(() => readConfigFile(path)).not.toThrow('SECRET');
  });

  it.each(['[]', '"text"', 'null', '5'])('refuses %s', (text) => {
    expect(() => readConfigFile(write('c.json', text))).toThrow(
      expect.objectContaining({ code: 'ERR_SETTINGS_FILE_SHAPE' }),
    );
  });

  it('refuses a folder and a file that is too large', () => {
    const unreadable = expect.objectContaining({ kind: 'usage', code: 'ERR_SETTINGS_FILE_UNREADABLE' });
    expect(() => readConfigFile(root)).toThrow(unreadable);
    const path = write('large.json', '');
    truncateSync(path, 1024 * 1024 + 1);
    expect(() => readConfigFile(path)).toThrow(unreadable);
  });

  onPosix('gives the permission bits', () => {
    const path = write('c.json', '{}');
    chmodSync(path, 0o640);
    expect(readConfigFile(path)?.mode).toBe(0o640);
  });
});

describe('userFilePath', () => {
  const absolute = (path: string) => resolve(path);
  it.each<[string, Record<string, string>, NodeJS.Platform, string | null]>([
    [
      'XDG_CONFIG_HOME',
      { XDG_CONFIG_HOME: absolute('/x'), HOME: absolute('/h') },
      'linux',
      absolute('/x/storewire/config.json'),
    ],
    [
      'a relative one',
      { XDG_CONFIG_HOME: 'x', HOME: absolute('/h') },
      'linux',
      absolute('/h/.config/storewire/config.json'),
    ],
    [
      'an empty one',
      { XDG_CONFIG_HOME: '', HOME: absolute('/h') },
      'linux',
      absolute('/h/.config/storewire/config.json'),
    ],
    ['home', { HOME: absolute('/h') }, 'darwin', absolute('/h/.config/storewire/config.json')],
    [
      'Windows',
      { APPDATA: absolute('/a'), USERPROFILE: absolute('/h') },
      'win32',
      absolute('/a/storewire/config.json'),
    ],
    [
      'APPDATA elsewhere',
      { APPDATA: absolute('/a'), HOME: absolute('/h') },
      'linux',
      absolute('/h/.config/storewire/config.json'),
    ],
    ['no home', {}, 'linux', null],
  ])('%s', (_what, env, platform, path) => expect(userFilePath(env, platform)).toBe(path));
});

describe('resolvePath', () => {
  it.each([
    ['a.pem', '/f/a.pem'],
    ['/a.pem', '/a.pem'],
    ['~/a.pem', '/h/a.pem'],
    ['~other/a.pem', '/f/~other/a.pem'],
    ['~', '/h'],
  ])('%s', (path, resolved) => expect(resolvePath(path, resolve('/f'), resolve('/h'))).toBe(resolve(resolved)));

  it('leaves ~ alone where no home is known', () =>
    expect(resolvePath('~/a', resolve('/f'), null)).toBe(resolve('/f/~/a')));
});

describe('key files', () => {
  it("are searched for in the folders of Apple's tools", () => {
    const [work, home] = [resolve('/work'), resolve('/home/me')];
    expect(keyFolders({ API_PRIVATE_KEYS_DIR: 'keys' }, work, home)).toEqual([
      join(work, 'keys'),
      join(work, 'private_keys'),
      join(home, 'private_keys'),
      join(home, '.private_keys'),
      join(home, '.appstoreconnect/private_keys'),
    ]);
    expect(keyFolders({}, work, null)).toEqual([join(work, 'private_keys')]);
  });

  it('are found by their names, folder by folder', () => {
    write('b/AuthKey_BBB.p8', '');
    write('b/notes.txt', '');
    write('a/SubscriptionKey_AAA.p8', '');
    write('file', '');
    const folders = ['b', 'none', 'file', 'a'].map((name) => join(root, name));
    expect(findKeyFiles(folders)).toEqual([
      { path: join(root, 'b/AuthKey_BBB.p8'), folder: join(root, 'b'), kind: 'connect', keyId: 'BBB' },
      { path: join(root, 'a/SubscriptionKey_AAA.p8'), folder: join(root, 'a'), kind: 'server', keyId: 'AAA' },
    ]);
  });

  it('that are not there, or no files, are told', () => {
    expect(checkKeyFile({ form: 'path', path: join(root, 'none.p8') }, 'linux')).toMatchObject([
      { code: 'key-missing', message: expect.stringContaining('does not exist') },
    ]);
    expect(checkKeyFile({ form: 'path', path: root }, 'linux')).toMatchObject([
      { code: 'key-missing', message: expect.stringContaining('is not a file') },
    ]);
  });

  onPosix.each([
    [0o600, []],
    [0o400, []],
    [0o640, ['key-permissions']],
    [0o604, ['key-permissions']],
  ])('with mode %o', (mode, codes) => {
    const path = write('k.p8', '');
    chmodSync(path, mode);
    expect(checkKeyFile({ form: 'path', path: path }, 'linux').map((warning) => warning.code)).toEqual(codes);
    expect(checkKeyFile({ form: 'path', path: path }, 'win32')).toEqual([]);
  });
});
