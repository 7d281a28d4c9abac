import type { ColorSupportLevel } from 'chalk';
import type { Hints } from '../document-view/line.js';
import type { UnitBatch } from '../input/unit.js';
import type { Recognised } from '../notification/document.js';
import type { PayloadFilter } from '../notification/payload-filter.js';
import type { Totals } from '../notification/totals.js';
import type { VerifyOptions } from '../notification/verify.js';

/** A trusted root as plain data, for a worker thread. */
interface RootBytes {
  readonly der: Uint8Array;
  readonly name: string;
  readonly remark?: string;
}

/** The work on every payload of a run. Plain data: worker threads get a copy. */
export interface Job {
  /** null: decode only. */
  readonly verify: VerifyOptions | null;
  /** Time limit (ms) of one OCSP request; null without `--online`. */
  readonly ocspTimeoutMs: number | null;
  /** Adds every JWS and the certificates in full. */
  readonly raw: boolean;
  /** Payloads to process; all where left out. */
  readonly filter?: PayloadFilter;
  /**
   * `none`: counted only. `lines`: a line each, the long view for a single one. `full`: the verbose view of each. `purchase`: JSON of the parts
   * that a timeline needs, also of what has no JWS.
   */
  readonly output: 'json' | 'lines' | 'full' | 'none' | 'purchase';
  readonly view: JobView;
}

interface JobView {
  readonly columns: number;
  readonly level: ColorSupportLevel;
  readonly nowMs: number;
}

/** The outcome of one batch. */
export interface BatchResult {
  readonly output: Uint8Array;
  readonly counts: Totals;
  /** Of the failures on its lines; empty for other outputs. */
  readonly hints: Hints;
  /** Payloads that could not be decoded or have no JWS. */
  readonly unreadable: Unreadable;
  readonly bugs: Bugs;
  readonly filtered: Filtered;
}

/** Payloads under a filter, by its result. */
export interface Filtered {
  /** Not processed. */
  readonly others: number;
  /** Processed although nothing shows that they match: a damaged payload may be the one that is looked for. */
  readonly unreadable: number;
}

export const NOTHING_FILTERED: Filtered = { others: 0, unreadable: 0 };

/** Payloads on which this tool failed; `first` is null where there is none. */
export interface Bugs {
  readonly count: number;
  readonly first: { readonly source: string; readonly stack: string } | null;
}

export const NO_BUGS: Bugs = { count: 0, first: null };

export function addBugs(one: Bugs, other: Bugs): Bugs {
  if (other.first === null) return one;
  return { count: one.count + other.count, first: one.first ?? other.first };
}

/** A unit whose claims could not be found because of a bug. */
export interface FailedClaim {
  readonly type: 'failed';
  readonly source: string;
  readonly repaired: readonly [];
  readonly error: unknown;
}

export interface Unreadable {
  readonly malformed: number;
  readonly withoutJws: number;
  readonly first: { readonly source: string; readonly message: string; readonly hint: string } | null;
  /** Units with signs of a token in which none could be read, and the source of the first. */
  readonly unread: number;
  readonly firstUnread: string | null;
  /** Session tokens (HS256 and its like) found in text: no payload of Apple's, so that they are counted only; `alg` of the first. */
  readonly foreign: number;
  readonly foreignAlg: string | null;
  /** Number of skipped units examined for another format, and the first format recognised. */
  readonly inspected: number;
  readonly recognised: (Recognised & { readonly source: string }) | null;
}

export const NOTHING_UNREADABLE: Unreadable = {
  malformed: 0,
  withoutJws: 0,
  first: null,
  unread: 0,
  firstUnread: null,
  foreign: 0,
  foreignAlg: null,
  inspected: 0,
  recognised: null,
};

/** Skipped units that are inspected: one names the mistake, and a log has many lines without a payload. */
export const MOST_INSPECTED = 40;

export function addUnreadable(one: Unreadable, other: Unreadable): Unreadable {
  return {
    malformed: one.malformed + other.malformed,
    withoutJws: one.withoutJws + other.withoutJws,
    first: one.first ?? other.first,
    unread: one.unread + other.unread,
    firstUnread: one.firstUnread ?? other.firstUnread,
    foreign: one.foreign + other.foreign,
    foreignAlg: one.foreignAlg ?? other.foreignAlg,
    inspected: one.inspected + other.inspected,
    recognised: one.recognised ?? other.recognised,
  };
}

/** Messages to a worker: the job first, then batches. */
export type ToWorker =
  | { readonly type: 'job'; readonly job: Job; readonly roots: readonly RootBytes[] }
  | { readonly type: 'batch'; readonly batch: UnitBatch; readonly spare: ArrayBuffer | null };

/** The reply to a batch. `failed`: a bug, or a job that could not be set up. */
export type FromWorker =
  | { readonly type: 'result'; readonly result: BatchResult }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string };

/** True where the output shows certificates: JSON, and text with every field. */
export function showsCertificates({ output }: Pick<Job, 'output'>): boolean {
  return output === 'json' || output === 'full';
}
