import { basename } from 'node:path';
import { inspect } from 'node:util';
import { displayUrl } from '../address/display.js';
import { isValidUrl } from '../address/valid-url.js';
import type { Json } from '../jws/json.js';
import { type Lookalike, otherContent, otherWord } from './key-lookalikes.js';
import { MIN_KEY_CHARACTERS, readKeyText } from './key-text.js';
import { defect, placeOf } from './parse.js';
import { resolvePath } from './paths.js';
import type { Sourced } from './setting.js';

/** The key that signs requests to the Server API ("In-App Purchase" key), or the one for the App Store Connect API. */
export type KeyKind = 'server' | 'connect';

/**
 * Location of a private key: a file (absolute path), or inline text, kept as PEM. `word`: the value does not look like a path, so it may
 * be a secret that was put in the wrong place; it counts as the name of a file in case there is one, and is never printed.
 */
export type KeySource = KeyPath | { readonly form: 'inline'; readonly pem: Secret };

export interface KeyPath {
  readonly form: 'path';
  readonly path: string;
  readonly word?: KeyWord;
}

export interface KeyWord {
  readonly value: Secret;
  /** Text for the variable or file that contains the value. */
  readonly holder: string;
  /** Recognised content; null if nothing is recognised. */
  readonly lookalike: Lookalike | null;
}

/**
 * Parses a private key setting: the path of a .p8 file, a PEM (its line breaks may be escaped or lost), or base64 of a PEM or of its DER.
 * Throws `ERR_SETTINGS_PRIVATE_KEY`, which names what else the value is and never repeats it. Does not check that the key is valid or that
 * the file exists.
 */
export function parseKeySource(
  raw: Sourced<Json>,
  folder: string,
  home: string | null,
  kind: KeyKind = 'server',
): KeySource {
  const text = typeof raw.value === 'string' ? raw.value.trim() : '';
  const key = readKeyText(text);
  if (key !== null && 'pem' in key) return { form: 'inline', pem: new Secret(key.pem) };
  if (key !== null) throw defect('PRIVATE_KEY', raw.source, key.defect, key.hint);
  const other = otherContent(text);
  if (other !== null) throw defect('PRIVATE_KEY', raw.source, `contains ${other.name}`, other.hint ?? PRIVATE_KEY_HINT);
  const path = resolvePath(text, folder, home);
  if (isPath(text)) return { form: 'path', path };
  const lookalike = otherWord(text, API_TITLES[kind]);
  if (isFileName(text))
    return {
      form: 'path',
      path,
      word: { value: new Secret(text), holder: placeOf('PRIVATE_KEY', raw.source), lookalike },
    };
  const rule = lookalike === null ? PRIVATE_KEY_RULE : `is neither a key nor a path: it ${lookalike.name}`;
  throw defect('PRIVATE_KEY', raw.source, rule, lookalike?.hint ?? PRIVATE_KEY_HINT);
}

const API_TITLES: Readonly<Record<KeyKind, string>> = {
  server: 'the Server API',
  connect: 'the App Store Connect API',
};

const PRIVATE_KEY_RULE = 'must be the path of a .p8 file, a PEM private key, or the base64 of a PEM or DER private key';

const PRIVATE_KEY_HINT = 'Use the path of the .p8 file downloaded from App Store Connect.';

/** Text for a key file in a message: with its path, unless the value may be a secret. */
export function describeKeyFile({ path, word }: KeyPath): string {
  return word === undefined ? `the key file ${path}` : `the key file that ${word.holder} names`;
}

/** Message for a missing key file, with the recognised content of the value. */
export function describeMissingKey(source: KeyPath): Lookalike {
  const { word } = source;
  if (word === undefined) return { name: `${describeKeyFile(source)} does not exist` };
  const { lookalike, holder } = word;
  const rest = lookalike === null ? 'its value is not shown' : `it ${lookalike.name}`;
  const hint = lookalike?.hint ?? PRIVATE_KEY_HINT;
  return { name: `${holder} is neither a private key nor the path of a file: ${rest}`, hint };
}

/**
 * Kind and key id from the name of a file downloaded from App Store Connect: `SubscriptionKey_<id>.p8` for the Server API,
 * `AuthKey_<id>.p8` for App Store Connect. The ` (1)` that a browser adds to a second copy is ignored. Null for any other name.
 */
export function keyOfFileName(path: string): { readonly kind: KeyKind; readonly keyId: string } | null {
  const match = /^(SubscriptionKey|AuthKey)_([A-Za-z0-9]{1,32})(?: ?\(\d+\))?\.p8$/.exec(basename(path));
  return match === null ? null : { kind: match[1] === 'AuthKey' ? 'connect' : 'server', keyId: match[2] ?? '' };
}

/**
 * True if a value may be printed as a path: it has a file extension of keys, or it has a path separator and contains nothing that
 * could be a secret.
 */
function isPath(text: string): boolean {
  if (!isOneLine(text)) return false;
  if (/\.(?:p8|pem|key|der|txt)$/i.test(text)) return true;
  return /[/\\]/.test(text) && !isRandom(text) && (text.length < MIN_KEY_CHARACTERS || basename(text).includes('.'));
}

/** True for a long run of letters and digits, or base64 that does not begin like a path: typical of a secret, not of a folder name. */
function isRandom(text: string): boolean {
  const isMixed = /\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
  return /[A-Za-z0-9+=]{32}/.test(text) || (isMixed && /^[A-Za-z0-9+][A-Za-z0-9+/=]{19,}$/.test(text));
}

/** True for a text shorter than a key, which may be the name of a file. */
function isFileName(text: string): boolean {
  return isOneLine(text) && text.length < MIN_KEY_CHARACTERS;
}

function isOneLine(text: string): boolean {
  return text !== '' && text.length <= 4096 && !/[\0\r\n]/.test(text);
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
  const shown = isValidUrl(address) ? displayUrl(address, 'host') : describeSecret(address);
  return [`${name}${shown}`, ...filters.map((word) => (FILTER.test(word) ? word : describeSecret(word)))].join(' ');
}

const FILTER = /^(?:events|deliver|bundle-id)=/;
