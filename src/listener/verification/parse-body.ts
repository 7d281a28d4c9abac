import { isAscii, isUtf8 } from 'node:buffer';
import { isJsonObject, type Json, type JsonObject, nestsTooDeep, parseJson } from '../../jws/json.js';
import { detectKind } from '../../notification/kind.js';
import { type BodyDefect, refuseBody } from './refusals.js';
import type { BodyRefusal } from './result.js';

/** Content of a body: its one `signedPayload`, a version 1 notification, or a refusal. */
type BodyContent =
  | { readonly type: 'token'; readonly token: string; readonly marks: readonly string[] }
  | { readonly type: 'v1'; readonly body: JsonObject }
  | { readonly type: 'refused'; readonly refusal: BodyRefusal };

/** Decodes a body; null unless it is UTF-8. */
export function readText(body: Uint8Array): string | null {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** Bytes that Apple writes before and after the token. */
export const PLAIN_HEAD = '{"signedPayload":"';

export const PLAIN_TAIL = '"}';

/**
 * Fast path without a JSON parser for a body exactly as Apple writes it: returns the value of `signedPayload`, null for any other body.
 * Does not detect control characters in that value, which make it invalid JSON; verification does, since a JWS has none.
 */
export function plainToken(text: string): string | null {
  const end = text.length - PLAIN_TAIL.length;
  if (!text.startsWith(PLAIN_HEAD) || text.indexOf('"', PLAIN_HEAD.length) !== end || !text.endsWith(PLAIN_TAIL))
    return null;
  return text.includes('\\') ? null : text.slice(PLAIN_HEAD.length, end);
}

const BOM = '\uFEFF';

/**
 * Parses any body by the rules of the endpoint; never throws. A byte order mark is tolerated and marked. Only the one string that is looked
 * for is kept, so the body is parsed without regard for long integers, which would take ten times as long.
 */
export function readBody(text: string): BodyContent {
  const json = text.startsWith(BOM) ? text.slice(BOM.length) : text;
  const value = parse(json);
  if (typeof value === 'string') return refused(value);
  if (!isJsonObject(value.json)) return refused('NOT_AN_OBJECT');
  const keys = topLevelKeys(json);
  const [key, second] = keys.filter((each) => SIGNED_PAYLOAD.test(each));
  if (key === undefined) return readUnsigned(value.json, json);
  if (second !== undefined) return refused('TWO_SIGNED_PAYLOADS');
  const token = value.json[key];
  if (typeof token !== 'string') return refused('SIGNED_PAYLOAD_NOT_TEXT');
  return { type: 'token', token, marks: marksOf(text, key, keys) };
}

function parse(text: string): { readonly json: Json } | 'NESTED_TOO_DEEP' | 'NOT_JSON' {
  if (nestsTooDeep(text)) return 'NESTED_TOO_DEEP';
  try {
    return { json: JSON.parse(text) as Json };
  } catch (error) {
    if (error instanceof SyntaxError) return 'NOT_JSON';
    throw error;
  }
}

/** Any letter case, by Unicode folding: case-insensitive parsers match a long s with an s. */
const SIGNED_PAYLOAD = /^signedPayload$/iu;

function readUnsigned(body: JsonObject, json: string): BodyContent {
  if (detectKind(body) !== 'notificationV1') return refused('NO_SIGNED_PAYLOAD');
  return { type: 'v1', body: parseJson(json) as JsonObject };
}

const MAX_EXTRAS = 5;

const MAX_NAME_CHARACTERS = 40;

/** Tolerated irregularities. Key names come from the peer: clipped here, escaped when displayed. */
function marksOf(text: string, key: string, keys: readonly string[]): readonly string[] {
  const extras = keys.filter((each) => each !== key);
  return [
    ...(text.startsWith(BOM) ? ['bom'] : []),
    ...(key === 'signedPayload' ? [] : [`key:${key}`]),
    ...extras.slice(0, MAX_EXTRAS).map((name) => `extra:${name.slice(0, MAX_NAME_CHARACTERS)}`),
    ...(extras.length > MAX_EXTRAS ? [`extras:${extras.length}`] : []),
  ];
}

function refused(code: BodyDefect): BodyContent {
  return { type: 'refused', refusal: refuseBody(code) };
}

/**
 * Unescaped top-level keys of a JSON object in order, including duplicates, which `JSON.parse` silently drops. `text` must be a valid JSON
 * object.
 */
export function topLevelKeys(text: string): readonly string[] {
  const keys: string[] = [];
  let depth = 0;
  let isKeyNext = false;
  for (let at = text.indexOf('{'); at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (isKeyNext) keys.push(parseKey(text.slice(at, end + 1)));
        isKeyNext = false;
        at = end;
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1;
        isKeyNext = depth === 1;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth -= 1;
        break;
      case COMMA:
        isKeyNext = depth === 1;
    }
  }
  return keys;
}

const QUOTE = 0x22;

const COMMA = 0x2c;

const OPEN_BRACKET = 0x5b;

const BACKSLASH = 0x5c;

const CLOSE_BRACKET = 0x5d;

const OPEN_BRACE = 0x7b;

const CLOSE_BRACE = 0x7d;

/** Index of the quote that closes the string opened at `start`: the first after an even number of backslashes. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}

/** Decodes a JSON string literal. */
function parseKey(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}
