import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { resolveKey } from '../../../src/settings/key.js';
import type { KeyFile } from '../../../src/settings/key-files.js';
import type { KeyKind } from '../../../src/settings/key-source.js';
import { environmentLayer, fallbackLayers, profileLayer } from '../../../src/settings/layer.js';

const ISSUER = '57246542-96fe-1a63-e053-0824d011072a';
const OTHER_ISSUER = '11111111-96fe-1a63-e053-0824d011072a';
const cwd = resolve('/work');
const DER = Buffer.concat([Buffer.from([0x30]), Buffer.alloc(137, 0x5a)]).toString('base64');

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly profile?: JsonObject;
  readonly files?: readonly KeyFile[];
}

function resolveWith(kind: KeyKind, { env = {}, profile = {}, files = [] }: Given) {
  const file = { path: '/home/me/config.json', folder: resolve('/home/me'), content: {}, mode: 0o600, ownerId: 1 };
  const own = [environmentLayer(env, cwd), profileLayer(file, profile)];
  return resolveKey(kind, { own, fallbacks: fallbackLayers(env, cwd), keyFiles: files, home: resolve('/home/me') });
}

/** Issuer, id and key with their sources on one line each, codes of the warnings. */
function summary(kind: KeyKind, given: Given) {
  const { issuerId, keyId, privateKey, warnings } = resolveWith(kind, given);
  const key = privateKey?.value.form === 'path' ? privateKey.value.path : privateKey && 'inline';
  return {
    issuer: issuerId && `${issuerId.value} < ${issuerId.source.name}`,
    id: keyId && `${keyId.value} < ${keyId.source.name}`,
    key: privateKey && `${key} < ${privateKey.source.name}`,
    warnings: warnings.map((warning) => warning.code),
  };
}

function found(name: string, kind: KeyKind, keyId: string): KeyFile {
  return { path: join(cwd, 'private_keys', name), folder: join(cwd, 'private_keys'), kind, keyId };
}

const AAA = found('SubscriptionKey_AAA.p8', 'server', 'AAA');
const BBB = found('SubscriptionKey_BBB.p8', 'server', 'BBB');
const AUTH = found('AuthKey_AAA.p8', 'connect', 'AAA');
const nothing = { issuer: null, id: null, key: null, warnings: [] };

describe('resolveKey', () => {
  it.each<[string, Given, object]>([
    ['nothing set', {}, nothing],
    [
      'all in the environment',
      { env: { STOREWIRE_ISSUER_ID: ISSUER, STOREWIRE_KEY_ID: 'AAA', STOREWIRE_PRIVATE_KEY: DER } },
      {
        issuer: `${ISSUER} < STOREWIRE_ISSUER_ID`,
        id: 'AAA < STOREWIRE_KEY_ID',
        key: 'inline < STOREWIRE_PRIVATE_KEY',
      },
    ],
    [
      'the id is read off the file name',
      { env: { STOREWIRE_PRIVATE_KEY_PATH: 'SubscriptionKey_AAA.p8' } },
      {
        id: 'AAA < STOREWIRE_PRIVATE_KEY_PATH',
        key: `${join(cwd, 'SubscriptionKey_AAA.p8')} < STOREWIRE_PRIVATE_KEY_PATH`,
      },
    ],
    [
      'a path in the profile starts at the user file',
      { profile: { server: { privateKeyPath: 'SubscriptionKey_AAA.p8' } } },
      { id: 'AAA < /home/me/config.json', key: `${resolve('/home/me/SubscriptionKey_AAA.p8')} < /home/me/config.json` },
    ],
    [
      'an id of another key in the profile is not taken for a key in the environment',
      {
        env: { STOREWIRE_PRIVATE_KEY: DER },
        profile: { server: { issuerId: ISSUER, keyId: 'BBB', privateKey: 'b.p8' } },
      },
      { issuer: `${ISSUER} < /home/me/config.json`, key: 'inline < STOREWIRE_PRIVATE_KEY' },
    ],
    [
      'an id alone in the profile goes with a key in the environment',
      { env: { STOREWIRE_PRIVATE_KEY: DER }, profile: { server: { keyId: 'BBB' } } },
      { id: 'BBB < /home/me/config.json', key: 'inline < STOREWIRE_PRIVATE_KEY' },
    ],
    [
      'an id in the environment does not go with a key of another id',
      { env: { STOREWIRE_KEY_ID: 'AAA' }, profile: { server: { privateKey: 'SubscriptionKey_BBB.p8' } } },
      { id: 'AAA < STOREWIRE_KEY_ID' },
    ],
    [
      'an id in the environment goes with a key that has none',
      { env: { STOREWIRE_KEY_ID: 'AAA' }, profile: { server: { privateKey: 'b.p8' } } },
      { id: 'AAA < STOREWIRE_KEY_ID', key: `${resolve('/home/me/b.p8')} < /home/me/config.json` },
    ],
    [
      'the key of an id is looked for in the folders',
      { env: { STOREWIRE_KEY_ID: 'BBB' }, files: [AAA, BBB] },
      { id: 'BBB < STOREWIRE_KEY_ID', key: `${BBB.path} < ${BBB.folder}` },
    ],
    [
      'the first folder wins where several have the key',
      { env: { STOREWIRE_KEY_ID: 'BBB' }, files: [BBB, { ...BBB, path: '/elsewhere' }] },
      { id: 'BBB < STOREWIRE_KEY_ID', key: `${BBB.path} < ${BBB.folder}` },
    ],
    [
      'with an issuer the only key there is taken',
      { env: { STOREWIRE_ISSUER_ID: ISSUER }, files: [AAA, AUTH] },
      { issuer: `${ISSUER} < STOREWIRE_ISSUER_ID`, id: `AAA < ${AAA.folder}`, key: `${AAA.path} < ${AAA.folder}` },
    ],
    ['without issuer and id none is taken', { files: [AAA] }, {}],
    [
      'of several none is chosen',
      { env: { STOREWIRE_ISSUER_ID: ISSUER }, files: [AAA, BBB] },
      { issuer: `${ISSUER} < STOREWIRE_ISSUER_ID`, warnings: ['key-choice'] },
    ],
    [
      'a key for the other API is not taken',
      { env: { STOREWIRE_KEY_ID: 'AAA' }, files: [AUTH] },
      { id: 'AAA < STOREWIRE_KEY_ID' },
    ],
    [
      'a fallback is told',
      { env: { ASC_STOREKIT_ISSUER_ID: ISSUER, ASC_STOREKIT_KEY_ID: 'AAA', ASC_STOREKIT_PRIVATE_KEY: DER } },
      {
        issuer: `${ISSUER} < ASC_STOREKIT_ISSUER_ID`,
        id: 'AAA < ASC_STOREKIT_KEY_ID',
        key: 'inline < ASC_STOREKIT_PRIVATE_KEY',
        warnings: ['fallback'],
      },
    ],
    [
      'a fallback does not count where ours names a key, even in the profile',
      {
        env: { ASC_STOREKIT_ISSUER_ID: ISSUER, ASC_STOREKIT_KEY_ID: 'AAA', ASC_STOREKIT_PRIVATE_KEY: DER },
        profile: { server: { keyId: 'BBB' } },
      },
      { id: 'BBB < /home/me/config.json' },
    ],
    [
      'a malformed fallback that is not used does no harm',
      { env: { ASC_STOREKIT_ISSUER_ID: 'rubbish', STOREWIRE_KEY_ID: 'AAA' } },
      { id: 'AAA < STOREWIRE_KEY_ID' },
    ],
    [
      'a file named for another id',
      { env: { STOREWIRE_KEY_ID: 'BBB', STOREWIRE_PRIVATE_KEY_PATH: 'SubscriptionKey_AAA.p8' } },
      {
        id: 'BBB < STOREWIRE_KEY_ID',
        key: `${join(cwd, 'SubscriptionKey_AAA.p8')} < STOREWIRE_PRIVATE_KEY_PATH`,
        warnings: ['key-mismatch'],
      },
    ],
    [
      'a key for App Store Connect where an In-App Purchase key belongs',
      { env: { STOREWIRE_PRIVATE_KEY_PATH: 'AuthKey_AAA.p8' } },
      {
        id: 'AAA < STOREWIRE_PRIVATE_KEY_PATH',
        key: `${join(cwd, 'AuthKey_AAA.p8')} < STOREWIRE_PRIVATE_KEY_PATH`,
        warnings: ['key-kind'],
      },
    ],
  ])('%s', (_what, given, expected) => expect(summary('server', given)).toEqual({ ...nothing, ...expected }));

  it.each<[string, Given, object]>([
    [
      'App Store Connect has variables of its own',
      { env: { STOREWIRE_KEY_ID: 'AAA', STOREWIRE_CONNECT_KEY_ID: 'CCC' } },
      { id: 'CCC < STOREWIRE_CONNECT_KEY_ID' },
    ],
    [
      'asc comes before fastlane',
      {
        env: {
          ASC_KEY_ID: 'AAA',
          APP_STORE_CONNECT_API_KEY_KEY_ID: 'BBB',
          APP_STORE_CONNECT_API_KEY_ISSUER_ID: ISSUER,
        },
      },
      { id: 'AAA < ASC_KEY_ID', warnings: ['fallback'] },
    ],
    [
      'a fallback that names a key comes before one that does not',
      {
        env: {
          ASC_ISSUER_ID: OTHER_ISSUER,
          APP_STORE_CONNECT_API_KEY_KEY_ID: 'BBB',
          APP_STORE_CONNECT_API_KEY_ISSUER_ID: ISSUER,
        },
      },
      {
        issuer: `${ISSUER} < APP_STORE_CONNECT_API_KEY_ISSUER_ID`,
        id: 'BBB < APP_STORE_CONNECT_API_KEY_KEY_ID',
        warnings: ['fallback'],
      },
    ],
    [
      'fastlane, key in base64',
      { env: { APP_STORE_CONNECT_API_KEY_KEY: DER, APP_STORE_CONNECT_API_KEY_IS_KEY_CONTENT_BASE64: 'true' } },
      { key: 'inline < APP_STORE_CONNECT_API_KEY_KEY', warnings: ['fallback'] },
    ],
    [
      'fastlane, key in a file',
      { env: { APP_STORE_CONNECT_API_KEY_KEY_FILEPATH: 'AuthKey_AAA.p8' } },
      {
        id: 'AAA < APP_STORE_CONNECT_API_KEY_KEY_FILEPATH',
        key: `${join(cwd, 'AuthKey_AAA.p8')} < APP_STORE_CONNECT_API_KEY_KEY_FILEPATH`,
        warnings: ['fallback'],
      },
    ],
    ['variables for the other API', { env: { ASC_STOREKIT_KEY_ID: 'AAA' } }, {}],
  ])('connect: %s', (_what, given, expected) => expect(summary('connect', given)).toEqual({ ...nothing, ...expected }));

  it('names the variables of a fallback', () => {
    const { warnings } = resolveWith('connect', { env: { ASC_KEY_ID: 'AAA', ASC_ISSUER_ID: ISSUER } });
    expect(warnings[0]?.message).toBe(
      'App Store Connect key: read from ASC_ISSUER_ID, ASC_KEY_ID, set for another tool; STOREWIRE_CONNECT_KEY_ID takes precedence',
    );
  });

  it('does not show an inline key when its settings are printed', () => {
    expect(JSON.stringify(resolveWith('server', { env: { STOREWIRE_PRIVATE_KEY: DER } }))).not.toContain(
      DER.slice(8, 40),
    );
  });
});
