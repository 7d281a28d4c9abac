import { isAscii } from 'node:buffer';
import { type Claim, type Draft, draftToken } from '../claim.js';
import { BACKSLASH, CLOSE_BRACE, QUOTE, TAB } from '../split/bytes.js';
import { createCutter } from '../split/splitter.js';
import type { Unit, UnitBatch } from '../unit.js';
import { inOrder, isSignedToken } from './find-tokens.js';
import { draftsOfJson } from './json-claims.js';
import { mend, parseOrNothing } from './repair.js';
import { draftsOfText } from './text-claims.js';

/** Everything in one unit that claims to be a payload, in order. Never throws: what is damaged is a claim that fails later. */
export function parseClaims(batch: UnitBatch, unit: Unit): readonly Claim[] {
  const place = unit.line === null ? unit.origin : `${unit.origin}:${unit.line}`;
  return draftsOf(batch, unit).map((draft, index) => {
    const ordinal = unit.ordinal + index;
    return { ...draft, source: ordinal === 1 ? place : `${place}#${ordinal}` };
  });
}

function draftsOf({ bytes }: UnitBatch, unit: Unit): Draft[] {
  const { start, end, form, whole } = unit;
  return form === 'literal'
    ? draftsOfLiteral(bytes.subarray(start, end), unit.origin === 'argument')
    : draftsOfUnit(bytes, { ...unit, form }, whole);
}

/**
 * The claims in an argument or a paste. What is one payload once it is mended as a whole is that; otherwise it is cut as a file is.
 * `isArgument`: neither a file nor a path has this name, so that a word was meant as a payload whatever it is.
 */
function draftsOfLiteral(bytes: Uint8Array, isArgument: boolean): Draft[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const { json, text: mended, repaired } = mend(text);
  if (json !== undefined) return draftsOfJson(json, inOrder(repaired));
  if (isSignedToken(mended)) return draftsOfText(text, true);
  const drafts = draftsOfPieces(bytes);
  if (mended.startsWith('eyJ') && drafts.every(isCut)) return [draftToken(mended, inOrder(repaired))];
  return drafts.length === 0 && isArgument && isWord(mended) ? [draftToken(mended, inOrder(repaired))] : drafts;
}

function draftsOfPieces(bytes: Uint8Array): Draft[] {
  const cutter = createCutter();
  cutter.push(bytes);
  cutter.finish();
  const piece = cutter.take(0);
  return piece === null ? [] : piece.cuts.flatMap((cut) => draftsOfUnit(piece.bytes, cut, piece.only));
}

/** Less than the three parts of a token. */
function isCut(draft: Draft): boolean {
  return draft.type === 'token' && draft.text.split('.', 3).length < 3;
}

function isWord(text: string): boolean {
  return text !== '' && !/\s/.test(text);
}

/** A unit as far as its claims depend on it. */
interface Content {
  readonly start: number;
  readonly end: number;
  readonly form: 'json' | 'text' | 'oversize';
  readonly oversizeBytes?: number;
}

/** The claims in a piece of `bytes`. `isWhole`: somebody gave exactly this as a payload. */
function draftsOfUnit(bytes: Uint8Array, content: Content, isWhole: boolean): Draft[] {
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
