import type { Purchase } from './purchase.js';
import { addPeriods, days } from './subscription.js';

/** Length of a subscription period. */
export interface PeriodLength {
  /** ISO 8601 duration; of a period that the sandbox shortens, that of the product. */
  readonly period: string;
  /** Length of a shortened period in milliseconds; null for a period of the calendar. */
  readonly shortenedMs: number | null;
  /** The payload does not say: the period is one of a trial, or was extended or shortened. */
  readonly isAssumed: boolean;
}

/**
 * End of a period that starts at `fromMs`. Counted from `anchorMs`, where one is given and periods from there lead to `fromMs`: the end of
 * a month stays the end of a month.
 */
export function endOfPeriod(
  fromMs: number,
  { period, shortenedMs }: PeriodLength,
  anchorMs: number | null = null,
): number {
  if (shortenedMs !== null) return fromMs + shortenedMs;
  if (anchorMs === null) return addPeriods(fromMs, period);
  for (let count = 0; count < MAX_PERIODS; count++) {
    const startMs = addPeriods(anchorMs, period, count);
    if (startMs === fromMs) return addPeriods(anchorMs, period, count + 1);
    if (startMs > fromMs) break;
  }
  return addPeriods(fromMs, period);
}

/** Ten years of weeks. */
const MAX_PERIODS = 520;

/** The periods that App Store Connect offers, with their length in days where a month has 30. */
const CALENDAR: readonly (readonly [period: string, days: number])[] = [
  ['P1W', 7],
  ['P1M', 30],
  ['P2M', 60],
  ['P3M', 91],
  ['P6M', 182],
  ['P1Y', 365],
];

const MINUTE_MS = 60_000;

/** Periods of the sandbox at its usual rate. Source: App Store Connect Help, "Sandbox subscription renewal rates". */
const SHORTENED: ReadonlyMap<number, string> = new Map([
  [3 * MINUTE_MS, 'P1W'],
  [5 * MINUTE_MS, 'P1M'],
  [10 * MINUTE_MS, 'P2M'],
  [15 * MINUTE_MS, 'P3M'],
  [30 * MINUTE_MS, 'P6M'],
  [60 * MINUTE_MS, 'P1Y'],
]);

const PAID_ONCE = new Set<unknown>(['FREE_TRIAL', 'PAY_UP_FRONT', 'ONE_TIME']);

/**
 * Length of the periods of a subscription, from the dates of one. `isExtended`: that one was extended. The length of a trial says nothing
 * of the next period: a month is assumed.
 */
export function readLength({ purchaseMs, offer }: Purchase, expiresMs: number, isExtended: boolean): PeriodLength {
  if (offer !== undefined && PAID_ONCE.has(offer.discountType)) return ASSUMED_MONTH;
  const ms = expiresMs - purchaseMs;
  const exact = CALENDAR.find(([period]) => addPeriods(purchaseMs, period) === expiresMs);
  if (exact !== undefined) return { period: exact[0], shortenedMs: null, isAssumed: false };
  const product = SHORTENED.get(ms);
  if (product !== undefined) return { period: product, shortenedMs: ms, isAssumed: false };
  if (ms <= 0) return ASSUMED_MONTH;
  // Periods shortened at another rate.
  if (ms < days(3)) return { period: 'P1M', shortenedMs: ms, isAssumed: false };
  return { period: nearestPeriod(ms, isExtended), shortenedMs: null, isAssumed: true };
}

const ASSUMED_MONTH: PeriodLength = { period: 'P1M', shortenedMs: null, isAssumed: true };

function nearestPeriod(ms: number, isExtended: boolean): string {
  const distance = (count: number): number => Math.abs(Math.log(ms / days(count)));
  const candidates = CALENDAR.filter(([, count]) => !isExtended || days(count) <= ms);
  return candidates.reduce(
    (best, next) => (distance(next[1]) < distance(best[1]) ? next : best),
    candidates[0] ?? CALENDAR[0]!,
  )[0];
}
