import { lastBegun } from './last-begun.js';
import type { PurchaseRecord } from './purchase-record.js';
import type { TransactionFacts } from './signed-facts.js';
import { StateMarks } from './state-marks.js';

/** What one transaction paid for, and the states up to the next transaction. */
export interface BillingPeriod {
  /** Place in the list of periods. */
  readonly place: number;
  /** Start of the period. A recovery may move it to its own moment. */
  startMs: number;
  /** expiresDate; null for one-time purchases, and where no payload says. */
  endMs: number | null;
  /** As signed last; null for a subscription of which only renewal info is known. */
  readonly transaction: TransactionFacts | null;
  /** Further transactions of the same period: seats added within it. */
  readonly additions: TransactionFacts[];
  readonly marks: StateMarks;
  /** A record of it has been applied. */
  isOpen: boolean;
  /** A renewal at its end failed. */
  hasFailed: boolean;
}

export interface BillingPeriods {
  /** In the order of purchase. */
  readonly periods: readonly BillingPeriod[];
  /** Period of a record, by its transaction or by its time; null where no period is known. */
  readonly periodOf: (record: PurchaseRecord) => BillingPeriod | null;
  /** The record is of seats that were added within a period. */
  readonly isAddition: (record: PurchaseRecord) => boolean;
}

/** Billing periods of one purchase. `records` are in order of `signedDate`: of several versions of a transaction the last one counts. */
export function billingPeriods(records: readonly PurchaseRecord[]): BillingPeriods {
  const latest = new Map<string, { startMs: number; transaction: TransactionFacts }>();
  for (const { transaction, signedMs } of records) {
    if (transaction === null) continue;
    const key = keyOf(transaction);
    const startMs = transaction.purchaseMs ?? latest.get(key)?.startMs ?? signedMs;
    if (startMs !== null) latest.set(key, { startMs, transaction });
  }
  const sorted = [...latest].sort(
    ([oneKey, one], [otherKey, other]) => one.startMs - other.startMs || (oneKey < otherKey ? -1 : 1),
  );
  const periods: BillingPeriod[] = [];
  const byKey = new Map<string, BillingPeriod>();
  const additions = new Set<string>();
  for (const [key, { startMs, transaction }] of sorted) {
    const before = periods.at(-1);
    if (before !== undefined && isAdditionTo(before, transaction)) {
      before.additions.push(transaction);
      additions.add(key);
      byKey.set(key, before);
      continue;
    }
    const period = periodFrom(startMs, transaction, periods.length);
    periods.push(period);
    byKey.set(key, period);
  }
  if (periods.length === 0) periods.push(...periodOfRenewal(records));
  return {
    periods,
    periodOf: (record) =>
      (record.transaction === null ? undefined : byKey.get(keyOf(record.transaction))) ?? periodAt(periods, record),
    isAddition: ({ transaction }) => transaction !== null && additions.has(keyOf(transaction)),
  };
}

function keyOf({ id, purchaseMs }: TransactionFacts): string {
  return id ?? `at ${purchaseMs}`;
}

function periodFrom(startMs: number, transaction: TransactionFacts | null, place: number): BillingPeriod {
  return {
    place,
    startMs,
    endMs: null,
    transaction,
    additions: [],
    marks: new StateMarks(),
    isOpen: false,
    hasFailed: false,
  };
}

/** Added seats are a transaction of their own, which ends with the period (apple.md 12.5). */
function isAdditionTo({ transaction: first }: BillingPeriod, { sharesPeriod, expiresMs }: TransactionFacts): boolean {
  return sharesPeriod && expiresMs !== null && first?.expiresMs === expiresMs;
}

/** Renewal info alone says what holds at its signing, and not since when. */
function periodOfRenewal(records: readonly PurchaseRecord[]): readonly BillingPeriod[] {
  const signedMs = records.find(({ renewal }) => renewal !== null)?.signedMs ?? null;
  return signedMs === null ? [] : [periodFrom(signedMs, null, 0)];
}

/** The last period that began before the record was signed, else the first one. */
function periodAt(periods: readonly BillingPeriod[], { signedMs }: PurchaseRecord): BillingPeriod | null {
  if (signedMs === null) return periods.at(-1) ?? null;
  return lastBegun(periods, ({ startMs }) => startMs, signedMs) ?? periods[0] ?? null;
}
