import { isAscii } from 'node:buffer';
import { BACKSLASH, CLOSE_BRACE, QUOTE, TAB } from './bytes.js';
import { type Draft, draftToken } from './draft.js';
import { draftsOfJson } from './json-claims.js';
import { parseOrNothing } from './mend.js';
import { draftsOfText } from './text-claims.js';

/** A unit as far as its claims depend on it. */
export interface Content {
  readonly start: number;
  readonly end: number;
  readonly form: 'json' | 'text' | 'oversize';
  readonly oversizeBytes?: number;
}

/** The claims in a piece of `bytes`. `isWhole`: somebody gave exactly this as a payload. */
export function draftsOfUnit(bytes: Uint8Array, content: Content, isWhole: boolean): Draft[] {
  switch (content.form) {
    case 'oversize':
      return [{ type: 'oversize', bytes: content.oversizeBytes ?? 0, repaired: [] }];
    case 'json':
      return draftsOfPlainBody(bytes, content) ?? draftsOfValue(decode(bytes, content), isWhole);
    case 'text':
      return draftsOfText(decode(bytes, content), isWhole);
  }
}

const BODY_START = Buffer.from('{"signedPayload":"');
const BODY_END = Buffer.from('"}');

/**
 * What Apple posts, byte for byte, and streams hold by the million: one key, a string of ASCII without escapes. Read without parsing, which
 * would copy 19 KB twice; null where it is anything else.
 */
function draftsOfPlainBody(bytes: Uint8Array, { start, end }: Content): Draft[] | null {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const tokenEnd = body.length - BODY_END.length;
  const isPlain =
    tokenEnd >= BODY_START.length &&
    body.compare(BODY_START, 0, BODY_START.length, 0, BODY_START.length) === 0 &&
    body.indexOf(QUOTE, BODY_START.length) === tokenEnd &&
    body[body.length - 1] === CLOSE_BRACE &&
    !body.includes(BACKSLASH) &&
    !body.includes(TAB) &&
    isAscii(body);
  return isPlain ? [draftToken(body.toString('latin1', BODY_START.length, tokenEnd), [])] : null;
}

/** Its structure is that of JSON; what its strings hold may still be wrong. */
function draftsOfValue(text: string, isWhole: boolean): Draft[] {
  const value = parseOrNothing(text);
  return value === undefined ? draftsOfText(text, isWhole) : draftsOfJson(value, []);
}

/** Payloads are ASCII, and as such decoded several times faster. Bytes that are no UTF-8 become U+FFFD. */
function decode(bytes: Uint8Array, { start, end }: Content): string {
  const part = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  return part.toString(isAscii(part) ? 'latin1' : 'utf8');
}
