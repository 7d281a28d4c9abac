import { COMMA, DOCKER_LINE, isBlank, LF, OPEN_BRACE, OPEN_BRACKET, TOKEN_START } from './bytes.js';
import { isSignlessObject, mayPassLines } from './signless-lines.js';
import { splitElements } from './split-elements.js';
import { splitText } from './split-text.js';
import {
  createSplitState,
  emitUnit,
  type Passed,
  passUnit,
  type SplitState,
  type SplitStep,
  type SplitUnit,
  skipBlank,
  takePassed,
} from './state.js';

/** Bytes and the units in them. `isOnly`: the one unit is the whole input. */
export interface SplitChunk {
  readonly bytes: Uint8Array;
  readonly units: readonly SplitUnit[];
  readonly isOnly: boolean;
  /** Units between them, and before them since the last chunk. */
  readonly passed: Passed;
}

/**
 * Splits one input into units, however its bytes are chunked: JSON values (one a line, pretty-printed, or concatenated), the elements of a
 * JSON value too large for memory, lines of text, and tokens wrapped over several lines. Keeps one unit and one chunk in memory.
 */
export interface InputSplitter {
  push(chunk: Uint8Array): void;
  /** Ends the input. */
  finish(): void;
  /** Only white space so far. */
  readonly isEmpty: boolean;
  /** The units so far, once they have `minBytes`; null before that, and while it is open whether the first unit is the only one. */
  take(minBytes: number): SplitChunk | null;
}

/** A larger JSON value is split into its elements. Apple's largest response, a page of 20 notifications, has 0.4 MB. */
const MAX_VALUE_BYTES = 4 * 1024 * 1024;

/** More white space than this after the first unit: it is no longer treated as the only one. */
const MAX_BLANK_BYTES = 1024 * 1024;

/** Bytes before the first unit are dropped in pieces of this size. */
const DROP_BYTES = 64 * 1024;

/** A chunk without units is returned after so many bytes, for the progress. */
const PASSED_BYTES = 8 * 1024 * 1024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** `isLive`: the first unit is not kept back until the next one where it is a line with a token in it, as of a log that goes on. */
export function createInputSplitter(isLive = false): InputSplitter {
  const window = createWindow();
  const state = createSplitState();
  let step: SplitStep = atInput;
  let hasReleased = false;

  function cut(): void {
    state.view = window.view;
    for (let next = step(state); next !== null; next = step(state)) step = next;
    const bytes = state.start - state.markBytes;
    if (state.units.length > 0 || bytes <= DROP_BYTES) return;
    dropBefore(window.drop);
    if (state.passedUnits > 0) state.passedBytes += bytes;
  }

  /** Drops or releases all bytes before the current unit. */
  function dropBefore<T>(how: (bytes: number) => T): T {
    const bytes = state.start - state.markBytes;
    const result = how(bytes);
    state.view = window.view;
    state.start -= bytes;
    state.scanned -= bytes;
    state.scanner.rebase(bytes);
    return result;
  }

  function canRelease(): boolean {
    const [first, second] = state.units;
    if (first === undefined) return false;
    if (hasReleased || second !== undefined || state.final) return true;
    return state.view.length - first.end > MAX_BLANK_BYTES || (isLive && holdsToken(first));
  }

  /** Text that begins like a token may be one that is damaged, which is told where it is the only unit. */
  function holdsToken({ start, end }: SplitUnit): boolean {
    return state.view.subarray(start, end).indexOf(TOKEN_START) > 0;
  }

  /** A chunk without units, for the count of those that were passed; null where it can wait. */
  function passedAlone(): SplitChunk | null {
    const { units, passedUnits, passedBytes, final } = state;
    if (units.length > 0 || passedUnits === 0 || !(final || passedBytes > PASSED_BYTES)) return null;
    return { bytes: new Uint8Array(0), units, isOnly: false, passed: takePassed(state) };
  }

  return {
    push(chunk) {
      window.append(chunk);
      cut();
    },
    finish() {
      state.final = true;
      cut();
    },
    get isEmpty() {
      return state.isEmpty;
    },
    take(minBytes) {
      if (!canRelease() || state.start < minBytes) return passedAlone();
      const { units } = state;
      const passed = takePassed(state);
      const isOnly = state.final && !hasReleased && units.length === 1;
      state.units = [];
      hasReleased = true;
      return { bytes: dropBefore(window.release), units, isOnly, passed };
    },
  };
}

const atText = splitText((state) => atUnit(state));

const atElements = splitElements(
  (state) => atUnit(state),
  (state) => atText(state),
);

function atInput(state: SplitState): SplitStep | null {
  const first = state.view.subarray(0, BYTE_ORDER_MARK.length);
  if (!state.final && BYTE_ORDER_MARK.length > first.length && BYTE_ORDER_MARK.indexOf(first) === 0) return null;
  if (first.equals(BYTE_ORDER_MARK)) state.markBytes = first.length;
  state.start = state.markBytes;
  return atUnit;
}

function atUnit(state: SplitState): SplitStep | null {
  if (!skipBlank(state)) return null;
  const byte = state.view[state.start];
  if (byte !== OPEN_BRACE && byte !== OPEN_BRACKET) return atText;
  state.partOffset = 0;
  state.partLines = 0;
  state.scanner.begin(state.start);
  return inValue;
}

function inValue(state: SplitState): SplitStep | null {
  const { scanner, view, start, final } = state;
  const scan = scanner.run(view);
  if (scan !== 'bad' && scanner.at - start > MAX_VALUE_BYTES) return atElements;
  if (scan === 'end') {
    state.scanned = scanner.at;
    return afterValue;
  }
  return scan === 'bad' || final ? atText : null;
}

/** A value is a unit if nothing else follows on its line; otherwise it is part of a line of text. */
function afterValue(state: SplitState): SplitStep | null {
  const { scanner, view, start, final, ordinal } = state;
  let { scanned } = state;
  while (scanned < view.length && (isBlank(view[scanned]) || view[scanned] === COMMA)) scanned += 1;
  state.scanned = scanned;
  if (scanned === view.length && !final) return null;
  const next = view[scanned];
  const isAlone = scanned === view.length || next === LF;
  const isFollowed = (next === OPEN_BRACE || next === OPEN_BRACKET) && view[start] === OPEN_BRACE;
  if (!isAlone && !isFollowed && scanner.lines === 0 && ordinal === 1) return atText;
  return next === LF && isSplitLine(state) ? atNextPart : endValue(state);
}

function endValue(state: SplitState): SplitStep {
  const { scanner, view, start, scanned, partLines } = state;
  const isJson = !scanner.damaged && partLines === 0;
  const isSignless = isJson && scanner.lines === 0 && mayPassLines(state) && isSignlessObject(view, start, scanner.at);
  if (isSignless) passUnit(state, scanner.at, 0);
  else emitUnit(state, isJson ? 'json' : 'text', scanner.at, scanner.lines + partLines);
  state.start = scanned;
  return atUnit;
}

const DOCKER_START = Buffer.from(DOCKER_LINE);

/** What ends a whole line of a log in Docker's JSON: its text has the line end. */
const WHOLE_LINE = Buffer.from('\\n","');

/** True for a JSON line of Docker whose text goes on in the next one: it splits after 16 KiB. */
function isSplitLine({ view, start, partOffset, scanner }: SplitState): boolean {
  const from = start + partOffset;
  if (!view.subarray(from, from + DOCKER_START.length).equals(DOCKER_START)) return false;
  const line = view.subarray(from, scanner.at);
  return line.length > MIN_SPLIT_BYTES && !line.includes(WHOLE_LINE) && scanner.at - start <= MAX_VALUE_BYTES;
}

const MIN_SPLIT_BYTES = 1024;

/** The next line, where Docker wrote it, too. */
function atNextPart(state: SplitState): SplitStep | null {
  const { view, scanned, final, start } = state;
  const from = scanned + 1;
  if (view.length - from < DOCKER_START.length && !final) return null;
  if (!view.subarray(from, from + DOCKER_START.length).equals(DOCKER_START)) return endValue(state);
  state.partOffset = from - start;
  state.partLines += 1;
  state.scanner.begin(from);
  return inValue;
}

/** A sliding window over the bytes of an input. */
interface Window {
  /** All bytes in the window. */
  readonly view: Buffer;
  append(chunk: Uint8Array): void;
  /** Removes the first bytes and returns them in an ArrayBuffer of their own; the rest moves to a new one. */
  release(length: number): Uint8Array;
  /** Drops the first bytes. */
  drop(length: number): void;
}

const INITIAL_BYTES = 64 * 1024;

function createWindow(): Window {
  let bytes = allocate(0);
  let length = 0;
  let view = bytes;

  function ensure(wanted: number): void {
    if (wanted <= bytes.length) return;
    const larger = allocate(Math.max(wanted, bytes.length * 2, INITIAL_BYTES));
    view.copy(larger);
    bytes = larger;
  }

  function resize(next: number): void {
    length = next;
    view = bytes.subarray(0, length);
  }

  return {
    get view() {
      return view;
    },
    append(chunk) {
      ensure(length + chunk.length);
      bytes.set(chunk, length);
      resize(length + chunk.length);
    },
    release(count) {
      const given = new Uint8Array(bytes.buffer, 0, count);
      const rest = view.subarray(count);
      bytes = rest.length === 0 ? allocate(0) : allocate(Math.max(rest.length * 2, INITIAL_BYTES));
      rest.copy(bytes);
      resize(rest.length);
      return given;
    },
    drop(count) {
      bytes.copyWithin(0, count, length);
      resize(length - count);
    },
  };
}

/** Not from Buffer's shared pool: a transfer to a worker thread takes the whole ArrayBuffer. */
function allocate(size: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(size));
}
