import type { PayloadDocument, VerdictWord } from './document.js';
import { factsOf } from './facts.js';
import type { ReasonCode } from './reasons.js';

/**
 * How often each word occurred. Words come from payloads: a Map, so that none is special, with at most {@link MAX_WORDS} of them;
 * what comes after is counted in `other` without its name.
 */
export interface Tally {
  readonly words: Map<string, number>;
  other: number;
}

/** Totals over a run. Plain data that survives postMessage; {@link addToCounts} changes it in place, as it is called per payload. */
export interface Totals {
  total: number;
  readonly verdicts: Record<VerdictWord, number>;
  readonly reasons: Partial<Record<ReasonCode, number>>;
  readonly types: Tally;
  readonly environments: Tally;
  readonly kinds: Tally;
  /** Pieces of input that hold no payload. */
  skipped: number;
}

/** Apple knows some fifty events and four environments: more distinct words than this are noise or an attack on memory. */
export const MAX_WORDS = 200;

const MAX_WORD_LENGTH = 100;

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

/** Counts one document. */
export function addToTotals(counts: Totals, document: PayloadDocument): void {
  const { type, environment } = factsOf(document);
  counts.total += 1;
  count(counts.types, type, 1);
  count(counts.environments, environment ?? NO_ENVIRONMENT, 1);
  count(counts.kinds, document.kind, 1);
  if (document.verification === undefined) return;
  const { verdict, reason } = document.verification;
  counts.verdicts[verdict] += 1;
  if (reason !== null) counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
}

/** Both together, as a new value; neither is changed. */
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

function emptyTally(): Tally {
  return { words: new Map(), other: 0 };
}

function count(tally: Tally, word: string, times: number): void {
  const key = word.length > MAX_WORD_LENGTH ? copyStart(word) : word;
  const before = tally.words.get(key);
  if (before === undefined && tally.words.size >= MAX_WORDS) tally.other += times;
  else tally.words.set(key, (before ?? 0) + times);
}

/** A slice would keep the whole of a long string alive. */
function copyStart(word: string): string {
  return `${Buffer.from(word.slice(0, MAX_WORD_LENGTH)).toString()}…`;
}

function mergeTallies(one: Tally, other: Tally): Tally {
  const merged: Tally = { words: new Map(one.words), other: one.other + other.other };
  for (const [word, times] of other.words) count(merged, word, times);
  return merged;
}

function mergeReasons(one: Totals['reasons'], other: Totals['reasons']): Totals['reasons'] {
  const merged = { ...one };
  for (const [reason, times] of Object.entries(other) as [ReasonCode, number][])
    merged[reason] = (merged[reason] ?? 0) + times;
  return merged;
}
