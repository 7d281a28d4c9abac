import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ToolError } from '../errors.js';
import { readSmallFile, SmallFileError } from '../files/small-file.js';
import { otherContent } from './key-lookalikes.js';
import { describeKeyFile, describeMissingKey, type KeyPath, type KeySource, keyOfFileName } from './key-source.js';
import { describeDamage, readKeyText } from './key-text.js';

/** Apple's .p8 files have 257 bytes; a larger file is something else. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads a private key: PKCS#8 as Apple issues it, or the same key as SEC1; curve P-256. Throws `auth` errors that never repeat the key:
 * `ERR_KEY_MISSING` (no file), `ERR_KEY_UNREADABLE` (a folder, no permission), `ERR_KEY_FORMAT` (not an unencrypted private key; the
 * message names the format if it is recognised), `ERR_KEY_CURVE` (wrong key type); and `interrupted` when `signal` aborts.
 */
export async function readPrivateKey(source: KeySource, signal: AbortSignal): Promise<KeyObject> {
  const place = source.form === 'path' ? describeKeyFile(source) : 'the private key given as text';
  const pem =
    source.form === 'path' ? pemOf(await readKeyFile(source, signal), place, source.path) : source.pem.reveal();
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

async function readKeyFile(source: KeyPath, signal: AbortSignal): Promise<Buffer> {
  const { path, word } = source;
  const file = describeKeyFile(source);
  try {
    return await readSmallFile(path, signal, MAX_BYTES);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (error instanceof SmallFileError) throw otherFile(file, error.code);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') {
      const { name, hint = SOURCE_HINT } = describeMissingKey(source);
      throw keyError('MISSING', name, hint);
    }
    const shown = word === undefined ? path : 'that file';
    throw keyError('UNREADABLE', `${file} cannot be read (${code})`, `Allow access: chmod 600 ${shown}`);
  }
}

function otherFile(file: string, code: SmallFileError['code']): ToolError {
  if (code === 'TOO_LARGE') return formatError(file, `is larger than ${MAX_BYTES} bytes`, P8_HINT);
  return keyError('UNREADABLE', `${file} is a ${code === 'EISDIR' ? 'folder' : 'device or socket'}`, P8_HINT);
}

const SOURCE_HINT = '`storewire config` shows the source of the path.';

/** PEM of the key in a file, parsed like the value of a variable; throws an error that names any other recognised content. */
function pemOf(bytes: Buffer, place: string, path: string): string {
  const text = textOf(bytes);
  if (text === '') throw formatError(place, 'is empty', P8_HINT);
  const key = readKeyText(text);
  if (key !== null && 'pem' in key) return key.pem;
  if (key !== null) throw formatError(place, key.defect, P8_HINT);
  const other = otherContent(text);
  if (other !== null) throw formatError(place, `contains ${other.name}`, other.hint ?? P8_HINT);
  const despite = keyOfFileName(path) === null ? '' : ', despite its name';
  throw formatError(place, `contains no private key${despite}`, P8_HINT);
}

const DER_SEQUENCE = 0x30;

/** DER as base64; text in UTF-8, or in UTF-16 as PowerShell writes it. */
function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le').replace('\uFEFF', '').trim();
  const isBinary = bytes[0] === DER_SEQUENCE && bytes.subarray(0, 16).some((byte) => byte < 0x09 || byte > 0x7e);
  return isBinary ? bytes.toString('base64') : bytes.toString('utf8').trim();
}

/** OpenSSL's message is kept as the cause only, since it does not help users. */
function parseKey(pem: string, place: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch (cause) {
    throw formatError(place, `contains ${describeDamage(pem)}`, P8_HINT, cause);
  }
}

function formatError(place: string, defect: string, hint: string, cause?: unknown): ToolError {
  return keyError('FORMAT', `${place} ${defect}`, hint, cause);
}

function keyError(defect: string, message: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('auth', `ERR_KEY_${defect}`, message, { hint, cause });
}
