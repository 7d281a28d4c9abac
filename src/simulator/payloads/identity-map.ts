import { isJsonObject, type Json, type JsonObject } from '../../jws/json.js';
import { digitsFrom, type Random, seededRandom, uuidFrom } from '../random.js';
import { replaceAcrossBreaks, withoutBreaks } from './broken-text.js';

/** Kinds of values that identify, as they are named to the user. */
export type IdentityKind =
  | 'transaction id'
  | 'order line item id'
  | 'app transaction id'
  | 'subscription group id'
  | 'account token'
  | 'notification UUID'
  | 'request id'
  | 'device or state token'
  | 'seat id'
  | 'external purchase id'
  | 'version id'
  | 'app Apple ID'
  | 'bundle id'
  | 'id of an unknown field';

export interface IdentityOptions {
  readonly secret: string;
  readonly bundleId: string;
  readonly appAppleId: number;
}

/** Replacements of identifying values, each derived from the value and a secret. */
export interface IdentityMap {
  readonly add: (kind: IdentityKind, value: string | number | bigint) => void;
  /** A copy with every value that was added replaced, in names, numbers and text. */
  readonly replace: (payload: JsonObject) => JsonObject;
  readonly counts: () => Readonly<Record<string, number>>;
}

/**
 * Shorter values are replaced as a whole text only: inside of other text, and as numbers, they would hit anything, as the app Apple ID 0 of a
 * sandbox would hit a price.
 */
const SHORTEST_IN_TEXT = 6;

/** Creates an empty map. Values that differ in letter case alone have one replacement. */
export function createIdentityMap(options: IdentityOptions): IdentityMap {
  const kinds = new Map<string, IdentityKind>();
  const replacements = new Map<string, string>();
  const counts = new Map<string, number>();
  const put = (value: string, replacement: string): void => void replacements.set(value.toLowerCase(), replacement);
  let patterns: readonly RegExp[] | null = null;
  const add: IdentityMap['add'] = (kind, value) => {
    const text = `${value}`;
    if (typeof value !== 'string' && text.length < SHORTEST_IN_TEXT) return;
    const key = text.toLowerCase();
    if (kinds.has(key)) return;
    kinds.set(key, kind);
    const count = counts.get(kind) ?? 0;
    const replacement = replacementOf(kind, text, { ...options, count });
    if (replacement.toLowerCase() === key) return;
    counts.set(kind, count + 1);
    put(text, replacement);
    if (UUID.test(text)) put(text.replaceAll('-', ''), replacement.replaceAll('-', ''));
    if (kind === 'bundle id') putVendor(text, replacement, put, replacements);
    patterns = null;
  };
  const inText = (text: string): string => {
    const whole = replacements.get(text.toLowerCase()) ?? replacements.get(withoutBreaks(text).toLowerCase());
    if (whole !== undefined) return whole;
    // What looks like an id goes last: such a run may reach into one that is known, and leave half of it.
    patterns ??= [false, true].map((isGuess) =>
      patternOf([...replacements.keys()].filter((key) => (kinds.get(key) === 'id of an unknown field') === isGuess)),
    );
    return patterns.reduce(
      (kept, pattern) => replaceAcrossBreaks(kept, pattern, (found) => replacements.get(found.toLowerCase()) ?? found),
      text,
    );
  };
  const replace = (value: Json | undefined): Json | undefined => {
    if (typeof value === 'string') return inText(value);
    if (typeof value === 'number' || typeof value === 'bigint') return inNumber(value, replacements);
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => replace(item) as Json);
    return isJsonObject(value) ? replaceObject(value) : value;
  };
  const replaceObject = (payload: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(payload).map(([name, value]) => [inName(name), replace(value)]));
  const inName = (name: string): string => (name.length < SHORTEST_IN_TEXT ? name : inText(name));
  return { add, replace: replaceObject, counts: () => Object.fromEntries(counts) };
}

function inNumber(value: number | bigint, replacements: ReadonlyMap<string, string>): number | bigint {
  const text = `${value}`;
  const found = text.length < SHORTEST_IN_TEXT ? undefined : replacements.get(text);
  if (found === undefined || !/^\d+$/.test(found)) return value;
  return Number.isSafeInteger(Number(found)) ? Number(found) : BigInt(found);
}

/** Longest first, so that no value hides a longer one. Matches nothing where there is nothing to replace. */
function patternOf(values: readonly string[]): RegExp {
  const words = values.filter((value) => value.length >= SHORTEST_IN_TEXT).sort((a, b) => b.length - a.length);
  return new RegExp(words.length === 0 ? '(?!)' : words.map(escapePattern).join('|'), 'gi');
}

const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Product ids often begin with the reversed domain of the developer alone: `com.acme` of `com.acme.app`. */
function putVendor(
  bundleId: string,
  replacement: string,
  put: (value: string, replacement: string) => void,
  known: ReadonlyMap<string, string>,
): void {
  const vendor = vendorOf(bundleId);
  const other = vendorOf(replacement);
  if (vendor === null || other === null || vendor === other || known.has(vendor.toLowerCase())) return;
  put(`${vendor}.`, `${other}.`);
}

function vendorOf(bundleId: string): string | null {
  const labels = bundleId.split('.');
  return labels.length >= 3 ? labels.slice(0, 2).join('.') : null;
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

const DIGITS = /^\d+$/;

const SANDBOX_TOKEN = /^SANDBOX_?/i;

interface ReplacementOptions extends IdentityOptions {
  /** Values of this kind before this one. */
  readonly count: number;
}

function replacementOf(
  kind: IdentityKind,
  text: string,
  { secret, bundleId, appAppleId, count }: ReplacementOptions,
): string {
  if (kind === 'bundle id') return count === 0 ? bundleId : `${bundleId}${count + 1}`;
  if (kind === 'app Apple ID' && count === 0) return `${appAppleId}`;
  const random = seededRandom(`scrub:${secret}:${text.toLowerCase()}`);
  const mark = SANDBOX_TOKEN.exec(text)?.[0] ?? '';
  return mark + sameShape(text.slice(mark.length), random);
}

/** Prefixes that every id of a kind has, and that do not identify it. */
const PUBLIC_BEGINNINGS = ['2000000', '70'];

function sameShape(text: string, random: Random): string {
  if (UUID.test(text)) return matchCase(text, uuidFrom(random));
  if (DIGITS.test(text)) return digitsLike(text, random);
  const bytes = Buffer.from(random(Math.max(6, Math.ceil((text.length * 3) / 4))));
  return bytes.toString('base64url').slice(0, Math.max(8, text.length));
}

function digitsLike(text: string, random: Random): string {
  const beginning = PUBLIC_BEGINNINGS.find((known) => text.length > known.length + 6 && text.startsWith(known)) ?? '5';
  for (;;) {
    const digits = beginning + digitsFrom(random, Math.max(4, text.length - beginning.length));
    if (digits !== text) return digits;
  }
}

function matchCase(text: string, uuid: string): string {
  return text === text.toUpperCase() ? uuid.toUpperCase() : uuid;
}
