import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, promises as files, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { type KeySource, Secret } from '../../../src/settings/key-source.js';
import { readPrivateKey as readKey } from '../../../src/settings/private-key.js';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const PUBLIC = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const SEC1 = key.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
const ENCRYPTED = key.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const RSA = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ED = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'storewire-key-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string | Buffer, name = 'SubscriptionKey_ABC1234567.p8') {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return { form: 'path', path } as const;
}

const readPrivateKey = (source: KeySource) => readKey(source, new AbortController().signal);

const isSameKey = (text: string) => text === PUBLIC;
const publicOf = (private_: Awaited<ReturnType<typeof readPrivateKey>>) =>
  createPublicKey(private_).export({ type: 'spki', format: 'pem' }).toString();

describe('readPrivateKey', () => {
  it.each([
    ['as Apple gives it', PEM],
    ['with Windows line ends', PEM.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${PEM}`],
    ['without its last line end', PEM.trimEnd()],
    ['on one line', PEM.replaceAll('\n', '\\n')],
    ['in base64', Buffer.from(PEM).toString('base64')],
    ['as SEC1', SEC1],
    ['as DER', key.privateKey.export({ type: 'pkcs8', format: 'der' })],
    ['in UTF-16, as PowerShell writes it', Buffer.from(`\uFEFF${PEM}`, 'utf16le')],
    ['without its END line', PEM.slice(0, PEM.indexOf('-----END'))],
    ['with a damaged END line', PEM.replace('-----END PRIVATE KEY-----', '-----END PRIVATE KEY---')],
  ])('reads a file %s', async (_what, content) => {
    expect(isSameKey(publicOf(await readPrivateKey(file(content))))).toBe(true);
  });

  it('reads a key given as text', async () => {
    expect(isSameKey(publicOf(await readPrivateKey({ form: 'inline', pem: new Secret(PEM) })))).toBe(true);
  });

  it.each([
    ['nothing', '', 'ERR_KEY_FORMAT', 'is empty'],
    ['rubbish', 'hello', 'ERR_KEY_FORMAT', 'contains no private key, despite its name'],
    ['a page of HTML', `<!doctype html>${'<p>'.repeat(500)}`, 'ERR_KEY_FORMAT', 'contains a page'],
    ['bytes', Buffer.alloc(300, 0xff), 'ERR_KEY_FORMAT', 'contains no private key'],
    ['a public key', PUBLIC, 'ERR_KEY_FORMAT', 'a public key'],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'ERR_KEY_FORMAT',
      'a certificate, not a private key',
    ],
    ['a key with a passphrase', ENCRYPTED, 'ERR_KEY_FORMAT', 'an encrypted key'],
    [
      'a signing request',
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
      'ERR_KEY_FORMAT',
      'signing request',
    ],
    ['a .p12 file', Buffer.from(`3082030a020103${'00'.repeat(60)}`, 'hex'), 'ERR_KEY_FORMAT', 'a .p12 file'],
    ['an RSA key, PKCS#1', RSA.export({ type: 'pkcs1', format: 'pem' }), 'ERR_KEY_FORMAT', 'an RSA key'],
    ['an RSA key', RSA.export({ type: 'pkcs8', format: 'pem' }), 'ERR_KEY_CURVE', '(rsa)'],
    ['another curve', P384, 'ERR_KEY_CURVE', '(ec secp384r1)'],
    ['an Ed25519 key', ED, 'ERR_KEY_CURVE', '(ed25519)'],
    [
      'a key cut short',
      `${PEM.slice(0, 120)}\n-----END PRIVATE KEY-----\n`,
      'ERR_KEY_FORMAT',
      'a truncated private key',
    ],
    [
      'base64 cut short',
      PEM.split('\n').slice(1, 2).join(''),
      'ERR_KEY_FORMAT',
      'a truncated private key (48 of 138 bytes)',
    ],
    ['far too much', 'A'.repeat(70_000), 'ERR_KEY_FORMAT', 'larger than'],
  ])('refuses %s', async (_what, content, code, words) => {
    const error = await readPrivateKey(file(content)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ToolError);
    expect(error).toMatchObject({ kind: 'auth', code, message: expect.stringContaining(words) });
    expect((error as ToolError).message).toContain('SubscriptionKey_ABC1234567.p8');
    expect(`${(error as ToolError).message}${(error as ToolError).hint}`).not.toContain('MIG');
  });

  it('names a file that is not there, and a folder', async () => {
    await expect(readPrivateKey({ form: 'path', path: join(folder, 'none.p8') })).rejects.toMatchObject({
      kind: 'auth',
      code: 'ERR_KEY_MISSING',
    });
    mkdirSync(join(folder, 'sub'));
    await expect(readPrivateKey({ form: 'path', path: join(folder, 'sub') })).rejects.toMatchObject({
      code: 'ERR_KEY_UNREADABLE',
      message: expect.stringContaining('is a folder'),
    });
  });

  it.skipIf(process.platform === 'win32')('refuses a device, which may have no end', async () => {
    await expect(readPrivateKey({ form: 'path', path: '/dev/null' })).rejects.toMatchObject({
      code: 'ERR_KEY_UNREADABLE',
      message: expect.stringContaining('is a device or socket'),
    });
  });

  it.skipIf(process.platform === 'win32')('reads a pipe, up to its limit', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const read = (content: string) =>
      Promise.allSettled([readPrivateKey({ form: 'path', path: pipe }), files.writeFile(pipe, content)]);
    const [key] = await read(PEM);
    expect(key.status).toBe('fulfilled');
    const [large] = await read('A'.repeat(1_000_000));
    expect(large).toMatchObject({
      reason: { code: 'ERR_KEY_FORMAT', message: expect.stringContaining('larger than') },
    });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('names a file without permission', async () => {
    const source = file(PEM, 'closed.p8');
    chmodSync(source.path, 0);
    await expect(readPrivateKey(source)).rejects.toMatchObject({ code: 'ERR_KEY_UNREADABLE' });
  });

  it('does not repeat a damaged key given as text', async () => {
    const pem = new Secret('-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n-----END PRIVATE KEY-----\n');
    const error = (await readPrivateKey({ form: 'inline', pem }).catch((thrown: unknown) => thrown)) as ToolError;
    expect(error).toMatchObject({ code: 'ERR_KEY_FORMAT', message: expect.stringContaining('given as text') });
    expect(`${error.message}${error.hint}`).not.toContain('SECRET');
  });
});
