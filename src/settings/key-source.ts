import { basename } from 'node:path';
import { inspect } from 'node:util';
import { displayUrl } from '../address/display.js';
import type { Json } from '../jws/json.js';
import { defect } from './parse.js';
import { resolvePath } from './paths.js';
import type { Sourced } from './setting.js';

/** The key that signs requests to the Server API ("In-App Purchase" key), or the one for the App Store Connect API. */
export type KeyKind = 'server' | 'connect';

/** Where a private key is: in a file (absolute path), or given as text, kept as PEM. */
export type KeySource =
  | { readonly form: 'path'; readonly path: string }
  | { readonly form: 'inline'; readonly pem: Secret };

/**
 * A key as users have it: the path of a .p8 file, a PEM (line ends also as `\n` escapes or lost to blanks), or base64 of a PEM or of
 * the DER inside it. Throws `ERR_SETTINGS_PRIVATE_KEY`, never with the value: it may be a damaged key. Whether a key is good is
 * not looked at, nor whether its file exists.
 */
export function parseKeySource(raw: Sourced<Json>, folder: string, home: string | null): KeySource {
  const text = typeof raw.value === 'string' ? raw.value.trim() : '';
  const pem = text.includes('-----BEGIN') ? normalisePem(text) : pemOfBase64(text);
  if (pem !== null) return { form: 'inline', pem: new Secret(pem) };
  if (!isPathLike(text)) throw defect('PRIVATE_KEY', raw.source, PRIVATE_KEY_RULE, PRIVATE_KEY_HINT);
  return { form: 'path', path: resolvePath(text, folder, home) };
}

const PRIVATE_KEY_RULE =
  'must be the path of a .p8 file, a PEM private key, or one in base64; what it holds is none of these';

const PRIVATE_KEY_HINT = 'The easiest is the path of the .p8 file as App Store Connect gave it.';

/**
 * What a file from App Store Connect is called: `SubscriptionKey_<id>.p8` for the Server API, `AuthKey_<id>.p8` for App Store
 * Connect; ` (1)`, which a browser adds to a second copy, is looked through. Null for any other name.
 */
export function keyOfFileName(path: string): { readonly kind: KeyKind; readonly keyId: string } | null {
  const match = /^(SubscriptionKey|AuthKey)_([A-Za-z0-9]{1,32})(?: ?\(\d+\))?\.p8$/.exec(basename(path));
  return match === null ? null : { kind: match[1] === 'AuthKey' ? 'connect' : 'server', keyId: match[2] ?? '' };
}

/** A PEM with lines of 64 again, whatever became of its line ends; null where it is no plain private key. */
function normalisePem(text: string): string | null {
  const unescaped = text.replace(/\\r|\\n/g, '\n');
  const match = /-----BEGIN ((?:EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(unescaped);
  return match === null ? null : buildPem(match[1] ?? '', (match[2] ?? '').replace(/\s+/g, ''));
}

/** Standard or URL-safe base64 of a PEM or of DER; null where the text is neither. */
function pemOfBase64(text: string): string | null {
  const base64 = text.replace(/\s+/g, '');
  if (base64.length < MIN_KEY_CHARACTERS || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.includes('-----BEGIN')) return normalisePem(bytes.toString('latin1'));
  return bytes[0] === DER_SEQUENCE ? buildPem('PRIVATE KEY', bytes.toString('base64')) : null;
}

/** A P-256 key in DER has at least 67 bytes; fewer characters than this are a name. */
const MIN_KEY_CHARACTERS = 64;

const DER_SEQUENCE = 0x30;

function buildPem(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** A path is shown and a key is not, so what could be the remains of a key is no path: long, and without the dot of `.p8`. */
function isPathLike(text: string): boolean {
  if (text === '' || text.length > 4096 || /[\0\r\n]|-----BEGIN/.test(text)) return false;
  return text.length < MIN_KEY_CHARACTERS || basename(text).includes('.');
}

/**
 * Text that is never printed by accident: JSON.stringify, template strings and inspection show what {@link describeSecret}
 * says. Only {@link Secret.reveal} gives it.
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

/** All that is shown of a secret: `set, 3 lines`, or `set, 40 characters` for one line. */
export function describeSecret(text: string): string {
  const lines = text.trimEnd().split('\n').length;
  return lines > 1 ? `set, ${lines} lines` : `set, ${text.length} ${text.length === 1 ? 'character' : 'characters'}`;
}

/**
 * A forwarding target as it may be shown: its name, of its address what {@link displayUrl} shows of a host (those that RevenueCat and
 * Qonversion give are keys), its filters; what is none of these is not shown at all.
 */
export function describeTarget(target: string): string {
  const [first = '', ...filters] = target.trim().split(/\s+/);
  const name = /^[A-Za-z0-9._:-]+=/.exec(first)?.[0] ?? '';
  const address = first.slice(name.length);
  const shown = URL.canParse(address) ? displayUrl(address, 'host') : describeSecret(address);
  return [`${name}${shown}`, ...filters.map((word) => (FILTER.test(word) ? word : describeSecret(word)))].join(' ');
}

const FILTER = /^(?:events|deliver|bundle-id)=/;
