import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { mergeProfile, type ProfileAnswers, readProfile, writeProfile } from '../../../src/settings/write-profile.js';

const onPosix = it.skipIf(process.platform === 'win32');
const asOther = it.skipIf(process.platform === 'win32' || process.geteuid?.() === 0);
const SERVER = { issuerId: 'issuer', keyId: 'ABC', privateKeyPath: '/keys/SubscriptionKey_ABC.p8' };
const ANSWERS: ProfileAnswers = {
  environment: 'sandbox',
  bundleId: 'com.example.app',
  appAppleId: '123',
  server: SERVER,
};
const PROFILE = { environment: 'sandbox', bundleId: 'com.example.app', appAppleId: '123', server: SERVER };

describe('mergeProfile', () => {
  it.each<[string, JsonObject, string, Partial<ProfileAnswers>, unknown]>([
    ['the first, called default', {}, 'default', {}, { profiles: { default: PROFILE } }],
    [
      'the first, of another name: it is taken from now on',
      {},
      'acme',
      {},
      { profile: 'acme', profiles: { acme: PROFILE } },
    ],
    [
      'a further one: the others stay, and what is taken',
      { profile: 'one', profiles: { one: { bundleId: 'a' } } },
      'two',
      {},
      { profile: 'one', profiles: { one: { bundleId: 'a' }, two: PROFILE } },
    ],
    [
      'a further one where none is chosen',
      { profiles: { default: {} } },
      'two',
      {},
      { profiles: { default: {}, two: PROFILE } },
    ],
    [
      'the same again: what was not asked stays',
      {
        extra: 1,
        profiles: { default: { bundleId: 'old', targets: ['http://localhost'], server: { keyId: 'OLD', extra: 2 } } },
      },
      'default',
      {},
      {
        extra: 1,
        profiles: { default: { targets: ['http://localhost'], ...PROFILE, server: { extra: 2, ...SERVER } } },
      },
    ],
    [
      'a key that stood in the file: it would win over the path',
      { profiles: { default: { server: { privateKey: 'PEM', privateKeyPath: 'old.p8' } } } },
      'default',
      {},
      { profiles: { default: PROFILE } },
    ],
    [
      'an app Apple ID that is left out',
      { profiles: { default: { appAppleId: '9' } } },
      'default',
      { appAppleId: null },
      { profiles: { default: { environment: 'sandbox', bundleId: 'com.example.app', server: SERVER } } },
    ],
    [
      'an individual key: an issuer of before goes',
      { profiles: { default: { connect: { issuerId: 'old', keyId: 'OLD' } } } },
      'default',
      { connect: { issuerId: null, keyId: 'C', privateKeyPath: '/c.p8' } },
      { profiles: { default: { ...PROFILE, connect: { keyId: 'C', privateKeyPath: '/c.p8' } } } },
    ],
    [
      'a Connect key of before that was not asked about',
      { profiles: { default: { connect: { keyId: 'OLD' } } } },
      'default',
      {},
      { profiles: { default: { ...PROFILE, connect: { keyId: 'OLD' } } } },
    ],
  ])('%s', (_what, before, name, answers, after) => {
    expect(mergeProfile(before, name, { ...ANSWERS, ...answers })).toEqual(after);
  });

  it('takes a name that objects have anyway', () => {
    const { profiles } = mergeProfile({}, 'constructor', ANSWERS);
    expect(Object.keys(profiles as object)).toEqual(['constructor']);
  });
});

describe('writeProfile', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'storewire-profile-'));
    path = join(folder, 'storewire', 'config.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);
  const write = (content: unknown): void => {
    mkdirSync(join(folder, 'storewire'));
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o644 });
  };

  onPosix('creates file and folder for their owner only, and no other file', () => {
    expect(writeProfile(path, 'acme', ANSWERS, '1')).toEqual({ replaced: false, isDefault: true });
    expect([modeOf(path), modeOf(join(folder, 'storewire'))]).toEqual(['600', '700']);
    expect(readdirSync(join(folder, 'storewire'))).toEqual(['config.json']);
    expect(readFileSync(path, 'utf8').split('\n').slice(0, 3)).toEqual([
      '{',
      '  "profile": "acme",',
      '  "profiles": {',
    ]);
  });

  onPosix('takes the access of others from a file that was open', () => {
    write({ profiles: { default: {} } });
    expect(writeProfile(path, 'acme', ANSWERS, '1')).toEqual({ replaced: false, isDefault: false });
    expect(modeOf(path)).toBe('600');
  });

  it('reports a replaced profile', () => {
    write({ profiles: { default: {} } });
    expect(writeProfile(path, 'default', ANSWERS, '1')).toEqual({ replaced: true, isDefault: true });
    expect(readProfile(path, 'default')).toEqual(PROFILE);
  });

  onPosix('follows a link and leaves it one', () => {
    mkdirSync(join(folder, 'storewire'));
    const target = join(folder, 'dotfiles.json');
    writeFileSync(target, '{}');
    symlinkSync(target, path);
    writeProfile(path, 'default', ANSWERS, '1');
    expect([lstatSync(path).isSymbolicLink(), readProfile(target, 'default')]).toEqual([true, PROFILE]);
  });

  it('does not change a file that is not JSON', () => {
    write('{ "profiles": ');
    expect(() => writeProfile(path, 'default', ANSWERS, '1')).toThrow(
      expect.objectContaining({ code: 'ERR_SETTINGS_FILE_JSON' }),
    );
    expect(readFileSync(path, 'utf8')).toBe('{ "profiles": ');
  });

  asOther('says so where it may not write', () => {
    chmodSync(folder, 0o500);
    const refused = { kind: 'usage', code: 'ERR_SETTINGS_FILE_UNWRITABLE' };
    expect(() => writeProfile(path, 'default', ANSWERS, '1')).toThrow(expect.objectContaining(refused));
  });

  it('keeps the old file where the new one cannot be written', () => {
    write({ profile: 'one', profiles: { one: {} } });
    mkdirSync(`${path}.1.new`);
    const refused = { kind: 'usage', code: 'ERR_SETTINGS_FILE_UNWRITABLE' };
    expect(() => writeProfile(path, 'default', ANSWERS, '1')).toThrow(expect.objectContaining(refused));
    expect(readProfile(path, 'one')).toEqual({});
  });

  it('gives null for a missing profile', () => {
    expect(readProfile(path, 'default')).toBeNull();
    write({ profiles: { constructor: 5 } });
    expect([readProfile(path, 'default'), readProfile(path, 'toString')]).toEqual([null, null]);
  });
});
