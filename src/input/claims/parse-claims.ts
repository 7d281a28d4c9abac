import { isAscii } from 'node:buffer';
import { type Claim, tokenClaim, type UnplacedClaim } from '../claim.js';
import { BACKSLASH, CLOSE_BRACE, QUOTE, TAB } from '../split/bytes.js';
import { createInputSplitter } from '../split/splitter.js';
import type { Unit, UnitBatch } from '../unit.js';
import { inOrder, isSignedToken } from './find-tokens.js';
import { claimsInJson } from './json-claims.js';
import { parseOrNothing, repairText } from './repair.js';
import { claimsInText } from './text-claims.js';

/** Everything in one unit that claims to be a payload, in order. Never throws: what is damaged is a claim that fails later. */
export function parseClaims(batch: UnitBatch, unit: Unit): readonly Claim[] {
  const place = unit.line === null ? unit.origin : `${unit.origin}:${unit.line}`;
  return draftsOf(batch, unit).map((draft, index) => {
    const ordinal = unit.ordinal + index;
    return { ...draft, source: ordinal === 1 ? place : `${place}#${ordinal}` };
  });
}

function draftsOf({ bytes }: UnitBatch, unit: Unit): UnplacedClaim[] {
  const { start, end, form, whole } = unit;
  return form === 'literal'
    ? claimsInLiteral(bytes.subarray(start, end), unit.origin === 'argument')
    : claimsInUnit(bytes, { ...unit, form }, whole);
}

/**
 * The claims in an argument or a paste. What is one payload once it is mended as a whole is that; otherwise it is cut as a file is.
 * `isArgument`: neither a file nor a path has this name, so that a word was meant as a payload whatever it is.
 */
function claimsInLiteral(bytes: Uint8Array, isArgument: boolean): UnplacedClaim[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const { json, text: mended, repaired } = repairText(text);
  if (json !== undefined) return claimsInJson(json, inOrder(repaired));
  if (isSignedToken(mended)) return claimsInText(text, true);
  const drafts = draftsOfPieces(bytes);
  if (mended.startsWith('eyJ') && drafts.every(isCut)) return [tokenClaim(mended, inOrder(repaired))];
  return drafts.length === 0 && isArgument && isWord(mended) ? [tokenClaim(mended, inOrder(repaired))] : drafts;
}

function draftsOfPieces(bytes: Uint8Array): UnplacedClaim[] {
  const cutter = createInputSplitter();
  cutter.push(bytes);
  cutter.finish();
  const piece = cutter.take(0);
  return piece === null ? [] : piece.cuts.flatMap((cut) => claimsInUnit(piece.bytes, cut, piece.only));
}

/** Less than the three parts of a token. */
function isCut(draft: UnplacedClaim): boolean {
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
function claimsInUnit(bytes: Uint8Array, content: Content, isWhole: boolean): UnplacedClaim[] {
  switch (content.form) {
    case 'oversize':
      return [{ type: 'oversize', bytes: content.oversizeBytes ?? 0, repaired: [] }];
    case 'json':
      return draftsOfPlainBody(bytes, content) ?? draftsOfValue(decode(bytes, content), isWhole);
    case 'text':
      return claimsInText(decode(bytes, content), isWhole);
  }
}

const BODY_START = Buffer.from('{"signedPayload":"');

const BODY_END = Buffer.from('"}');

/**
 * What Apple posts, byte for byte, and streams hold by the million: one key, a string of ASCII without escapes. Read without parsing, which
 * would copy 19 KB twice; null where it is anything else.
 */
function draftsOfPlainBody(bytes: Uint8Array, { start, end }: Content): UnplacedClaim[] | null {
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
  return isPlain ? [tokenClaim(body.toString('latin1', BODY_START.length, tokenEnd), [])] : null;
}

/** Its structure is that of JSON; what its strings hold may still be wrong. */
function draftsOfValue(text: string, isWhole: boolean): UnplacedClaim[] {
  const value = parseOrNothing(text);
  return value === undefined ? claimsInText(text, isWhole) : claimsInJson(value, []);
}

/** Payloads are ASCII, and as such decoded several times faster. Bytes that are no UTF-8 become U+FFFD. */
function decode(bytes: Uint8Array, { start, end }: Content): string {
  const part = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  return part.toString(isAscii(part) ? 'latin1' : 'utf8');
}
