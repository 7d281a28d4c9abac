import { isAscii } from 'node:buffer';
import type { Draft } from './draft.js';
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
      return draftsOfValue(decode(bytes, content), isWhole);
    case 'text':
      return draftsOfText(decode(bytes, content), isWhole);
  }
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
