import { isAscii } from 'node:buffer';
import { tryParseJson } from '../../jws/json.js';
import { type Claim, tokenClaim, type UnplacedClaim } from '../claim.js';
import { BACKSLASH, CLOSE_BRACE, QUOTE, TAB } from '../split/bytes.js';
import { createInputSplitter } from '../split/splitter.js';
import type { Unit, UnitBatch } from '../unit.js';
import { inOrder, isSignedToken } from './find-tokens.js';
import { claimsInJson } from './json-claims.js';
import { repairText } from './repair.js';
import { claimsInText } from './text-claims.js';

/** Every claim in one unit, in order. Never throws: a damaged payload is a claim that fails later. */
export function parseClaims(batch: UnitBatch, unit: Unit): readonly Claim[] {
  const place = unit.line === null ? unit.origin : `${unit.origin}:${unit.line}`;
  return unplacedClaims(batch, unit).map((claim, index) => {
    const ordinal = unit.ordinal + index;
    return { ...claim, source: ordinal === 1 ? place : `${place}#${ordinal}` };
  });
}

function unplacedClaims({ bytes }: UnitBatch, unit: Unit): UnplacedClaim[] {
  const { start, end, form, whole } = unit;
  return form === 'literal'
    ? claimsInLiteral(bytes.subarray(start, end), unit.origin === 'argument')
    : claimsInUnit(bytes, { ...unit, form }, whole);
}

/**
 * The claims in an argument or a paste: one where repairs to the whole text give one payload, otherwise those of a file with this text.
 * `isArgument`: the text is not the name of a file, so that any single word is a claim.
 */
function claimsInLiteral(bytes: Uint8Array, isArgument: boolean): UnplacedClaim[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const { json, text: cleaned, repaired } = repairText(text);
  if (json !== undefined) return claimsInJson(json, inOrder(repaired));
  if (isSignedToken(cleaned)) return claimsInText(text, true);
  const claims = claimsInChunk(bytes);
  if (cleaned.startsWith('eyJ') && claims.every(isCut)) return [tokenClaim(cleaned, inOrder(repaired))];
  return claims.length === 0 && isArgument && isWord(cleaned) ? [tokenClaim(cleaned, inOrder(repaired))] : claims;
}

function claimsInChunk(bytes: Uint8Array): UnplacedClaim[] {
  const splitter = createInputSplitter();
  splitter.push(bytes);
  splitter.finish();
  const chunk = splitter.take(0);
  return chunk === null ? [] : chunk.units.flatMap((unit) => claimsInUnit(chunk.bytes, unit, chunk.isOnly));
}

/** True for a token of less than three parts. */
function isCut(claim: UnplacedClaim): boolean {
  return claim.type === 'token' && claim.text.split('.', 3).length < 3;
}

function isWord(text: string): boolean {
  return text !== '' && !/\s/.test(text);
}

/** The properties of a unit that its claims depend on. */
interface Content {
  readonly start: number;
  readonly end: number;
  readonly form: 'json' | 'text' | 'oversize';
  readonly oversizeBytes?: number;
}

/** The claims in a part of `bytes`. `isWhole`: exactly this was given as a payload. */
function claimsInUnit(bytes: Uint8Array, content: Content, isWhole: boolean): UnplacedClaim[] {
  switch (content.form) {
    case 'oversize':
      return [{ type: 'oversize', bytes: content.oversizeBytes ?? 0, repaired: [] }];
    case 'json':
      return claimsInPlainBody(bytes, content) ?? claimsInValue(decode(bytes, content), isWhole);
    case 'text':
      return claimsInText(decode(bytes, content), isWhole);
  }
}

const BODY_START = Buffer.from('{"signedPayload":"');

const BODY_END = Buffer.from('"}');

/**
 * Fast path for the body that Apple posts: one key, a string of ASCII without escapes. Not parsed, which would copy 19 KB twice; null for any
 * other text.
 */
function claimsInPlainBody(bytes: Uint8Array, { start, end }: Content): UnplacedClaim[] | null {
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

/** The structure is JSON; strings and numbers may still be malformed. */
function claimsInValue(text: string, isWhole: boolean): UnplacedClaim[] {
  const value = tryParseJson(text);
  return value === undefined ? claimsInText(text, isWhole) : claimsInJson(value, []);
}

/** ASCII, as payloads are, is decoded as Latin-1, several times faster. Malformed UTF-8 becomes U+FFFD. */
function decode(bytes: Uint8Array, { start, end }: Content): string {
  const part = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  return part.toString(isAscii(part) ? 'latin1' : 'utf8');
}
