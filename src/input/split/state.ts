import { isBlank, LF } from './bytes.js';
import { createJsonScanner, type JsonScanner } from './json-scanner.js';
import type { OpenToken } from './wrapped-token.js';

/** A unit as the cutter finds it: offsets into the bytes it is handed out with. */
export interface SplitUnit {
  readonly start: number;
  readonly end: number;
  readonly form: 'json' | 'text' | 'oversize';
  /** From 1. */
  readonly line: number;
  /** From 1, among the units that begin on one line. */
  readonly ordinal: number;
  readonly oversizeBytes?: number;
}

/** Moves on by a unit or a part of one and says what comes next; null where more bytes are needed to go on with the same. */
export type Step = (cutting: SplitState) => Step | null;

/** Where the cutting of one input stands. The steps change it. */
export interface SplitState {
  /** All bytes at hand; every offset here points into it. */
  view: Buffer;
  /** No more bytes will come. */
  final: boolean;
  readonly scanner: JsonScanner;
  cuts: SplitUnit[];
  /** Where the unit at hand begins, and its place. */
  start: number;
  line: number;
  ordinal: number;
  /** How far the unit at hand has been looked at. */
  looked: number;
  /** Bytes before the first unit that go with it: a byte order mark. */
  markBytes: number;
  /** Bytes and line ends of the unit at hand that were counted and not kept. */
  droppedBytes: number;
  droppedLines: number;
  /** The token in which the last line ended. */
  open: OpenToken;
  /** The containers around the elements of a value that is cut up. */
  around: ('array' | 'object')[];
  /** In an object that is cut up: a value comes next, not a key. */
  hasKey: boolean;
  /** The last key in an object that is cut up was `signedPayload`. */
  isPayloadKey: boolean;
  /** Nothing but white space so far. */
  isEmpty: boolean;
}

export function createSplitState(): SplitState {
  return {
    view: Buffer.alloc(0),
    final: false,
    scanner: createJsonScanner(),
    cuts: [],
    start: 0,
    line: 1,
    ordinal: 1,
    looked: 0,
    markBytes: 0,
    droppedBytes: 0,
    droppedLines: 0,
    open: { dots: 0, tail: 0 },
    around: [],
    hasKey: false,
    isPayloadKey: false,
    isEmpty: true,
  };
}

/** The unit at hand ends at `end`, `lines` line ends after it began. What was damaged by a byte order mark is no JSON as it stands. */
export function emitUnit(cutting: SplitState, form: 'json' | 'text', end: number, lines: number): void {
  const { start, line, ordinal, markBytes } = cutting;
  cutting.cuts.push({ start: start - markBytes, end, form: markBytes > 0 ? 'text' : form, line, ordinal });
  skipUnit(cutting, end, lines, true);
}

/** The unit at hand is one that was counted, in part dropped, and ends at `end`. */
export function emitOversize(cutting: SplitState, end: number, lines: number): void {
  const { start, line, ordinal, droppedBytes, droppedLines } = cutting;
  cutting.cuts.push({ start: end, end, form: 'oversize', line, ordinal, oversizeBytes: droppedBytes + end - start });
  skipUnit(cutting, end, lines + droppedLines, true);
}

/** Goes on behind the unit at hand; `counts` where it was cut and the next one on its line is to have another number. */
export function skipUnit(cutting: SplitState, end: number, lines: number, counts: boolean): void {
  cutting.start = end;
  cutting.line += lines;
  if (lines > 0) cutting.ordinal = 1;
  else if (counts) cutting.ordinal += 1;
  cutting.markBytes = 0;
  cutting.droppedBytes = 0;
  cutting.droppedLines = 0;
}

/** Counts the bytes of the unit at hand up to `end` without keeping them. */
export function dropBytes(cutting: SplitState, end: number, lines: number): void {
  cutting.droppedBytes += end - cutting.start;
  cutting.droppedLines += lines;
  cutting.start = end;
  cutting.markBytes = 0;
}

/** Passes white space and line ends; false at the end of the bytes. */
export function skipBlank(cutting: SplitState): boolean {
  const { view } = cutting;
  let at = cutting.start;
  for (; at < view.length; at++) {
    if (view[at] === LF) {
      cutting.line += 1;
      cutting.ordinal = 1;
    } else if (!isBlank(view[at])) break;
  }
  if (cutting.markBytes > 0) cutting.markBytes += at - cutting.start;
  cutting.start = at;
  if (at === view.length) return false;
  cutting.isEmpty = false;
  return true;
}

export function countLineEnds(view: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = view.indexOf(LF, from); at !== -1 && at < to; at = view.indexOf(LF, at + 1)) count += 1;
  return count;
}
