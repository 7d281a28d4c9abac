/** A JSON value; integers beyond 2^53 are bigint. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** A JSON object whose fields may hold anything. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Maximum nesting depth: Apple's payloads use five levels. */
export const MAX_NESTING = 64;

/** Thrown by {@link parseJson}, before parsing, for objects and arrays nested deeper than {@link MAX_NESTING}. */
export class NestingError extends SyntaxError {
  constructor() {
    super(`nested deeper than ${MAX_NESTING} levels`);
  }
}

/**
 * Parses JSON. Integers that a double cannot represent exactly become bigint, so no digit is lost.
 * Throws SyntaxError on malformed JSON, and {@link NestingError} before parsing on nesting beyond {@link MAX_NESTING}.
 */
export function parseJson(text: string): Json {
  if (nestsTooDeep(text)) throw new NestingError();
  return parseOwnJson(text);
}

/** {@link parseJson} for text that this tool wrote: of any depth. */
export function parseOwnJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  return hasUnsafeInteger(value) ? parseLossless(text) : value;
}

/** {@link parseJson}; undefined for text that is malformed or nested too deeply. */
export function tryParseJson(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Parses UTF-8 bytes as a JSON object; null for anything else, such as the HTML page of a proxy. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | null {
  const value = tryParseJson(Buffer.from(bytes).toString('utf8'));
  return value !== undefined && isJsonObject(value) ? value : null;
}

/** Serialises a value as JSON on one line, bigint as plain digits. Omits `undefined` fields, like JSON.stringify. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!containsBigint(value)) throw error;
    return stringifyWithBigints(value, BIGINT_MARK);
  }
}

/**
 * A value in words: text, numbers, booleans and null as they are, anything else by its type. Values of tokens and peers are never
 * converted with String(), which throws for `{"toString":1}`.
 */
export function describeJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return `${value}`;
    case 'undefined':
      return 'nothing';
    default:
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const LONG_INTEGER = /^-?\d{16,}$/;

/** U+FDD0 is a noncharacter, not used in text; if a string contains it anyway, the mark is lengthened until it is unique. */
const BIGINT_MARK = '\uFDD0';

/** Parses twice: once to reject malformed JSON, once with long integers passed through as marked strings. */
function parseLossless(text: string): Json {
  let mark = BIGINT_MARK;
  JSON.parse(text, (_key, value) => {
    while (typeof value === 'string' && value.startsWith(mark)) mark += BIGINT_MARK;
    return value;
  });
  const marked = text.replace(STRING_OR_NUMBER, (match) =>
    LONG_INTEGER.test(match) && !Number.isSafeInteger(Number(match)) ? `"${mark}${match}"` : match,
  );
  return JSON.parse(marked, (_key, value) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

function stringifyWithBigints(value: unknown, mark: string): string {
  let clash = false;
  const text = JSON.stringify(value, (_key, inner) => {
    if (typeof inner === 'bigint') return `${mark}${inner}`;
    if (typeof inner === 'string' && inner.includes(mark)) clash = true;
    return inner;
  });
  return clash
    ? stringifyWithBigints(value, mark + BIGINT_MARK)
    : text.replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}

/** True if the value contains an integer that a double may have changed, which requires 16 digits or more. */
function hasUnsafeInteger(value: Json | undefined): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return false;
  for (const key in value) if (hasUnsafeInteger((value as JsonObject)[key])) return true;
  return false;
}

function containsBigint(value: unknown): boolean {
  if (typeof value === 'bigint') return true;
  if (typeof value !== 'object' || value === null) return false;
  for (const key in value) if (containsBigint((value as Record<string, unknown>)[key])) return true;
  return false;
}

/** True if brackets outside strings nest deeper than {@link MAX_NESTING}; a text with few brackets needs no scan. */
export function nestsTooDeep(text: string): boolean {
  if (countUpTo(text, '{', MAX_NESTING) + countUpTo(text, '[', MAX_NESTING) <= MAX_NESTING) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x22) {
      at = endOfString(text, at);
    } else if (character === 0x7b || character === 0x5b) {
      depth += 1;
      if (depth > MAX_NESTING) return true;
    } else if (character === 0x7d || character === 0x5d) {
      depth -= 1;
    }
  }
  return false;
}

function countUpTo(text: string, character: string, limit: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1 && count <= limit; at = text.indexOf(character, at + 1)) count += 1;
  return count;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x5c) at += 1;
    else if (character === 0x22) return at;
  }
  return text.length;
}
