import { MAX_TOKEN_BYTES } from '../claim.js';
import { DOT, isBase64Url, isBlank, isTokenByte, LF, TOKEN_START } from './bytes.js';
import { countLineEnds, dropBytes, emitOversize, emitUnit, type SplitState, type Step, skipUnit } from './state.js';
import { continueToken, openTokenAt, runStart, SIGNATURE_LENGTH, startsToken } from './wrapped-token.js';

/** A line of text beyond this is cut between its words. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** How text is cut, up to the unit after it: a line each, or as many lines as a token is wrapped over. */
export function cutText(afterwards: Step): Step {
  function inLine(cutting: SplitState): Step | null {
    const { view, start, final } = cutting;
    const lineEnd = view.indexOf(LF, cutting.looked);
    cutting.looked = lineEnd === -1 ? view.length : lineEnd;
    if (lineEnd === -1 && !final) return view.length - start > MAX_LINE_BYTES ? splitLine(cutting) : null;
    const open = lineEnd === -1 ? null : openTokenAt(view, start, lineEnd);
    if (open === null) return endText(cutting);
    cutting.open = open;
    return inWrap;
  }

  function endText(cutting: SplitState): Step {
    const { view, start, looked } = cutting;
    const lines = countLineEnds(view, start, looked);
    if (cutting.droppedBytes > 0) emitOversize(cutting, looked, lines);
    else if (hasWord(view, start, looked)) emitUnit(cutting, 'text', looked, lines);
    else skipUnit(cutting, looked, lines, false);
    return afterwards;
  }

  /** Whether the next line continues the token in which the last one ended; empty lines between them are passed. */
  function inWrap(cutting: SplitState): Step | null {
    const { view, looked, open, final } = cutting;
    const from = skipLineEnds(view, looked);
    const lineEnd = view.indexOf(LF, from);
    if (lineEnd === -1 && !final && view.length - from <= MAX_TOKEN_BYTES) return null;
    const end = lineEnd === -1 ? view.length : lineEnd;
    const continued = lineEnd === -1 && !final ? null : continueToken(view, from, end, open);
    if (continued === null) return endText(cutting);
    cutting.looked = end;
    if (continued.next === null) return endText(cutting);
    cutting.open = continued.next;
    if (end - cutting.start > MAX_TOKEN_BYTES) dropBytes(cutting, end, countLineEnds(view, cutting.start, end));
    return inWrap;
  }

  /** What stands before the last word of a long line is a unit; the word goes on, and beyond all measure it is only counted. */
  function splitLine(cutting: SplitState): Step | null {
    const { view, start } = cutting;
    const word = Math.max(runStart(view, start, view.length), lastGlued(view, start));
    if (word > start && hasWord(view, start, word)) emitUnit(cutting, 'text', word, 0);
    else skipUnit(cutting, word, 0, false);
    if (view.length - word <= MAX_TOKEN_BYTES) return null;
    return view.indexOf(TOKEN_START, word) === word ? inHugeToken : inHugeWord;
  }

  function inHugeToken(cutting: SplitState): Step | null {
    if (!passWord(cutting)) return null;
    emitOversize(cutting, cutting.looked, 0);
    return inLine;
  }

  /** No token: nothing is said about it. */
  function inHugeWord(cutting: SplitState): Step | null {
    if (!passWord(cutting)) return null;
    skipUnit(cutting, cutting.looked, 0, false);
    return inLine;
  }

  return (cutting) => {
    cutting.looked = cutting.start;
    return inLine;
  };
}

/** Counts and drops the bytes of a word; true once it is at its end. */
function passWord(cutting: SplitState): boolean {
  const { view, final } = cutting;
  while (cutting.looked < view.length && isTokenByte(view[cutting.looked])) cutting.looked += 1;
  const isAtEnd = cutting.looked < view.length || final;
  dropBytes(cutting, cutting.looked, 0);
  return isAtEnd;
}

/** Where the last token begins that follows another without anything between them; -1 where there is none. */
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

function hasWord(view: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isBase64Url(view[at])) return true;
  return false;
}
