import { delimiter, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/jws/json.js';
import { parseBaseAddress } from '../../../src/settings/base-address.js';
import { parseIssuerId, parseKeyId } from '../../../src/settings/key-ids.js';
import {
  parseAppAppleId,
  parseBundleId,
  parseEnvironmentSetting,
  parseProfileName,
  parseRootPaths,
} from '../../../src/settings/parse.js';
import { parseCommand, parseEndpointPath, parsePort, parseStrings } from '../../../src/settings/parse-listen.js';
import type { Source, Sourced } from '../../../src/settings/setting.js';

const VARIABLE: Source = { kind: 'environment', name: 'THE_VARIABLE' };
const FILE: Source = { kind: 'user file', name: '/home/me/config.json' };
const UUID = '57246542-96fe-1a63-e053-0824d011072a';
const folder = resolve('/work');

const parseTargets = (raw: Sourced<Json>) => parseStrings(raw, 'TARGETS');
const parseEvents = (raw: Sourced<Json>) => parseStrings(raw, 'EVENTS');
const parseExec = (raw: Sourced<Json>) => parseCommand(raw, 'EXEC');
const parseRootList = (raw: Sourced<Json>) => parseRootPaths(raw, folder, resolve('/home/me'));

describe('accepted values', () => {
  it.each<[(raw: Sourced<Json>) => unknown, Json, unknown]>([
    [parseEnvironmentSetting, 'sandbox', 'sandbox'],
    [parseEnvironmentSetting, 'Production', 'production'],
    [parseBundleId, ' com.example.My-App_1\n', 'com.example.My-App_1'],
    [parseAppAppleId, '1234567890', '1234567890'],
    [parseAppAppleId, 1234567890, '1234567890'],
    [parseAppAppleId, '9007199254740993', '9007199254740993'],
    [parseProfileName, 'my app', 'my app'],
    [parseIssuerId, `${UUID}\n`, UUID],
    [parseIssuerId, UUID.toUpperCase(), UUID.toUpperCase()],
    [parseKeyId, 'ABC123DEFG', 'ABC123DEFG'],
    [parseBaseAddress, 'http://localhost:4281/', 'http://localhost:4281'],
    [parseBaseAddress, 'https://EXAMPLE.com/base/', 'https://example.com/base'],
    [parsePort, 0, 0],
    [parsePort, 65_535, 65_535],
    [parseEndpointPath, '/', '/'],
    [parseEndpointPath, '/apple/v2', '/apple/v2'],
    [
      parseTargets,
      ['app=http://localhost:3000', ' http://localhost:4000 '],
      ['app=http://localhost:3000', 'http://localhost:4000'],
    ],
    [parseEvents, 'TEST,REFUND', ['TEST,REFUND']],
    [parseExec, 'node handle.js', 'node handle.js'],
    [parseRootList, ['a.pem', '~/b.der'], [join(folder, 'a.pem'), resolve('/home/me/b.der')]],
    [parseRootList, `a.pem${delimiter}b.pem${delimiter}`, [join(folder, 'a.pem'), join(folder, 'b.pem')]],
  ])('%o takes %j', (parse, value, parsed) => expect(parse({ value, source: VARIABLE })).toEqual(parsed));

  it('keeps the separator of PATH in a path that a file gives', () => {
    const value = `odd${delimiter}name.pem`;
    expect(parseRootList({ value, source: FILE })).toEqual([join(folder, value)]);
  });
});

describe('rejected values', () => {
  it.each<[(raw: Sourced<Json>) => unknown, string, readonly Json[]]>([
    [parseEnvironmentSetting, 'ENVIRONMENT', ['staging', '', true, ['sandbox']]],
    [parseBundleId, 'BUNDLE_ID', ['com example', 'com/example', '', 5, { id: 'x' }]],
    [parseAppAppleId, 'APP_APPLE_ID', ['id1234567890', '12 34', '-1', '0', 0, -1, 1.5, 2 ** 60, '']],
    [parseProfileName, 'PROFILE', ['  ', 3]],
    [parseIssuerId, 'ISSUER_ID', ['ABC123DEFG', `${UUID}0`, UUID.replaceAll('-', ''), '', 7]],
    [parseKeyId, 'KEY_ID', [UUID, 'ABC 123', 'a/b', '', 1234567890]],
    [
      parseBaseAddress,
      'BASE_ADDRESS',
      [
        'localhost:4281',
        'ftp://localhost',
        'https://u:p@example.com',
        'https://example.com/?a=1',
        'https://example.com/#a',
        'https://u@example.com',
        5,
      ],
    ],
    [parsePort, 'PORT', [-1, 65_536, 1.5, '4280', true]],
    [parseEndpointPath, 'PATH', ['apple', '/a b', '/a?b', '/a#b', '', 1]],
    [parseTargets, 'TARGETS', [[''], [5], {}, 5, [['x']]]],
    [parseEvents, 'EVENTS', ['', { TEST: true }]],
    [parseExec, 'EXEC', ['', ['node'], true]],
    [parseRootList, 'ROOT', ['', [], [''], [5], {}]],
  ])('%o refuses', (parse, code, values) => {
    for (const value of values) {
      const expected = {
        kind: 'usage',
        code: `ERR_SETTINGS_${code}`,
        message: expect.stringMatching(/^THE_VARIABLE must be /),
      };
      expect(() => parse({ value, source: VARIABLE }), JSON.stringify(value)).toThrow(
        expect.objectContaining(expected),
      );
    }
  });

  it('names file and field', () => {
    expect(() => parseEnvironmentSetting({ value: 'staging', source: FILE })).toThrow(
      '"environment" in the user file /home/me/config.json must be sandbox or production, not "staging"',
    );
  });

  it.each<[(raw: Sourced<Json>) => unknown, string, Json, string]>([
    [parseBundleId, 'must be a bundle id, for example com.example.app, not a list', ['com.example.app'], 'bundleId'],
    [parseBundleId, 'must be a bundle id, for example com.example.app, not ""', '', 'bundleId'],
    [parseRootList, 'must be the path of a certificate file, or a list of paths, not ""', [''], 'root'],
  ])('%o of a file says %s, without the hint for a flag', (parse, rule, value, field) => {
    const source = { kind: 'project file', name: '/app/.storewire.json' } as const;
    const error = catchError(() => parse({ value, source }));
    expect(error).toMatchObject({
      message: `"${field}" in the project file /app/.storewire.json ${rule}`,
      hint: undefined,
    });
  });

  it('shows the start of a long value', () => {
    expect(() => parseBundleId({ value: '!'.repeat(500), source: VARIABLE })).toThrow(`not "${'!'.repeat(60)}…"`);
  });

  it.each([
    ['issuer id', parseIssuerId],
    ['key id', parseKeyId],
    ['base address', parseBaseAddress],
    ['program', parseExec],
  ])('never repeats the value given for an %s', (_what, parse) => {
    expect(() => parse({ value: ['MIGHTBEAKEY'], source: VARIABLE })).not.toThrow('MIGHTBEAKEY');
    expect(() => parse({ value: ['MIGHTBEAKEY'], source: VARIABLE })).toThrow('THE_VARIABLE');
  });
});

describe('an app Apple ID that is something else', () => {
  it.each([
    ['ABCDE12345.com.example.app', 'a team id, ABCDE12345, and a bundle id, com.example.app'],
    ['com.example.app', 'looks like a bundle id'],
    ['id1234567890', 'Leave out "id": 1234567890'],
    ['twelve', 'App Information'],
  ])('%s is named', (value, words) => {
    const source = { kind: 'flag', name: '--app-apple-id' } as const;
    expect(() => parseAppAppleId({ value, source })).toThrow(
      expect.objectContaining({ code: 'ERR_SETTINGS_APP_APPLE_ID', hint: expect.stringContaining(words) }),
    );
  });
});

describe('an id of a key that is something else', () => {
  it.each([
    [parseKeyId, '9f86d081884c7d659a2feaa0c55ad015', 'shared secret of verifyReceipt'],
    [parseKeyId, '57246542-96fe-1a63-e053-0824d011072a', 'looks like the issuer id'],
    [parseKeyId, 'AuthKey_ABC1234567.p8', 'the file, whose name contains the id'],
    [parseIssuerId, '2X9R4HXF34', 'a key id or team id'],
    [parseIssuerId, '-----BEGIN PRIVATE KEY-----', 'the private key itself'],
    [parseIssuerId, '9f86d081884c7d659a2feaa0c55ad015', 'a UUID without its hyphens'],
  ])('%o names %s and does not repeat it', (parse, value, words) => {
    const source = { kind: 'environment', name: 'X' } as const;
    const thrown = catchError(() => parse({ value, source }));
    expect(thrown.message).toContain(words);
    expect(thrown.message).not.toContain(value);
  });
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
