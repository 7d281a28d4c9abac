import { basename } from 'node:path';
import { inspect } from 'node:util';
import { displayUrl } from '../address/display.js';
import type { Json } from '../jws/json.js';
import { defect } from './parse.js';
import { resolvePath } from './paths.js';
import type { Sourced } from './setting.js';

/** The key that signs requests to the Server API ("In-App Purchase" key), or the one for the App Store Connect API. */
export type KeyKind = 'server' | 'connect';

/** Location of a private key: a file (absolute path), or inline text, kept as PEM. */
export type KeySource =
  | { readonly form: 'path'; readonly path: string }
  | { readonly form: 'inline'; readonly pem: Secret };

/**
 * Parses a private key setting: the path of a .p8 file, a PEM (line ends may be `\n` escapes or spaces), or base64 of a PEM or of
 * its DER. Throws `ERR_SETTINGS_PRIVATE_KEY` without repeating the value, which may be a damaged key. Does not check that the key is
 * valid or that the file exists.
 */
export function parseKeySource(raw: Sourced<Json>, folder: string, home: string | null): KeySource {
  const text = typeof raw.value === 'string' ? raw.value.trim() : '';
  const pem = text.includes('-----BEGIN') ? normalisePem(text) : pemOfBase64(text);
  if (pem !== null) return { form: 'inline', pem: new Secret(pem) };
  if (!isPathLike(text)) throw defect('PRIVATE_KEY', raw.source, PRIVATE_KEY_RULE, PRIVATE_KEY_HINT);
  return { form: 'path', path: resolvePath(text, folder, home) };
}

const PRIVATE_KEY_RULE = 'must be the path of a .p8 file, a PEM private key, or the base64 of a PEM or DER private key';

const PRIVATE_KEY_HINT = 'Use the path of the .p8 file downloaded from App Store Connect.';

/**
 * Kind and key id from the name of a file downloaded from App Store Connect: `SubscriptionKey_<id>.p8` for the Server API,
 * `AuthKey_<id>.p8` for App Store Connect. The ` (1)` that a browser adds to a second copy is ignored. Null for any other name.
 */
export function keyOfFileName(path: string): { readonly kind: KeyKind; readonly keyId: string } | null {
  const match = /^(SubscriptionKey|AuthKey)_([A-Za-z0-9]{1,32})(?: ?\(\d+\))?\.p8$/.exec(basename(path));
  return match === null ? null : { kind: match[1] === 'AuthKey' ? 'connect' : 'server', keyId: match[2] ?? '' };
}

/** Rewrites a PEM with lines of 64 characters, even if its line ends were lost; null if it is not an unencrypted private key. */
function normalisePem(text: string): string | null {
  const unescaped = text.replace(/\\r|\\n/g, '\n');
  const match = /-----BEGIN ((?:EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(unescaped);
  return match === null ? null : buildPem(match[1] ?? '', (match[2] ?? '').replace(/\s+/g, ''));
}

/** PEM from standard or URL-safe base64 of a PEM or of DER; null if the text is neither. */
function pemOfBase64(text: string): string | null {
  const base64 = text.replace(/\s+/g, '');
  if (base64.length < MIN_KEY_CHARACTERS || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.includes('-----BEGIN')) return normalisePem(bytes.toString('latin1'));
  return bytes[0] === DER_SEQUENCE ? buildPem('PRIVATE KEY', bytes.toString('base64')) : null;
}

/** A P-256 key in DER has at least 67 bytes, so a shorter text is a file name. */
const MIN_KEY_CHARACTERS = 64;

const DER_SEQUENCE = 0x30;

function buildPem(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** Paths are printed and keys are not, so a long text without a dot in its last part, which may be a damaged key, is not a path. */
function isPathLike(text: string): boolean {
  if (text === '' || text.length > 4096 || /[\0\r\n]|-----BEGIN/.test(text)) return false;
  return text.length < MIN_KEY_CHARACTERS || basename(text).includes('.');
}

/**
 * A string that cannot be printed by accident: JSON.stringify, template strings and util.inspect print {@link describeSecret} instead.
 * Only {@link Secret.reveal} returns the value.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return describeSecret(this.#text);
  }

  toJSON(): string {
    return describeSecret(this.#text);
  }

  [inspect.custom](): string {
    return describeSecret(this.#text);
  }
}

/** Description of a secret for printing: `set, 3 lines`, or `set, 40 characters` for a single line. */
export function describeSecret(text: string): string {
  const lines = text.trimEnd().split('\n').length;
  return lines > 1 ? `set, ${lines} lines` : `set, ${text.length} ${text.length === 1 ? 'character' : 'characters'}`;
}

/**
 * Redacts a forwarding target for printing: its name, its URL as {@link displayUrl} prints it (a RevenueCat or Qonversion URL contains
 * a key) and its filters. Any other part is described as a secret.
 */
export function describeTarget(target: string): string {
  const [first = '', ...filters] = target.trim().split(/\s+/);
  const name = /^[A-Za-z0-9._:-]+=/.exec(first)?.[0] ?? '';
  const address = first.slice(name.length);
  const shown = URL.canParse(address) ? displayUrl(address, 'host') : describeSecret(address);
  return [`${name}${shown}`, ...filters.map((word) => (FILTER.test(word) ? word : describeSecret(word)))].join(' ');
}

const FILTER = /^(?:events|deliver|bundle-id)=/;
