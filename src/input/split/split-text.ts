import { MAX_TOKEN_BYTES } from '../claim.js';
import { DOT, isBlank, isTokenByte, LF, TOKEN_START } from './bytes.js';
import { hasWord, mayPassLines, passLines } from './signless-lines.js';
import {
  countLineEnds,
  dropBytes,
  emitOversize,
  emitUnit,
  type SplitState,
  type SplitStep,
  skipUnit,
} from './state.js';
import { continueToken, openTokenAt, runStart, SIGNATURE_LENGTH, startsToken } from './wrapped-token.js';

/** A longer line of text is split between its words. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Splits text into units: one for each line, or for the lines that a token is wrapped over. */
export function splitText(afterwards: SplitStep): SplitStep {
  function inLine(state: SplitState): SplitStep | null {
    const { view, start, final } = state;
    const lineEnd = view.indexOf(LF, state.scanned);
    state.scanned = lineEnd === -1 ? view.length : lineEnd;
    if (lineEnd === -1 && !final) return view.length - start > MAX_LINE_BYTES ? splitLine(state) : null;
    const open = lineEnd === -1 ? null : openTokenAt(view, start, lineEnd);
    if (open === null) return endText(state);
    state.open = open;
    return inWrap;
  }

  function endText(state: SplitState): SplitStep {
    const { view, start, scanned } = state;
    const lines = countLineEnds(view, start, scanned);
    if (state.droppedBytes > 0) emitOversize(state, scanned, lines);
    else if (hasWord(view, start, scanned)) emitUnit(state, 'text', scanned, lines);
    else skipUnit(state, scanned, lines, false);
    return afterwards;
  }

  /** Appends the next line where it continues the open token of the last one; empty lines between them are skipped. */
  function inWrap(state: SplitState): SplitStep | null {
    const { view, scanned, open, final } = state;
    const from = skipLineEnds(view, scanned);
    const lineEnd = view.indexOf(LF, from);
    if (lineEnd === -1 && !final && view.length - from <= MAX_TOKEN_BYTES) return null;
    const end = lineEnd === -1 ? view.length : lineEnd;
    const continued = lineEnd === -1 && !final ? null : continueToken(view, from, end, open);
    if (continued === null) return endText(state);
    state.scanned = end;
    if (continued.next === null) return endText(state);
    state.open = continued.next;
    if (end - state.start > MAX_TOKEN_BYTES) dropBytes(state, end, countLineEnds(view, state.start, end));
    return inWrap;
  }

  /** Ends the unit before the last word of a long line; the word continues, and one beyond the limit is only counted. */
  function splitLine(state: SplitState): SplitStep | null {
    const { view, start } = state;
    const word = Math.max(runStart(view, start, view.length), lastGlued(view, start));
    if (word > start && hasWord(view, start, word)) emitUnit(state, 'text', word, 0);
    else skipUnit(state, word, 0, false);
    if (view.length - word <= MAX_TOKEN_BYTES) return null;
    return view.indexOf(TOKEN_START, word) === word ? inHugeToken : inHugeWord;
  }

  function inHugeToken(state: SplitState): SplitStep | null {
    if (!passWord(state)) return null;
    emitOversize(state, state.scanned, 0);
    return inLine;
  }

  /** Not a token, so that it is dropped. */
  function inHugeWord(state: SplitState): SplitStep | null {
    if (!passWord(state)) return null;
    skipUnit(state, state.scanned, 0, false);
    return inLine;
  }

  function atText(state: SplitState): SplitStep | null {
    const { view, start, final } = state;
    if (state.ordinal === 1 && mayPassLines(state)) {
      if (passLines(state)) return afterwards;
      if (!final && view.length - start <= MAX_LINE_BYTES && !view.includes(LF, start)) return null;
    }
    state.scanned = state.start;
    return inLine;
  }

  return atText;
}

/** Counts and drops the bytes of a word; true at its end. */
function passWord(state: SplitState): boolean {
  const { view, final } = state;
  while (state.scanned < view.length && isTokenByte(view[state.scanned])) state.scanned += 1;
  const isAtEnd = state.scanned < view.length || final;
  dropBytes(state, state.scanned, 0);
  return isAtEnd;
}

/** Start of the last token that directly follows another one; -1 where there is none. */
function lastGlued(view: Buffer, start: number): number {
  let at = view.lastIndexOf(TOKEN_START);
  while (at > start && !(view[at - SIGNATURE_LENGTH - 1] === DOT && startsToken(view, at, view.length))) {
    at = view.lastIndexOf(TOKEN_START, at - 1);
  }
  return at > start ? at : -1;
}

function skipLineEnds(view: Buffer, from: number): number {
  let at = from;
  while (at < view.length && (view[at] === LF || isBlank(view[at]))) at += 1;
  return at;
}
