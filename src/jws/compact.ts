import { isAscii, isUtf8 } from 'node:buffer';
import { isJsonObject, type JsonObject, NestingError, parseJson } from './json.js';

/** The three base64url parts of a compact JWS (RFC 7515). */
interface CompactJws {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

type SplitResult = { readonly jws: CompactJws } | { readonly defect: string };

const PARTS = ['header', 'payload', 'signature'] as const;

/** Splits a token at its dots. `defect` describes a missing part; characters and encoding are not checked here. */
export function splitJws(text: string): SplitResult {
  const first = text.indexOf('.');
  if (first === -1) return { defect: describeSinglePart(text) };
  const second = text.indexOf('.', first + 1);
  if (second === -1)
    return { defect: `it ends inside the payload, after ${count(text.length)} characters: 2 of 3 parts` };
  if (text.indexOf('.', second + 1) !== -1) {
    return { defect: `it has ${text.split('.').length} parts joined by dots, a JWS has 3` };
  }
  const jws = {
    header: text.slice(0, first),
    payload: text.slice(first + 1, second),
    signature: text.slice(second + 1),
  };
  const empty = PARTS.find((part) => part !== 'signature' && jws[part] === '');
  return empty === undefined ? { jws } : { defect: `its ${empty} is empty` };
}

/**
 * Decodes strict base64url (RFC 4648 section 5): no padding, no other alphabet, no white space, unused bits zero, so that each value
 * has one encoding. Returns a description of the defect instead of throwing.
 */
export function parseBase64Url(text: string): Buffer | string {
  const bytes = viewBase64Url(text);
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes);
}

/**
 * {@link parseBase64Url} without a copy: the next call overwrites the returned bytes. With millions of payloads, allocating a buffer
 * for each would cost more time in the garbage collector than the decoding itself.
 */
function viewBase64Url(text: string): Buffer | string {
  const length = Math.floor((text.length * 3) / 4);
  if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(Math.max(length, MIN_SCRATCH_BYTES));
  const written = scratch.write(text, 0, 'base64url');
  const rest = text.length % 4;
  if (rest === 1 || written !== length || text.includes('+') || text.includes('/')) return describeAlphabet(text);
  if (rest !== 0 && (BASE64URL.indexOf(text.at(-1) ?? '') & (rest === 2 ? 0b1111 : 0b11)) !== 0) {
    return 'it is truncated or not canonical base64url: unused bits are set';
  }
  return scratch.subarray(0, length);
}

const MIN_SCRATCH_BYTES = 64 * 1024;

let scratch = Buffer.alloc(0);

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function describeAlphabet(text: string): string {
  const at = text.search(/[^A-Za-z0-9_-]/);
  return at === -1
    ? 'it is truncated: its length is not a base64url length'
    : `character ${count(at + 1)} is not base64url (${describeCharacter(text, at)})`;
}

function describeCharacter(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  return code > 0x20 && code < 0x7f
    ? String.fromCodePoint(code)
    : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function describeSinglePart(text: string): string {
  if (text.startsWith('eyJ')) return `it ends inside the header, after ${count(text.length)} characters: 1 of 3 parts`;
  return `${describeValue(text)}: a JWS is three parts joined by dots`;
}

/** Describes a value that is not a token: a JSON value given instead of a JWS arrives here as its text. */
function describeValue(text: string): string {
  if (text === '') return 'it is empty';
  if (/^(?:null|true|false)$/.test(text)) return `it is ${text}`;
  if (/^[{[]/.test(text)) return text.startsWith('{') ? 'it is an object' : 'it is an array';
  return /^-?\d+$/.test(text) ? 'it is a number' : 'it has no dots';
}

function count(characters: number): string {
  return characters.toLocaleString('en-US');
}

/**
 * A compact JWS, decoded as far as possible and not verified. `formatDefect` and `payloadDefect` describe defects in words.
 * `signature` is null if it is malformed.
 */
export interface OpenedJws {
  readonly text: string;
  readonly header: JsonObject | null;
  readonly payload: JsonObject | null;
  readonly signature: Buffer | null;
  readonly formatDefect: string | null;
  readonly payloadDefect: string | null;
}

/** Parses the header of a token; an implementation may cache headers, since many tokens share one. */
export type HeaderParser = (token: string) => JsonObject | string;

/** Parses the header of a token, the text before its first dot, as a JSON object; returns a description of the defect otherwise. */
export function parseHeader(token: string): JsonObject | string {
  const dot = token.indexOf('.');
  return parseObject(dot === -1 ? token : token.slice(0, dot));
}

/** Decodes a token; never throws. A truncated token is decoded as far as possible. */
export function openJws(text: string, headerOf: HeaderParser = parseHeader): OpenedJws {
  const split = splitJws(text);
  if ('defect' in split) return { ...openTruncated(text, headerOf), formatDefect: split.defect };
  const { jws } = split;
  const header = headerOf(text);
  const payload = parseObject(jws.payload);
  const signature = parseBase64Url(jws.signature);
  return {
    text,
    header: typeof header === 'string' ? null : header,
    payload: typeof payload === 'string' ? null : payload,
    signature: typeof signature === 'string' ? null : signature,
    formatDefect: formatDefectOf(jws, header, payload, signature),
    payloadDefect: typeof payload === 'string' ? payload : null,
  };
}

function formatDefectOf(
  jws: CompactJws,
  header: JsonObject | string,
  payload: JsonObject | string,
  signature: Buffer | string,
): string | null {
  if (typeof header === 'string') return `its header: ${header}`;
  if (typeof payload === 'string') {
    const bytes = parseBase64Url(jws.payload);
    if (typeof bytes === 'string') return `its payload: ${bytes}`;
  }
  return typeof signature === 'string' ? `its signature: ${signature}` : null;
}

/** Decodes a truncated token: its header if that is complete. */
function openTruncated(text: string, headerOf: HeaderParser): Omit<OpenedJws, 'formatDefect'> {
  const header = text.includes('.') ? headerOf(text) : null;
  return {
    text,
    header: header === null || typeof header === 'string' ? null : header,
    payload: null,
    signature: null,
    payloadDefect: null,
  };
}

function parseObject(segment: string): JsonObject | string {
  const bytes = viewBase64Url(segment);
  if (typeof bytes === 'string') return bytes;
  if (!isUtf8(bytes)) return 'it is not UTF-8 text';
  try {
    const value = parseJson(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8'));
    return isJsonObject(value) ? value : 'it is not a JSON object';
  } catch (error) {
    if (error instanceof NestingError) return error.message;
    if (error instanceof SyntaxError) return 'it is not JSON';
    throw error;
  }
}
