import { COMMA, isBlank, LF, OPEN_BRACE, OPEN_BRACKET } from './bytes.js';
import { cutElements } from './split-elements.js';
import { cutText } from './split-text.js';
import { createSplitState, emitUnit, type SplitState, type SplitUnit, type Step, skipBlank } from './state.js';

/** Bytes and the units in them. `only`: the input holds this one unit and nothing else. */
export interface SplitChunk {
  readonly bytes: Uint8Array;
  readonly cuts: readonly SplitUnit[];
  readonly only: boolean;
}

/**
 * Cuts one input into units, however its bytes arrive: JSON values (one a line, pretty-printed, or one after another), the elements of
 * a JSON value too large to hold, lines of text, and tokens wrapped over several lines. Holds one unit and a piece's worth of bytes.
 */
export interface InputSplitter {
  push(chunk: Uint8Array): void;
  /** The input is at its end. */
  finish(): void;
  /** Nothing but white space came. */
  readonly isEmpty: boolean;
  /** The units found so far, once they make up `minBytes`; null while there are too few, or while an only unit may get company. */
  take(minBytes: number): SplitChunk | null;
}

/** A JSON value beyond this is not held. Apple's largest response, a page of 20 notifications, has 0.4 MB. */
const MAX_VALUE_BYTES = 4 * 1024 * 1024;

/** This much behind the first unit, if only white space, settles that it is not treated as an only one. */
const MAX_COMPANY_BYTES = 1024 * 1024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export function createInputSplitter(): InputSplitter {
  const window = createWindow();
  const cutting = createSplitState();
  let step: Step = atInput;
  let hasGivenOut = false;

  function cut(): void {
    cutting.view = window.view;
    for (let next = step(cutting); next !== null; next = step(cutting)) step = next;
    if (cutting.cuts.length === 0 && cutting.start - cutting.markBytes > MAX_COMPANY_BYTES) forget(window.drop);
  }

  /** Lets go of all bytes before the unit at hand. */
  function forget<T>(how: (bytes: number) => T): T {
    const bytes = cutting.start - cutting.markBytes;
    const result = how(bytes);
    cutting.view = window.view;
    cutting.start -= bytes;
    cutting.looked -= bytes;
    cutting.scanner.rebase(bytes);
    return result;
  }

  function mayGiveOut(): boolean {
    const [first, second] = cutting.cuts;
    if (first === undefined) return false;
    return hasGivenOut || second !== undefined || cutting.final || cutting.view.length - first.end > MAX_COMPANY_BYTES;
  }

  return {
    push(chunk) {
      window.append(chunk);
      cut();
    },
    finish() {
      cutting.final = true;
      cut();
    },
    get isEmpty() {
      return cutting.isEmpty;
    },
    take(minBytes) {
      if (!mayGiveOut() || cutting.start < minBytes) return null;
      const { cuts } = cutting;
      const only = cutting.final && !hasGivenOut && cuts.length === 1;
      cutting.cuts = [];
      hasGivenOut = true;
      return { bytes: forget(window.release), cuts, only };
    },
  };
}

const atText = cutText((cutting) => atUnit(cutting));

const atElements = cutElements(
  (cutting) => atUnit(cutting),
  (cutting) => atText(cutting),
);

function atInput(cutting: SplitState): Step | null {
  const first = cutting.view.subarray(0, BYTE_ORDER_MARK.length);
  if (!cutting.final && BYTE_ORDER_MARK.length > first.length && BYTE_ORDER_MARK.indexOf(first) === 0) return null;
  if (first.equals(BYTE_ORDER_MARK)) cutting.markBytes = first.length;
  cutting.start = cutting.markBytes;
  return atUnit;
}

function atUnit(cutting: SplitState): Step | null {
  if (!skipBlank(cutting)) return null;
  const byte = cutting.view[cutting.start];
  if (byte !== OPEN_BRACE && byte !== OPEN_BRACKET) return atText;
  cutting.scanner.begin(cutting.start);
  return inValue;
}

function inValue(cutting: SplitState): Step | null {
  const { scanner, view, start, final } = cutting;
  const scan = scanner.run(view);
  if (scan !== 'bad' && scanner.at - start > MAX_VALUE_BYTES) return atElements;
  if (scan === 'end') {
    cutting.looked = scanner.at;
    return afterValue;
  }
  return scan === 'bad' || final ? atText : null;
}

/** What follows on the line decides whether the value stands for itself or was part of a line of text. */
function afterValue(cutting: SplitState): Step | null {
  const { scanner, view, start, final, ordinal } = cutting;
  let { looked } = cutting;
  while (looked < view.length && (isBlank(view[looked]) || view[looked] === COMMA)) looked += 1;
  cutting.looked = looked;
  if (looked === view.length && !final) return null;
  const next = view[looked];
  const isAlone = looked === view.length || next === LF;
  const isFollowed = (next === OPEN_BRACE || next === OPEN_BRACKET) && view[start] === OPEN_BRACE;
  if (!isAlone && !isFollowed && scanner.lines === 0 && ordinal === 1) return atText;
  emitUnit(cutting, scanner.damaged ? 'text' : 'json', scanner.at, scanner.lines);
  cutting.start = looked;
  return atUnit;
}

/** The bytes of an input that are still needed: they come in at one end and are handed on, or dropped, at the other. */
interface Window {
  /** All bytes at hand. */
  readonly view: Buffer;
  append(chunk: Uint8Array): void;
  /** Gives the first bytes away, in an ArrayBuffer of their own; the rest moves to the front of a new one. */
  release(length: number): Uint8Array;
  /** Forgets the first bytes. */
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

/** Not from Buffer's shared pool: what is handed to a worker thread takes its whole ArrayBuffer along. */
function allocate(size: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(size));
}
