import type { ColorSupportLevel } from 'chalk';
import type { UnitBatch } from '../input/unit.js';
import type { Totals } from '../notification/totals.js';
import type { VerifyOptions } from '../notification/verify.js';

/** A trusted root as it travels to a worker thread. */
interface RootBytes {
  readonly der: Uint8Array;
  readonly name: string;
}

/** What is done with every payload of a run. Plain data: worker threads get a copy. */
export interface Job {
  /** null: decode only. */
  readonly verify: VerifyOptions | null;
  /** Time limit (ms) of one question to an OCSP responder; null where none is asked. */
  readonly ocspTimeoutMs: number | null;
  /** Adds every JWS and the certificates in full. */
  readonly raw: boolean;
  /** `none`: counted only. `full`: the long view even where there are several, with nothing left out. */
  readonly output: 'json' | 'lines' | 'full' | 'none';
  readonly view: { readonly columns: number; readonly level: ColorSupportLevel; readonly nowMs: number };
}

/** What became of one batch. */
export interface BatchResult {
  readonly output: Uint8Array;
  readonly counts: Totals;
  /** Payloads that could not be read or have no JWS, the first of them in words. */
  readonly unreadable: Unreadable;
}

export interface Unreadable {
  readonly malformed: number;
  readonly withoutJws: number;
  readonly first: { readonly source: string; readonly message: string; readonly hint: string } | null;
}

export const NOTHING_UNREADABLE: Unreadable = { malformed: 0, withoutJws: 0, first: null };

export function addUnreadable(one: Unreadable, other: Unreadable): Unreadable {
  return {
    malformed: one.malformed + other.malformed,
    withoutJws: one.withoutJws + other.withoutJws,
    first: one.first ?? other.first,
  };
}

/** Messages between the main thread and a worker. */
export type ToWorker =
  | { readonly type: 'job'; readonly job: Job; readonly roots: readonly RootBytes[] }
  | { readonly type: 'batch'; readonly id: number; readonly batch: UnitBatch; readonly spare: ArrayBuffer | null };

export type FromWorker =
  | { readonly type: 'result'; readonly id: number; readonly result: BatchResult }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string };
