import { CLOSE_BRACE, CLOSE_BRACKET, isBase64Url, isBlank, LF, OPEN_BRACE, OPEN_BRACKET } from './bytes.js';
import { passUnit, type SplitState } from './state.js';

/**
 * Lines without any sign of a payload are counted, not emitted: in a log nearly all are, and a unit costs far more than this search. A sign
 * too many costs time; one too few would lose a payload, so that everything which the claims of a unit can begin with is one.
 */

/** The first units of an input are always emitted: they decide whether it is one payload, or something else instead. */
const UNITS_KEPT = 64;

/** True once lines without a sign are no longer emitted. */
export function mayPassLines({ emitted }: SplitState): boolean {
  return emitted >= UNITS_KEPT;
}

/**
 * Passes over the whole lines from `start` on, up to the first one with a sign, or that may begin a JSON value; the first of them is known to
 * begin none. False where there is no such line.
 */
export function passLines(state: SplitState): boolean {
  const { view, start } = state;
  const last = view.lastIndexOf(LF);
  let from = start;
  while (from < last) {
    let word = from;
    while (isBlank(view[word])) word += 1;
    const end = mayBeWrapped(view, word, from > start) ? -1 : endOfSignless(view, word);
    if (end === -1 || isClosed(view, word, end)) break;
    // A line without a word is no unit either.
    if (hasWord(view, word, end)) passUnit(state, end, 1);
    else state.line += 1;
    from = end + 1;
  }
  state.start = from;
  return from > start;
}

/** True for an object on one line without a sign. A string in it may be base64 with white space between. */
export function isSignlessObject(view: Buffer, start: number, end: number): boolean {
  if (view[start] !== OPEN_BRACE) return false;
  let run = start;
  for (let at = start; at < end; at++) {
    const kind = CLASSES[view[at]!];
    if (kind === LETTER && isSignAt(view, at)) return false;
    if (kind !== OUTSIDE) continue;
    if (at - run >= LONGEST_RUN) return false;
    run = at + 1;
  }
  return true;
}

export function hasWord(view: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isBase64Url(view[at])) return true;
  return false;
}

/** The other start bytes of text from which quotes, percent encoding, a byte order mark or white space are removed. */
const WRAPPERS: ReadonlySet<number> = new Set([...Buffer.from('"\'`\\%\u000b\u000c')]);

/** The starts of `Bearer` and `Authorization`, in lower case. */
const SCHEMES: ReadonlySet<number> = new Set(['be', 'au'].map((start) => Buffer.from(start).readUInt16BE()));

/** True for a line whose text may be repaired to JSON or a token. `isNext`: JSON that begins here was not looked for yet. */
function mayBeWrapped(view: Buffer, word: number, isNext: boolean): boolean {
  const byte = view[word]!;
  if (byte >= 0x80 || WRAPPERS.has(byte)) return true;
  if (isNext && (byte === OPEN_BRACE || byte === OPEN_BRACKET)) return true;
  return SCHEMES.has((byte << 8) | view[word + 1]! | 0x2020);
}

/** True for text in brackets, which may be JSON after a repair. */
function isClosed(view: Buffer, word: number, end: number): boolean {
  if (view[word] !== OPEN_BRACE && view[word] !== OPEN_BRACKET) return false;
  let at = end;
  while (at > word && view[at - 1]! <= 0x20) at -= 1;
  const byte = view[at - 1]!;
  return byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte >= 0x80;
}

/** Base64 of a body has at least 80 characters, of which two may be padding. */
const LONGEST_RUN = 77;

/** No base64. */
const OUTSIDE = 0;

/** Base64, and the backslash of an escape. */
const INSIDE = 1;

/** Inside, and a letter of a sign. */
const LETTER = 2;

/** What base64 may have between its characters or at its end: white space, padding. */
const BLANK = 3;

const LINE_END = 4;

/** The end of the line of text that begins at `from`, without its line end; -1 where a sign comes first, or all of it may be base64. */
function endOfSignless(view: Buffer, from: number): number {
  let run = from;
  let isAllInside = true;
  for (let at = from; at < view.length; at++) {
    const kind = CLASSES[view[at]!];
    if (kind === INSIDE) continue;
    if (kind === LETTER) {
      if (isSignAt(view, at)) return -1;
      continue;
    }
    if (at - run >= LONGEST_RUN) return -1;
    if (kind === LINE_END) return isAllInside && at - from >= LONGEST_RUN ? -1 : at;
    if (kind === OUTSIDE) isAllInside = false;
    run = at + 1;
  }
  return -1;
}

/** Text of a sign, in lower case, and the offset of the letter in it that is looked for. */
interface Sign {
  readonly text: Buffer;
  readonly offset: number;
}

/**
 * The rarest letters of each sign: the start of a token; the fields for one, in any letter case; one field of every payload after decoding, of
 * a version 1 body and of a document of ours; an ASCII character as a JSON escape, which may hide any of them.
 */
const SIGNS = signsByLetter([
  ['J', 'eyj'],
  ['g', 'signed'],
  ['G', 'signed'],
  ['y', 'notificationtype'],
  ['y', 'notification_type'],
  ['y', 'receipttype'],
  ['f', 'unified_receipt'],
  ['k', '"tokens"'],
  ['I', 'bundleid'],
  ['I', 'productid'],
  ['I', 'originaltransactionid'],
  ['I', 'appappleid'],
  ['\\', '\\u00'],
]);

const CLASSES = classify();

function signsByLetter(pairs: readonly (readonly [string, string])[]): readonly (readonly Sign[])[] {
  const signs: Sign[][] = Array.from({ length: 256 }, () => []);
  for (const [letter, text] of pairs)
    signs[letter.charCodeAt(0)]!.push({ text: Buffer.from(text), offset: text.lastIndexOf(letter.toLowerCase()) });
  return signs;
}

function classify(): Uint8Array {
  const classes = new Uint8Array(256).fill(OUTSIDE);
  for (const byte of Buffer.from('+/')) classes[byte] = INSIDE;
  for (const byte of Buffer.from('= \t\r\u000b\u000c')) classes[byte] = BLANK;
  for (let byte = 0; byte < 256; byte++) if (isBase64Url(byte)) classes[byte] = INSIDE;
  for (let byte = 0; byte < 256; byte++) if (SIGNS[byte]!.length > 0) classes[byte] = LETTER;
  classes[LF] = LINE_END;
  return classes;
}

function isSignAt(view: Buffer, at: number): boolean {
  for (const { text, offset } of SIGNS[view[at]!]!) if (matches(view, at - offset, text)) return true;
  return false;
}

/** Ignores the case of letters. */
function matches(view: Buffer, from: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index++) {
    const byte = view[from + index];
    if (byte === undefined || (byte !== text[index] && (byte | 0x20) !== text[index])) return false;
  }
  return true;
}
