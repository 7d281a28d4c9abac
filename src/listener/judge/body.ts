import { isAscii, isUtf8 } from 'node:buffer';
import { isJsonObject, type Json, type JsonObject, NestingError, parseJson } from '../../jws/json.js';
import { detectKind } from '../../notification/kind.js';
import { type BodyDefect, refuseBody } from './refusals.js';
import type { Refusal } from './judged.js';
import { topLevelKeys } from './top-level-keys.js';

/** What a body holds: the value of its one `signedPayload`, a version 1 notification, or nothing that could be judged. */
export type BodyContent =
  | {
      readonly type: 'token';
      readonly token: string;
      readonly text: string;
      readonly marks: readonly string[];
      /** `{"signedPayload":"…"}` to the byte, nothing escaped: as Apple writes it. */
      readonly isPlain: boolean;
    }
  | { readonly type: 'v1'; readonly body: JsonObject }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/** Reads a body by the rules of an endpoint; never throws. A byte order mark is let pass and marked. */
export function readBody(bytes: Buffer): BodyContent {
  const ascii = isAscii(bytes);
  if (!ascii && !isUtf8(bytes)) return refused('NOT_UTF8');
  const text = ascii ? bytes.latin1Slice() : bytes.utf8Slice();
  return readPlain(text) ?? readAny(text);
}

export const PLAIN_HEAD = '{"signedPayload":"';
export const PLAIN_TAIL = '"}';

/** The form nearly every body has, read without a parser: it takes a twentieth of the time. */
function readPlain(text: string): BodyContent | null {
  const end = text.length - PLAIN_TAIL.length;
  if (!text.startsWith(PLAIN_HEAD) || !text.endsWith(PLAIN_TAIL)) return null;
  const token = text.slice(PLAIN_HEAD.length, end);
  return TOKEN.test(token) ? { type: 'token', token, text, marks: NO_MARKS, isPlain: true } : null;
}

/** Nothing that JSON would escape or refuse in a string. */
const TOKEN = /^[\w.-]*$/;
const NO_MARKS: readonly string[] = [];
const BOM = '\uFEFF';

function readAny(text: string): BodyContent {
  const json = text.startsWith(BOM) ? text.slice(1) : text;
  const value = parse(json);
  if (value === undefined) return refused('NOT_JSON');
  if (value === null) return refused('NESTED_TOO_DEEP');
  if (!isJsonObject(value.json)) return refused('NOT_AN_OBJECT');
  const keys = topLevelKeys(json);
  const [key, second] = keys.filter((each) => SIGNED_PAYLOAD.test(each));
  if (key === undefined) return readUnsigned(value.json);
  if (second !== undefined) return refused('TWO_SIGNED_PAYLOADS');
  const token = value.json[key];
  if (typeof token !== 'string') return refused('SIGNED_PAYLOAD_NOT_TEXT');
  return { type: 'token', token, text, marks: marksOf(text, key, keys), isPlain: false };
}

/** undefined: no JSON. null: nested too deep. */
function parse(text: string): { readonly json: Json } | null | undefined {
  try {
    return { json: parseJson(text) };
  } catch (error) {
    if (error instanceof NestingError) return null;
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Any letter case; by Unicode's folding, as parsers that ignore case take a long s for an s. */
const SIGNED_PAYLOAD = /^signedPayload$/iu;

function readUnsigned(body: JsonObject): BodyContent {
  return detectKind(body) === 'notificationV1' ? { type: 'v1', body } : refused('NO_SIGNED_PAYLOAD');
}

const MAX_EXTRAS = 5;
const MAX_NAME_CHARACTERS = 40;

/** Oddities that are let pass. Names are the peer's: clipped here, escaped where they are shown. */
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
