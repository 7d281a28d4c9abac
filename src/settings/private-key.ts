import { createPrivateKey, type KeyObject } from 'node:crypto';
import { promises as files } from 'node:fs';
import { basename } from 'node:path';
import { ToolError } from '../errors.js';
import { type KeySource, keyOfFileName, parseKeySource } from './key-source.js';

/** A .p8 from Apple has 257 bytes; what is larger than this is another file. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads a private key as Apple gives it out: PKCS#8, on the curve P-256. Throws `auth` errors that never repeat the key:
 * `ERR_KEY_MISSING` (no file), `ERR_KEY_UNREADABLE` (a folder, no permission), `ERR_KEY_FORMAT` (no PKCS#8 private key; says what it is
 * where that can be told), `ERR_KEY_CURVE` (another kind of key).
 */
export async function readPrivateKey(source: KeySource): Promise<KeyObject> {
  const place = source.form === 'path' ? `the key file ${source.path}` : 'the private key given as text';
  const pem = source.form === 'path' ? pemOf(await readKeyFile(source.path), place, source.path) : source.pem.reveal();
  if (pem.includes('BEGIN EC PRIVATE KEY')) throw formatError(place, 'holds a SEC1 key, and not PKCS#8', SEC1_HINT);
  const key = parseKey(pem, place);
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return key;
  const kind = [key.asymmetricKeyType, namedCurve].filter((part) => part !== undefined).join(' ');
  throw keyError('CURVE', `${place} holds a key of another kind (${kind}): Apple's are EC on the curve P-256`, P8_HINT);
}

const P8_HINT =
  'Use the .p8 file as App Store Connect gave it: Users and Access, Integrations. It can be downloaded once.';

const SEC1_HINT = 'Turn it into one: openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.p8';

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
      throw keyError('MISSING', `the key file ${path} does not exist`, WHERE_HINT);
    throw keyError(
      'UNREADABLE',
      `the key file ${path} cannot be read (${code})`,
      `Give yourself the right: chmod 600 ${path}`,
    );
  }
}

const WHERE_HINT = '`storewire config` shows where the path comes from.';

/** Line ends and base64 are mended as in a variable; what is no private key at all is named. */
function pemOf(text: string, place: string, path: string): string {
  const other = OTHERS.find(({ sign }) => sign.test(text));
  if (other !== undefined) throw formatError(place, `holds ${other.name}`, other.hint ?? P8_HINT);
  if (text.trim() === '') throw formatError(place, 'is empty', P8_HINT);
  const source = parseAsSource(text, path);
  if (source?.form === 'inline') return source.pem.reveal();
  throw formatError(place, `holds no private key${keyOfFileName(path) === null ? '' : ', whatever its name'}`, P8_HINT);
}

const OTHERS: readonly { readonly sign: RegExp; readonly name: string; readonly hint?: string }[] = [
  {
    sign: /-----BEGIN ENCRYPTED PRIVATE KEY-----/,
    name: 'a key with a passphrase',
    hint: "Apple's have none. Take it off: openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.p8",
  },
  { sign: /-----BEGIN PUBLIC KEY-----/, name: 'a public key; the private one is needed' },
  { sign: /-----BEGIN CERTIFICATE(?: REQUEST)?-----/, name: 'a certificate, and no private key' },
  { sign: /-----BEGIN RSA PRIVATE KEY-----/, name: "an RSA key; Apple's are EC on the curve P-256" },
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

/** OpenSSL's reason is kept as cause only: it says nothing to people. */
function parseKey(pem: string, place: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch (cause) {
    throw formatError(place, 'holds a damaged private key', P8_HINT, cause);
  }
}

function formatError(place: string, defect: string, hint: string, cause?: unknown): ToolError {
  return keyError('FORMAT', `${place} ${defect}`, hint, cause);
}

function keyError(defect: string, message: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('auth', `ERR_KEY_${defect}`, message, { hint, cause });
}
