import type { Passed } from './split/state.js';

/**
 * `text` includes damaged JSON and tokens; `literal` is an argument or a paste in full, not yet split; `oversize` has no bytes, only their
 * count.
 */
type UnitForm = 'json' | 'text' | 'literal' | 'oversize';

/** A part of the input that is parsed by itself: a JSON value, a line of text, or a token wrapped over several lines. */
export interface Unit {
  /** Offsets into the bytes of the batch. */
  readonly start: number;
  readonly end: number;
  readonly form: UnitForm;
  /** `argument`, `paste`, `stdin`, or the file name as given. */
  readonly origin: string;
  /** Line (from 1) the unit begins on; null where it is the only unit of its input. */
  readonly line: number | null;
  /** Number (from 1) of the unit among those with the same origin and line; its claims are numbered from there. */
  readonly ordinal: number;
  /**
   * True where exactly this was given as a payload (an argument, a paste, the only content of a file): text that begins like a token is a
   * claim even if it is damaged. Other text, such as a log, is searched for tokens.
   */
  readonly whole: boolean;
  /** Bytes of an `oversize` unit. */
  readonly oversizeBytes?: number;
}

/** Units and the bytes their offsets refer to. Plain data for postMessage; `bytes` owns its ArrayBuffer, so that it can be transferred. */
export interface UnitBatch {
  readonly bytes: Uint8Array;
  readonly units: readonly Unit[];
  /** Units without any sign of a payload, which were counted only. */
  readonly passed: Passed;
}
