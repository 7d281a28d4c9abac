import type { Repair } from '../claim.js';
import { isHeaderStart, SIGNATURE_LENGTH } from '../split/wrapped-token.js';

/** A token found in text. `isComplete`: it has three parts, valid or not. */
export interface FoundToken {
  readonly text: string;
  /** Offset in the text; the range up to `end` includes escapes. */
  readonly start: number;
  readonly end: number;
  readonly isComplete: boolean;
  readonly repaired: readonly Repair[];
}

/** Text before a token: no token character, except as part of an escape (`%22`, `=22`, `\n`, `\x22`, `\u0022`) or a colour code. */
const BOUNDARY = /(?:^|[^\w.-]|[%=][0-9a-f]{2}|\\[nrt]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\u001b\[[\d;]*m)$/i;

const LONGEST_ESCAPE = 20;

/** Every token in text, in order. A truncated one counts if it begins with a JWS header; base64 of other JSON does not. */
export function findTokens(text: string): FoundToken[] {
  const tokens: FoundToken[] = [];
  let lastEnd = -1;
  for (let at = text.indexOf('eyJ'); at !== -1; ) {
    const begins = at === lastEnd || BOUNDARY.test(text.slice(Math.max(0, at - LONGEST_ESCAPE), at));
    const found = begins ? readToken(text, at) : null;
    if (found !== null && (found.isComplete || isHeaderStart(found.text))) tokens.push(found);
    if (found !== null) lastEnd = found.end;
    at = text.indexOf('eyJ', found === null ? at + 3 : lastEnd);
  }
  return tokens;
}

/** The token at `start`; escaped line ends are part of it only where they make it complete. */
function readToken(text: string, start: number): FoundToken {
  const plain = cutGlued(readRun(text, start, CHARACTER_ESCAPE));
  if (hasSignature(plain.text)) return plain;
  const wrapped = readRun(text, start, ANY_ESCAPE);
  return hasSignature(wrapped.text) || (wrapped.isComplete && !plain.isComplete) ? wrapped : plain;
}

/** Splits tokens of concatenated files without a final line end: the next one begins right after this signature. */
function cutGlued(token: FoundToken): FoundToken {
  const signature = token.text.indexOf('.', token.text.indexOf('.') + 1) + 1;
  const end = signature + SIGNATURE_LENGTH;
  if (signature === 0 || token.repaired.length > 0 || !isHeaderStart(token.text.slice(end, end + 12))) return token;
  return { ...token, text: token.text.slice(0, end), end: token.start + end };
}

const RUN_END = /[^\w.-]/g;

const CHARACTER_ESCAPE = /%2E|%2D|%5F/iy;

const ANY_ESCAPE = /%2E|%2D|%5F|(?:%0D)?%0A|(?:\\{1,4}r)?\\{1,4}n/iy;

/** Token characters from `start` on, with the escapes between them decoded. */
function readRun(text: string, start: number, escapes: RegExp): FoundToken {
  const pieces: string[] = [];
  const repaired = new Set<Repair>();
  let at = start;
  for (;;) {
    const end = matchEnd(text, at);
    pieces.push(text.slice(at, end));
    escapes.lastIndex = end;
    const escaped = escapes.exec(text)?.[0];
    if (escaped === undefined) return { ...trimToken(pieces.join('')), start, end, repaired: [...repaired] };
    pieces.push(decodeEscape(escaped, repaired));
    at = end + escaped.length;
  }
}

function matchEnd(text: string, from: number): number {
  RUN_END.lastIndex = from;
  return RUN_END.exec(text)?.index ?? text.length;
}

/** The character of an escape; '' for a line end, which is not part of a token. */
function decodeEscape(escaped: string, repaired: Set<Repair>): string {
  repaired.add(escaped.startsWith('%') ? 'percent-encoding' : 'json-escapes');
  const character = escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : '\n';
  if (character !== '\n') return character;
  repaired.add('line-wraps');
  return '';
}

/** Drops dots at the end (of a sentence, or an ellipsis) and anything after a signature of the right length. */
function trimToken(run: string): { text: string; isComplete: boolean } {
  let end = run.length;
  while (run.charAt(end - 1) === '.') end -= 1;
  const parts = run.slice(0, end).split('.');
  if (parts.length > 3 && parts[2]?.length === SIGNATURE_LENGTH) parts.length = 3;
  const isUnsigned = parts.length === 2 && run.length === end + 1;
  const isComplete = isUnsigned || (parts.length > 2 && parts[1] !== '');
  return { text: `${parts.join('.')}${isUnsigned ? '.' : ''}`, isComplete };
}

function hasSignature(text: string): boolean {
  const last = text.lastIndexOf('.');
  return text.length - last - 1 === SIGNATURE_LENGTH && text.indexOf('.') !== last;
}

const ORDER: readonly Repair[] = [
  'line-wraps',
  'quotes',
  'json-escapes',
  'percent-encoding',
  'bom',
  'crlf',
  'bearer',
  'nested-json',
  'base64',
  'string-literals',
];

/** Repairs without duplicates, in a fixed order. */
export function inOrder(repaired: Iterable<Repair>): readonly Repair[] {
  const set = new Set(repaired);
  return set.size === 0 ? [] : ORDER.filter((repair) => set.has(repair));
}

const SIGNED = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;

/** Exactly one token with a signature of the right length. */
export function isSignedToken(text: string): boolean {
  return text.length - text.lastIndexOf('.') - 1 === SIGNATURE_LENGTH && SIGNED.test(text);
}
