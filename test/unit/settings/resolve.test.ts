import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import type { ConfigFile } from '../../../src/settings/files.js';
import type { SettingFlags } from '../../../src/settings/layer.js';
import { buildLayers } from '../../../src/settings/open.js';
import { reportSettings } from '../../../src/settings/report.js';
import { resolveListen, resolveSettings } from '../../../src/settings/resolve.js';
import { resolveApp, resolveEnvironment } from '../../../src/settings/resolve-app.js';

const home = resolve('/home/me');
const cwd = resolve('/home/me/app');
const PROJECT = '/home/me/app/.storewire.json';
const USER = '/home/me/.config/storewire/config.json';

interface Given {
  readonly flags?: SettingFlags;
  readonly env?: Readonly<Record<string, string>>;
  readonly project?: JsonObject | null;
  readonly user?: JsonObject | null;
  readonly mode?: number;
  readonly platform?: NodeJS.Platform;
  readonly userId?: number;
  readonly projectFolder?: string;
}

function lay({ flags = {}, env = {}, project = null, user = null, mode = 0o600, ...given }: Given) {
  const { platform = 'linux', userId = 1000, projectFolder = cwd } = given;
  const file = (path: string, folder: string, content: JsonObject | null): ConfigFile | null =>
    content && { path, folder, content, mode, ownerId: 1000 };
  const files = { project: file(PROJECT, projectFolder, project), user: file(USER, home, user), userPath: USER };
  return buildLayers({ flags, env: { HOME: home, USERPROFILE: home, ...env }, cwd, platform, userId }, files);
}

const PROFILE = { profile: 'own', profiles: { own: { bundleId: 'from.user' }, other: { bundleId: 'from.other' } } };

describe('precedence', () => {
  const flags = { bundleId: 'from.flag' };
  const env = { STOREWIRE_BUNDLE_ID: 'from.variable' };
  const project = { bundleId: 'from.project' };

  it.each<[string, Given, string, object]>([
    ['flag', { flags, env, project, user: PROFILE }, 'from.flag', { kind: 'flag', name: '--bundle-id' }],
    [
      'environment',
      { env, project, user: PROFILE },
      'from.variable',
      { kind: 'environment', name: 'STOREWIRE_BUNDLE_ID' },
    ],
    ['project file', { project, user: PROFILE }, 'from.project', { kind: 'project file', name: PROJECT }],
    ['user file', { user: PROFILE }, 'from.user', { kind: 'user file', name: USER, profile: 'own' }],
  ])('%s', (_what, given, value, source) => expect(resolveApp(lay(given)).bundleId).toEqual({ value, source }));

  it('gives null for a value that is not set', () => expect(resolveApp(lay({})).bundleId).toBeNull());

  it('takes an empty variable for one that is not set', () => {
    expect(resolveApp(lay({ env: { STOREWIRE_BUNDLE_ID: ' ' }, project })).bundleId?.value).toBe('from.project');
  });

  it('takes an empty list for a flag that was not given', () => {
    expect(resolveApp(lay({ flags: { root: [] } })).roots).toBeNull();
  });

  it('does not parse a value that another source overrides', () => {
    expect(
      resolveEnvironment(lay({ flags: { environment: 'Sandbox' }, env: { STOREWIRE_ENVIRONMENT: 'x' } }))?.value,
    ).toBe('sandbox');
    expect(() => resolveEnvironment(lay({ env: { STOREWIRE_ENVIRONMENT: 'x' } }))).toThrow('STOREWIRE_ENVIRONMENT');
  });

  it('does not parse parts that were not requested', () => {
    expect(resolveApp(lay({ env: { STOREWIRE_ENVIRONMENT: 'x', STOREWIRE_ISSUER_ID: 'x' } })).bundleId).toBeNull();
  });
});

describe('profiles', () => {
  it.each<[string, Given, string | null, string | null]>([
    ['flag', { flags: { profile: 'other' }, env: { STOREWIRE_PROFILE: 'own' }, user: PROFILE }, 'other', 'from.other'],
    [
      'environment',
      { env: { STOREWIRE_PROFILE: 'other' }, project: { profile: 'own' }, user: PROFILE },
      'other',
      'from.other',
    ],
    ['project file', { project: { profile: 'other' }, user: PROFILE }, 'other', 'from.other'],
    ['the user file itself', { user: PROFILE }, 'own', 'from.user'],
    [
      'the one called default',
      { user: { profiles: { default: { bundleId: 'from.default' } } } },
      'default',
      'from.default',
    ],
    ['none', { user: { profiles: { own: { bundleId: 'from.user' } } } }, null, null],
    ['a user file without profiles', { user: {} }, null, null],
    [
      'a name that every object has',
      { flags: { profile: 'constructor' }, user: { profiles: { constructor: { bundleId: 'c' } } } },
      'constructor',
      'c',
    ],
  ])('%s', (_what, given, name, bundleId) => {
    const open = lay(given);
    expect(open.profile?.value ?? null).toBe(name);
    expect(resolveApp(open).bundleId?.value ?? null).toBe(bundleId);
  });

  it.each<[string, Given, string]>([
    [
      'a flag',
      { flags: { profile: 'none' }, user: PROFILE },
      `--profile names the profile "none", but the user file ${USER} has no such profile`,
    ],
    [
      'a variable, no user file',
      { env: { STOREWIRE_PROFILE: 'none' } },
      'STOREWIRE_PROFILE names the profile "none", but there is no user file',
    ],
    [
      'an inherited name',
      { flags: { profile: '__proto__' }, user: PROFILE },
      '--profile names the profile "__proto__"',
    ],
    ['the user file', { user: { profile: 'none', profiles: {} } }, `the user file ${USER} names the profile "none"`],
  ])('a missing one, named by %s, is an error', (_what, given, message) => {
    expect(() => lay(given)).toThrow(
      expect.objectContaining({ code: 'ERR_SETTINGS_PROFILE_UNKNOWN', message: expect.stringContaining(message) }),
    );
  });

  it('one that only the project file names is a warning: a clone in CI has no user file', () => {
    const open = lay({ project: { profile: 'team' } });
    expect(open.warnings.map((warning) => warning.code)).toEqual(['profile-missing']);
    expect(open.profile?.value).toBe('team');
  });

  it.each([
    ['a list', { profiles: [] }],
    ['a text', { profiles: 'own' }],
    ['a profile that is no object', { profiles: { own: 'x' } }],
  ])('%s in their place is an error', (_what, user) => {
    expect(() => lay({ user })).toThrow(expect.objectContaining({ code: 'ERR_SETTINGS_FILE_SHAPE' }));
  });
});

describe('warnings about files', () => {
  it.each<[string, Given, readonly string[]]>([
    ['a user file for its owner only', { user: PROFILE }, []],
    ['a user file that others can read', { user: PROFILE, mode: 0o640 }, ['file-permissions']],
    ['on Windows', { user: PROFILE, mode: 0o666, platform: 'win32' }, []],
    ['a project file that others can read', { project: {}, mode: 0o644 }, []],
    ['a user file of another user', { user: PROFILE, userId: 1001 }, ['file-owner']],
    ['no user ids', { project: {}, user: {}, userId: -1 }, []],
    ['a project file in the home folder', { project: {}, projectFolder: home }, ['home-file']],
    ['a bundle id with a team id', { project: { bundleId: 'ABCDE12345.com.example.app' } }, ['bundle-id']],
    ['an app Apple ID as bundle id', { project: { bundleId: '1234567890' } }, ['bundle-id']],
    [
      'a bundle id that is overruled',
      { flags: { bundleId: 'com.example.app' }, project: { bundleId: 'ABCDE12345.com.example.app' } },
      [],
    ],
    ['keys that nothing reads', { user: { ...PROFILE, token: 'x' } }, ['unknown-key']],
  ])('%s', (_what, given, codes) => expect(lay(given).warnings.map((warning) => warning.code)).toEqual(codes));

  it('names the team id and the bundle id behind it', () => {
    const [warning] = lay({ project: { bundleId: 'ABCDE12345.com.example.app' } }).warnings;
    expect(warning?.message).toBe(
      `ABCDE12345. looks like a team id: the bundle id is probably com.example.app (project file ${PROJECT} gives ABCDE12345.com.example.app)`,
    );
  });

  it('names unknown keys, never their values', () => {
    const own = {
      bundleid: 'VALUE',
      server: { privatKey: 'VALUE', privateKeyPath: 'a.p8' },
      connect: 5,
      serverApi: { live: 'VALUE' },
    };
    const [warning] = lay({ user: { profile: 'own', profiles: { own } } }).warnings;
    expect(warning?.message).toBe(
      `the user file ${USER} contains unknown keys, which are ignored: bundleid (did you mean bundleId?), server.privatKey (did you mean server.privateKey?), connect, serverApi.live`,
    );
  });
});

describe('resolveListen', () => {
  it('takes the allowed keys of a project file', () => {
    const project = { port: 4280, path: '/apple', targets: ['http://localhost:3000'], events: ['TEST'] };
    const { port, path, targets, events } = resolveListen(lay({ project }));
    expect([port?.value, path?.value, targets?.value, events?.value]).toEqual([
      4280,
      '/apple',
      ['http://localhost:3000'],
      ['TEST'],
    ]);
  });

  it('takes programs from the user file, never from the project file', () => {
    const programs = { exec: 'node a.js', tunnel: 'ngrok' };
    expect(resolveListen(lay({ user: { profiles: { default: programs } } })).exec?.value).toBe('node a.js');
    expect(resolveListen(lay({ project: programs })).exec).toBeNull();
    expect(resolveListen(lay({ project: programs })).tunnel).toBeNull();
  });
});

describe('resolveSettings', () => {
  it('takes no base address, key or root from the project file', () => {
    const project = {
      server: { keyId: 'EVIL' },
      serverApi: { sandbox: 'https://evil.example' },
      connectApi: 'https://evil.example',
      root: 'evil.pem',
    };
    const settings = resolveSettings(lay({ project }), []);
    expect(JSON.stringify(settings)).not.toMatch(/evil/i);
  });

  it('has Apple as the default of every address', () => {
    const { server, connect } = resolveSettings(lay({}), []);
    const source = { kind: 'default', name: "Apple's" };
    expect([server.address.sandbox, server.address.production, connect.address]).toEqual([
      { value: 'https://api.storekit-sandbox.apple.com', source },
      { value: 'https://api.storekit.apple.com', source },
      { value: 'https://api.appstoreconnect.apple.com', source },
    ]);
  });

  it.each([
    ['https://proxy.example/apple', ['foreign-address']],
    ['http://127.0.0.1:4281', []],
    ['https://api.storekit.itunes.apple.com', []],
  ])('warns of a foreign address: %s', (address, codes) => {
    const { warnings } = resolveSettings(lay({ env: { STOREWIRE_SERVER_API_PRODUCTION_URL: address } }), []);
    expect(warnings.map((warning) => warning.code)).toEqual(codes);
  });

  it('says where a foreign address was set, and that it is in the clear', () => {
    const { warnings } = resolveSettings(
      lay({ user: { profiles: { default: { connectApi: 'http://proxy.example' } } } }),
      [],
    );
    expect(warnings[0]?.message).toBe(
      `the App Store Connect API is set to http://proxy.example (the user file ${USER}), which is not an Apple host: tokens would be sent there unencrypted, so commands that use it require --yes`,
    );
  });
});

describe('reportSettings', () => {
  it('redacts every secret', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${'SECRET00'.repeat(20)}\n-----END PRIVATE KEY-----`;
    const own = {
      server: { privateKey: pem },
      connect: { privateKey: Buffer.from(pem).toString('base64') },
      targets: ['https://api.revenuecat.com/SECRET00'],
      exec: 'run --token SECRET00',
      tunnel: 'cmd SECRET00',
    };
    const shown = reportSettings(resolveSettings(lay({ user: { profiles: { default: own } } }), []));
    const values = Object.fromEntries(shown.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      'server.privateKey': 'set, 5 lines',
      'connect.privateKey': 'set, 5 lines',
      targets: ['https://api.revenuecat.com/…'],
      exec: 'set, 20 characters',
      tunnel: 'set, 12 characters',
      port: null,
    });
    expect(JSON.stringify(shown)).not.toContain('SECRET');
  });
});
