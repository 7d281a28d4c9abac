/**
 * How a unit is to be read. `text` also covers damaged JSON and tokens; `literal` is an argument or a paste in full, not cut yet;
 * `oversize` has no bytes, only a count.
 */
type UnitForm = 'json' | 'text' | 'literal' | 'oversize';

/** A piece of the input that is parsed on its own: a JSON value, a line of text, or a token wrapped over several lines. */
export interface Unit {
  /** Offsets into the bytes of the batch. */
  readonly start: number;
  readonly end: number;
  readonly form: UnitForm;
  /** `argument`, `paste`, `stdin`, or the file as it was named. */
  readonly origin: string;
  /** Line (from 1) the unit begins on; null where it is the only unit of its input. */
  readonly line: number | null;
  /** Place (from 1) of the unit among those that share origin and line; its claims are numbered from there. */
  readonly ordinal: number;
  /**
   * True where somebody gave exactly this as a payload (an argument, a paste, a file that holds nothing else): what looks like a token
   * is one even if it is damaged. Text of a log is only searched.
   */
  readonly whole: boolean;
  /** Bytes of an `oversize` unit. */
  readonly oversizeBytes?: number;
}

/**
 * Units together with the bytes they point into. Plain data that survives a worker's postMessage; `bytes` owns its ArrayBuffer, so that
 * it can be transferred.
 */
export interface UnitBatch {
  readonly bytes: Uint8Array;
  readonly units: readonly Unit[];
}
