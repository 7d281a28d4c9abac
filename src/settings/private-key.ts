import { createPrivateKey, type KeyObject } from 'node:crypto';
import { promises as files } from 'node:fs';
import { basename } from 'node:path';
import { ToolError } from '../errors.js';
import { type KeySource, keyOfFileName, parseKeySource } from './key-source.js';

/** Apple's .p8 files have 257 bytes; a larger file is something else. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads a private key in the form Apple issues: PKCS#8, curve P-256. Throws `auth` errors that never repeat the key:
 * `ERR_KEY_MISSING` (no file), `ERR_KEY_UNREADABLE` (a folder, no permission), `ERR_KEY_FORMAT` (not a PKCS#8 private key; the message
 * names the format if it is recognised), `ERR_KEY_CURVE` (wrong key type).
 */
export async function readPrivateKey(source: KeySource): Promise<KeyObject> {
  const place = source.form === 'path' ? `the key file ${source.path}` : 'the private key given as text';
  const pem = source.form === 'path' ? pemOf(await readKeyFile(source.path), place, source.path) : source.pem.reveal();
  if (pem.includes('BEGIN EC PRIVATE KEY')) throw formatError(place, 'contains a SEC1 key, not PKCS#8', SEC1_HINT);
  const key = parseKey(pem, place);
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return key;
  const kind = [key.asymmetricKeyType, namedCurve].filter((part) => part !== undefined).join(' ');
  throw keyError(
    'CURVE',
    `${place} contains a key of the wrong type (${kind}): Apple's keys are EC keys on the curve P-256`,
    P8_HINT,
  );
}

const P8_HINT =
  'Use the .p8 file downloaded from App Store Connect: Users and Access, Integrations. It can be downloaded only once.';

const SEC1_HINT = 'Convert it: openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.p8';

async function readKeyFile(path: string): Promise<string> {
  try {
    const stats = await files.stat(path);
    if (stats.isDirectory()) throw keyError('UNREADABLE', `the key file ${path} is a folder`, P8_HINT);
    if (stats.size > MAX_BYTES) throw formatError(`the key file ${path}`, `is larger than ${MAX_BYTES} bytes`, P8_HINT);
    return await files.readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof ToolError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw keyError('MISSING', `the key file ${path} does not exist`, SOURCE_HINT);
    throw keyError('UNREADABLE', `the key file ${path} cannot be read (${code})`, `Allow access: chmod 600 ${path}`);
  }
}

const SOURCE_HINT = '`storewire config` shows the source of the path.';

/** Normalises the PEM as for a variable; throws an error that names any other recognised content. */
function pemOf(text: string, place: string, path: string): string {
  const other = OTHER_FORMATS.find(({ sign }) => sign.test(text));
  if (other !== undefined) throw formatError(place, `contains ${other.name}`, other.hint ?? P8_HINT);
  if (text.trim() === '') throw formatError(place, 'is empty', P8_HINT);
  const source = parseAsSource(text, path);
  if (source?.form === 'inline') return source.pem.reveal();
  throw formatError(
    place,
    `contains no private key${keyOfFileName(path) === null ? '' : ', despite its name'}`,
    P8_HINT,
  );
}

const OTHER_FORMATS: readonly { readonly sign: RegExp; readonly name: string; readonly hint?: string }[] = [
  {
    sign: /-----BEGIN ENCRYPTED PRIVATE KEY-----/,
    name: 'an encrypted key',
    hint: "Apple's keys have no passphrase. Remove it: openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.p8",
  },
  { sign: /-----BEGIN PUBLIC KEY-----/, name: 'a public key; the private key is required' },
  { sign: /-----BEGIN CERTIFICATE(?: REQUEST)?-----/, name: 'a certificate, not a private key' },
  { sign: /-----BEGIN RSA PRIVATE KEY-----/, name: "an RSA key; Apple's keys are EC keys on the curve P-256" },
  { sign: /-----BEGIN OPENSSH PRIVATE KEY-----/, name: 'an SSH key' },
];

function parseAsSource(text: string, path: string): KeySource | null {
  try {
    return parseKeySource({ value: text, source: { kind: 'user file', name: basename(path) } }, '/', null);
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}

/** OpenSSL's message is kept as the cause only, since it does not help users. */
function parseKey(pem: string, place: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch (cause) {
    throw formatError(place, 'contains a damaged private key', P8_HINT, cause);
  }
}

function formatError(place: string, defect: string, hint: string, cause?: unknown): ToolError {
  return keyError('FORMAT', `${place} ${defect}`, hint, cause);
}

function keyError(defect: string, message: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('auth', `ERR_KEY_${defect}`, message, { hint, cause });
}
