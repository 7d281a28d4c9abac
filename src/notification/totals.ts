import type { PayloadDocument, VerdictWord } from './document.js';
import { factsOf } from './facts.js';
import type { ReasonCode } from './reasons.js';

/**
 * Counts by value. Values come from payloads: a Map, so that no key is special, with at most {@link MAX_VALUES} entries;
 * further values are counted in `other`.
 */
export interface ValueTally {
  readonly values: Map<string, number>;
  other: number;
}

/** Totals of a run. Plain data for postMessage; {@link addToTotals} updates it in place, since it runs for each payload. */
export interface Totals {
  total: number;
  readonly verdicts: Record<VerdictWord, number>;
  readonly reasons: Partial<Record<ReasonCode, number>>;
  readonly types: ValueTally;
  readonly environments: ValueTally;
  readonly kinds: ValueTally;
  /** Pieces of input without a payload. */
  skipped: number;
}

/** Apple has about fifty events and four environments: more distinct values than this are noise or an attack on memory. */
export const MAX_VALUES = 200;

const MAX_VALUE_LENGTH = 100;

const NO_ENVIRONMENT = 'not given';

export function emptyTotals(): Totals {
  return {
    total: 0,
    verdicts: { valid: 0, invalid: 0, undetermined: 0 },
    reasons: {},
    types: emptyTally(),
    environments: emptyTally(),
    kinds: emptyTally(),
    skipped: 0,
  };
}

/** Adds one document to the totals. */
export function addToTotals(totals: Totals, document: PayloadDocument): void {
  const { type, environment } = factsOf(document);
  totals.total += 1;
  count(totals.types, type, 1);
  count(totals.environments, environment ?? NO_ENVIRONMENT, 1);
  count(totals.kinds, document.kind, 1);
  if (document.verification === undefined) return;
  const { verdict, reason } = document.verification;
  totals.verdicts[verdict] += 1;
  if (reason !== null) totals.reasons[reason] = (totals.reasons[reason] ?? 0) + 1;
}

/** Sum of two totals, as a new value. */
export function mergeTotals(one: Totals, other: Totals): Totals {
  return {
    total: one.total + other.total,
    verdicts: {
      valid: one.verdicts.valid + other.verdicts.valid,
      invalid: one.verdicts.invalid + other.verdicts.invalid,
      undetermined: one.verdicts.undetermined + other.verdicts.undetermined,
    },
    reasons: mergeReasons(one.reasons, other.reasons),
    types: mergeTallies(one.types, other.types),
    environments: mergeTallies(one.environments, other.environments),
    kinds: mergeTallies(one.kinds, other.kinds),
    skipped: one.skipped + other.skipped,
  };
}

function emptyTally(): ValueTally {
  return { values: new Map(), other: 0 };
}

function count(tally: ValueTally, value: string, times: number): void {
  const key = value.length > MAX_VALUE_LENGTH ? copyStart(value) : value;
  const before = tally.values.get(key);
  if (before === undefined && tally.values.size >= MAX_VALUES) tally.other += times;
  else tally.values.set(key, (before ?? 0) + times);
}

/** Copies the start of a string, since a slice would keep the whole long string in memory. */
function copyStart(value: string): string {
  return `${Buffer.from(value.slice(0, MAX_VALUE_LENGTH)).toString()}…`;
}

function mergeTallies(one: ValueTally, other: ValueTally): ValueTally {
  const merged: ValueTally = { values: new Map(one.values), other: one.other + other.other };
  for (const [value, times] of other.values) count(merged, value, times);
  return merged;
}

function mergeReasons(one: Totals['reasons'], other: Totals['reasons']): Totals['reasons'] {
  const merged = { ...one };
  for (const [reason, times] of Object.entries(other) as [ReasonCode, number][])
    merged[reason] = (merged[reason] ?? 0) + times;
  return merged;
}
