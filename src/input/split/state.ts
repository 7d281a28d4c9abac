import { isBlank, LF } from './bytes.js';
import { createJsonScanner, type JsonScanner } from './json-scanner.js';
import type { OpenToken } from './wrapped-token.js';

/** A unit: offsets into the bytes of its chunk. */
export interface SplitUnit {
  readonly start: number;
  readonly end: number;
  readonly form: 'json' | 'text' | 'oversize';
  /** From 1. */
  readonly line: number;
  /** From 1, among the units that begin on the same line. */
  readonly ordinal: number;
  readonly oversizeBytes?: number;
}

/** A state of the splitter: consumes a unit or a part of one and returns the next step; null where it needs more bytes. */
export type SplitStep = (state: SplitState) => SplitStep | null;

/** The progress on one input. Steps modify it. */
export interface SplitState {
  /** All bytes in the window; every offset here refers to it. */
  view: Buffer;
  /** The input has ended. */
  final: boolean;
  readonly scanner: JsonScanner;
  units: SplitUnit[];
  /** Start of the current unit, with its line and ordinal. */
  start: number;
  line: number;
  ordinal: number;
  /** End of the scanned part of the current unit. */
  scanned: number;
  /** Bytes of a byte order mark before the first unit, which are part of it. */
  markBytes: number;
  /** Bytes and line ends of the current unit that were counted and dropped. */
  droppedBytes: number;
  droppedLines: number;
  /** The unfinished token at the end of the last line. */
  open: OpenToken;
  /** From the start of the unit to the last of the values that Docker has split a log line into, and the line ends before it. */
  partOffset: number;
  partLines: number;
  /** The containers around the current element of a value that is split. */
  containers: ('array' | 'object')[];
  /** In a split object: the next element is a value, not a key. */
  hasKey: boolean;
  /** The last key in a split object was `signedPayload`. */
  isPayloadKey: boolean;
  /** Only white space so far. */
  isEmpty: boolean;
  /** Units so far. */
  emitted: number;
  /** Since the last chunk: see {@link Passed}. */
  passedUnits: number;
  passedBytes: number;
}

/** Units without any sign of a payload, which were counted and not emitted. */
export interface Passed {
  readonly units: number;
  /** Their bytes that are in no chunk. */
  readonly bytes: number;
}

export const NOTHING_PASSED: Passed = { units: 0, bytes: 0 };

export function createSplitState(): SplitState {
  return {
    view: Buffer.alloc(0),
    final: false,
    scanner: createJsonScanner(),
    units: [],
    start: 0,
    line: 1,
    ordinal: 1,
    scanned: 0,
    markBytes: 0,
    droppedBytes: 0,
    droppedLines: 0,
    open: { dots: 0, tail: 0 },
    partOffset: 0,
    partLines: 0,
    containers: [],
    hasKey: false,
    isPayloadKey: false,
    isEmpty: true,
    emitted: 0,
    passedUnits: 0,
    passedBytes: 0,
  };
}

/** Ends the current unit at `end`, `lines` line ends after its start. With a byte order mark it is text: the mark is not JSON. */
export function emitUnit(state: SplitState, form: 'json' | 'text', end: number, lines: number): void {
  const { start, line, ordinal, markBytes } = state;
  state.units.push({ start: start - markBytes, end, form: markBytes > 0 ? 'text' : form, line, ordinal });
  state.emitted += 1;
  skipUnit(state, end, lines, true);
}

/** Ends a unit without emitting it. */
export function passUnit(state: SplitState, end: number, lines: number): void {
  state.passedUnits += 1;
  skipUnit(state, end, lines, true);
}

/** What was passed since the last chunk. */
export function takePassed(state: SplitState): Passed {
  const passed = { units: state.passedUnits, bytes: state.passedBytes };
  state.passedUnits = 0;
  state.passedBytes = 0;
  return passed;
}

/** Ends an oversize unit at `end`; part of its bytes were dropped. */
export function emitOversize(state: SplitState, end: number, lines: number): void {
  const { start, line, ordinal, droppedBytes, droppedLines } = state;
  state.units.push({ start: end, end, form: 'oversize', line, ordinal, oversizeBytes: droppedBytes + end - start });
  skipUnit(state, end, lines + droppedLines, true);
}

/** Continues after the current unit. `counts`: the unit was emitted, so that the next one on its line has the next ordinal. */
export function skipUnit(state: SplitState, end: number, lines: number, counts: boolean): void {
  state.start = end;
  state.line += lines;
  if (lines > 0) state.ordinal = 1;
  else if (counts) state.ordinal += 1;
  state.markBytes = 0;
  state.droppedBytes = 0;
  state.droppedLines = 0;
}

/** Counts and drops the bytes of the current unit up to `end`. */
export function dropBytes(state: SplitState, end: number, lines: number): void {
  state.droppedBytes += end - state.start;
  state.droppedLines += lines;
  state.start = end;
  state.markBytes = 0;
}

/** Skips white space and line ends; false at the end of the bytes. */
export function skipBlank(state: SplitState): boolean {
  const { view } = state;
  let at = state.start;
  for (; at < view.length; at++) {
    if (view[at] === LF) {
      state.line += 1;
      state.ordinal = 1;
    } else if (!isBlank(view[at])) break;
  }
  if (state.markBytes > 0) state.markBytes += at - state.start;
  state.start = at;
  if (at === view.length) return false;
  state.isEmpty = false;
  return true;
}

export function countLineEnds(view: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = view.indexOf(LF, from); at !== -1 && at < to; at = view.indexOf(LF, at + 1)) count += 1;
  return count;
}
