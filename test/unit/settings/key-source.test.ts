import { generateKeyPairSync } from 'node:crypto';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  describeKeyFile,
  describeMissingKey,
  keyOfFileName,
  parseKeySource,
} from '../../../src/settings/key-source.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const DER = privateKey.export({ type: 'pkcs8', format: 'der' });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const SEC1 = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
const PUBLIC = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const [BEGIN = '', ...LINES] = PEM.trim().split('\n');
const BODY = LINES.slice(0, -1);
const END = LINES.at(-1) ?? '';

const source = { kind: 'environment', name: 'STOREWIRE_PRIVATE_KEY' } as const;
const folder = resolve('/work');
const home = resolve('/home/me');
const parse = (value: string) => parseKeySource({ value, source }, folder, home);

describe('parseKeySource', () => {
  it.each([
    ['a PEM', PEM, PEM],
    ['a PEM with CRLF', PEM.replaceAll('\n', '\r\n'), PEM],
    ['a PEM with \\n escapes', PEM.replaceAll('\n', '\\n'), PEM],
    ['a PEM with \\r\\n escapes', PEM.replaceAll('\n', '\\r\\n'), PEM],
    ['a PEM whose line ends became blanks', PEM.replaceAll('\n', ' '), PEM],
    ['a PEM on one line without blanks', PEM.replaceAll('\n', ''), PEM],
    ['a PEM with words around it', `Bag Attributes\n${PEM}\nend`, PEM],
    ['a SEC1 PEM', SEC1, SEC1],
    ['a PEM with line breaks escaped twice', PEM.replaceAll('\n', '\\\\n'), PEM],
    ['a PEM with \\r\\n escaped twice', PEM.replaceAll('\n', '\\\\r\\\\n'), PEM],
    ['a PEM in quotes', `"${PEM.replaceAll('\n', '\\n')}"`, PEM],
    ['a PEM with continued lines', PEM.replaceAll('\n', ' \\\n'), PEM],
    [
      'a PEM as string literals',
      PEM.split('\n')
        .map((line) => `"${line}",`)
        .join('\n'),
      PEM,
    ],
    ['a PEM without its END line', [BEGIN, ...BODY].join('\n'), PEM],
    ['a PEM without its BEGIN line', [...BODY, END].join('\n'), PEM],
    ['a PEM with a short END line', PEM.trim().slice(0, -1), PEM],
    ['a PEM with half an END line', [BEGIN, ...BODY, '-----END PRIV'].join('\n'), PEM],
    ['a PEM with a short BEGIN line', PEM.slice(1), PEM],
    ['a PEM whose dashes became typographic', PEM.replaceAll('-----', '\u2014\u2014\u2013'), PEM],
    ['a PEM without any blank', PEM.replace(/\s+/g, ''), PEM],
    ['a PEM in JSON', JSON.stringify({ key_id: 'ABC', key: PEM }), PEM],
    [
      'a SEC1 PEM with its parameters',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${SEC1}`,
      SEC1,
    ],
    ['a SEC1 key under the label of PKCS#8', SEC1.replaceAll('EC PRIVATE', 'PRIVATE'), SEC1],
    ['base64 of DER in SEC1', SEC1.split('\n').slice(1, -2).join(''), SEC1],
    ['base64 of a PEM', Buffer.from(PEM).toString('base64'), PEM],
    ['base64 of a PEM, wrapped', Buffer.from(PEM).toString('base64').replace(/.{76}/g, '$&\n'), PEM],
    ['base64url of a PEM', Buffer.from(PEM).toString('base64url'), PEM],
    ['base64 of DER', DER.toString('base64'), PEM],
  ])('%s is an inline key', (_what, value, pem) => {
    const key = parse(value);
    expect(key.form === 'inline' && key.pem.reveal()).toBe(pem);
  });

  it.each([
    ['/keys/SubscriptionKey_ABC.p8', resolve('/keys/SubscriptionKey_ABC.p8')],
    ['keys/AuthKey_ABC.p8', join(folder, 'keys/AuthKey_ABC.p8')],
    ['~/AuthKey_ABC.p8', join(home, 'AuthKey_ABC.p8')],
    [`${'deep/'.repeat(40)}key.p8`, join(folder, 'deep/'.repeat(40), 'key.p8')],
    ['C:\\keys\\mine', resolve(folder, 'C:\\keys\\mine')],
    ['./mine', join(folder, 'mine')],
    ['mine.pem', join(folder, 'mine.pem')],
  ])('%s is a path', (value, path) => expect(parse(value)).toEqual({ form: 'path', path }));

  it.each<[string, string, RegExp]>([
    ['a PEM that was cut short', PEM.slice(0, 100), /truncated private key \(\d+ of 138 bytes\)/],
    ['the beginning of base64', DER.toString('base64').slice(0, 40), /truncated private key \(30 of 138 bytes\)/],
    ['the first line of a PEM', BEGIN, /only the first line.*line breaks were lost/],
    ['a certificate', `-----BEGIN CERTIFICATE-----\n${BODY.join('\n')}\n-----END CERTIFICATE-----`, /a certificate/],
    ['a signing request', PEM.replaceAll('PRIVATE KEY', 'CERTIFICATE REQUEST'), /certificate signing request/],
    ['a public key', PUBLIC, /a public key/],
    ['base64 of a public key', PUBLIC.split('\n').slice(1, -2).join(''), /a public key/],
    ['an encrypted key', PEM.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'), /an encrypted key/],
    ['an RSA key', PEM.replaceAll('PRIVATE KEY', 'RSA PRIVATE KEY'), /an RSA key/],
    ['an SSH key', PEM.replaceAll('PRIVATE KEY', 'OPENSSH PRIVATE KEY'), /an SSH key/],
    ['parameters alone', PEM.replaceAll('PRIVATE KEY', 'EC PARAMETERS'), /PEM block of type EC PARAMETERS/],
    ['a .p12 file', Buffer.from(`3082030a020103${'00'.repeat(60)}`, 'hex').toString('base64'), /a \.p12 file/],
    [
      'a provisioning profile',
      Buffer.from(`3082030a06092a864886f70d010702${'00'.repeat(60)}`, 'hex').toString('base64'),
      /\.mobileprovision/,
    ],
    ['a JWT', `eyJhbGciOiJFUzI1NiJ9.${'eyJpc3MiOiJ4In0'.repeat(4)}.${'c2ln'.repeat(20)}`, /looks like a JWT/],
    ['a page', '<!doctype html><title>Sign in</title>', /a page/],
    ['a variable that was not expanded', '$(cat AuthKey_ABC.p8)', /not replaced by its value/],
    ['a masked value', '***', /masked value/],
    ['base64 of something else', Buffer.alloc(138, 0x5a).toString('base64'), /must be the path/],
    ['base64 with a stray character', `${DER.toString('base64').slice(0, 150)}!`, /must be the path/],
    ['blanks', '   ', /must be the path/],
    ['two lines of words', 'one\ntwo', /must be the path/],
  ])('%s is refused, named and not repeated', (_what, value, words) => {
    const thrown = catchError(() => parse(value));
    expect(thrown).toMatchObject({ kind: 'usage', code: 'ERR_SETTINGS_PRIVATE_KEY' });
    expect(thrown.message).toMatch(/^STOREWIRE_PRIVATE_KEY /);
    expect(thrown.message).toMatch(words);
    if (value.trim() !== '') expect(JSON.stringify(thrown) + thrown.message).not.toContain(value.trim().slice(0, 24));
  });

  it.each<[string, string, RegExp | null]>([
    [
      'a shared secret',
      '9f86d081884c7d659a2feaa0c55ad015',
      /^looks like the shared secret of verifyReceipt; the Server API needs a \.p8 key$/,
    ],
    ['an issuer id', '57246542-96fe-1a63-e053-0824d011072a', /issuer id/],
    ['a key id', '2X9R4HXF34', /key id/],
    ['an app Apple ID', '1234567890', /app Apple ID/],
    ['a bundle id', 'com.example.app', /bundle id/],
    ['an app-specific password', 'abcd-efgh-ijkl-mnop', /app-specific password/],
    ['any word', 'hunter2', null],
    ['a password with a dot', 'hunter.2', null],
    ['base64 with a slash', 'ab12CD34/ef56GH78+ij90KL=', null],
  ])('%s may be the name of a file, and is never shown', (_what, value, looksLike) => {
    const key = parse(value);
    expect(key).toMatchObject({ form: 'path', word: { holder: 'STOREWIRE_PRIVATE_KEY' } });
    if (key.form !== 'path') throw new Error('not a path');
    const told = describeMissingKey(key);
    expect(JSON.stringify(told) + describeKeyFile(key) + inspect(key.word)).not.toContain(value);
    if (looksLike === null) expect(key.word?.lookalike).toBeNull();
    else expect(key.word?.lookalike?.name).toMatch(looksLike);
  });

  it('names the API that needs the key', () => {
    const key = parseKeySource({ value: '9f86d081884c7d659a2feaa0c55ad015', source }, folder, home, 'connect');
    expect(key).toMatchObject({
      word: { lookalike: { name: expect.stringContaining('the App Store Connect API needs') } },
    });
  });

  it('refuses what is no text', () => {
    expect(() => parseKeySource({ value: 5, source }, folder, home)).toThrow('STOREWIRE_PRIVATE_KEY must be');
  });
});

describe('keyOfFileName', () => {
  it.each([
    ['/a/SubscriptionKey_ABC123DEFG.p8', { kind: 'server', keyId: 'ABC123DEFG' }],
    ['AuthKey_ABC123DEFG.p8', { kind: 'connect', keyId: 'ABC123DEFG' }],
    ['AuthKey_ABC123DEFG (1).p8', { kind: 'connect', keyId: 'ABC123DEFG' }],
    ['AuthKey_ABC123DEFG.pem', null],
    ['AuthKey_.p8', null],
    ['MyAuthKey_ABC.p8', null],
    ['key.p8', null],
  ])('%s', (path, key) => expect(keyOfFileName(path)).toEqual(key));
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
