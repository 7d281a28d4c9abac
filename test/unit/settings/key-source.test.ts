import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyOfFileName, parseKeySource } from '../../../src/settings/key-source.js';

/** The shape of a P-256 key, and no key: 138 bytes that begin as DER does. */
const DER = Buffer.concat([Buffer.from([0x30, 0x81, 0x87]), Buffer.alloc(135, 0x5a)]);
const BODY = DER.toString('base64').match(/.{1,64}/g) ?? [];
const PEM = ['-----BEGIN PRIVATE KEY-----', ...BODY, '-----END PRIVATE KEY-----', ''].join('\n');
const SEC1 = PEM.replaceAll('PRIVATE KEY', 'EC PRIVATE KEY');

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
    ['key', join(folder, 'key')],
  ])('%s is a path', (value, path) => expect(parse(value)).toEqual({ form: 'path', path }));

  it.each([
    ['a cut PEM', PEM.slice(0, 100)],
    ['a certificate', PEM.replaceAll('PRIVATE KEY', 'CERTIFICATE')],
    ['an encrypted key', PEM.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY')],
    ['base64 of something else', Buffer.alloc(138, 0x5a).toString('base64')],
    ['base64 with a stray character', `${DER.toString('base64').slice(0, 150)}!`],
    ['blanks', '   '],
    ['two lines of words', 'one\ntwo'],
  ])('%s is refused and not repeated', (_what, value) => {
    const thrown = catchError(() => parse(value));
    expect(thrown).toMatchObject({ kind: 'usage', code: 'ERR_SETTINGS_PRIVATE_KEY' });
    expect(thrown.message).toMatch(/^STOREWIRE_PRIVATE_KEY must be/);
    if (value.trim() !== '') expect(JSON.stringify(thrown) + thrown.message).not.toContain(value.trim().slice(0, 24));
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
