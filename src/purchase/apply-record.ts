import type { BillingPeriod } from './billing-periods.js';
import type { PurchaseState } from './purchase.js';
import type { PurchaseRecord } from './purchase-record.js';
import type { TransactionFacts } from './signed-facts.js';

const DAY_MS = 86_400_000;

/** Apple retries a failed renewal for up to 60 days (apple.md 5). */
const RETRIED_MS = 60 * DAY_MS;

/** A day more for the notification of the end. */
const RETRY_LIMIT_MS = RETRIED_MS + DAY_MS;

/** The shortest grace period of App Store Connect: certain where the end is not signed. */
const SHORTEST_GRACE_MS = 3 * DAY_MS;

/** One event at work on its billing period. */
interface Change {
  readonly period: BillingPeriod;
  readonly record: PurchaseRecord;
  readonly event: number;
  readonly subtype: string | null;
  /** Time of the event: its signing, within the period. */
  readonly atMs: number;
  /** End of the paid time, else the time of the event. */
  readonly endMs: number;
  readonly isAddition: boolean;
}

/** How an event stands to the purchase. */
interface Standing {
  readonly event: number;
  /** Last period of the purchase so far: renewal info and status describe it, whichever transaction the event is about. */
  readonly last: BillingPeriod;
  readonly isAddition: boolean;
  readonly isOneTime: boolean;
}

/**
 * Applies one event to its billing period. Returns the time from which the change holds: it may lie before the signing (a
 * refund) or after it (a renewal that was charged early).
 */
export function applyRecord(period: BillingPeriod, record: PurchaseRecord, standing: Standing): number {
  const { event, last, isAddition } = standing;
  const [base = '', subtype = null] = record.type.split('.');
  const before = [period.marks.top, last.marks.top];
  open(period, record, standing);
  const changeOf = (of: BillingPeriod): Change => {
    const atMs = Math.max(of.startMs, record.signedMs ?? of.startMs);
    return { period: of, record, event, subtype, atMs, endMs: of.endMs ?? atMs, isAddition };
  };
  const change = changeOf(period);
  const current = last === period ? change : changeOf(last);
  const act = record.isNotification ? ACTIONS.get(base) : undefined;
  if (act !== undefined) act(change);
  else {
    if (!isAddition) applyRevocation(change);
    if (!standing.isOneTime) applyRenewal(current);
  }
  applyStatus(current);
  const changed = [period.marks.top, last.marks.top].find((top, place) => top !== null && top !== before[place]);
  return changed?.fromMs ?? change.atMs;
}

/** The first record of a period begins it; a later one may move its end. */
function open(
  period: BillingPeriod,
  { transaction, renewal, type }: PurchaseRecord,
  { event, isAddition, isOneTime }: Standing,
): void {
  // A record without a transaction sets the end only where no transaction does.
  const knownMs = period.transaction === null ? (renewal?.renewalMs ?? null) : period.transaction.expiresMs;
  const signedEndMs = transaction === null ? (period.isOpen ? period.endMs : knownMs) : transaction.expiresMs;
  const endMs = isOneTime ? null : paidUntil(period, signedEndMs);
  const begin = (state: PurchaseState, by: number): void =>
    period.marks.set({ fromMs: period.startMs, toMs: period.endMs, state, event: by });
  if (!period.isOpen) {
    period.isOpen = true;
    period.endMs = endMs;
    begin(isOneTime || endMs !== null ? 'active' : 'unknown', event);
    return;
  }
  if (endMs === null || endMs === period.endMs || isAddition) return;
  const { all, top } = period.marks;
  if (all.length > 1 && top?.state === 'active') {
    period.endMs = endMs;
    period.marks.set({ ...top, toMs: endMs });
    return;
  }
  if (all.length > 1 && type !== 'RENEWAL_EXTENDED') return;
  period.endMs = endMs;
  begin('active', all[0]?.event ?? event);
}

/** A period cannot end before it begins. */
function paidUntil({ startMs }: BillingPeriod, endMs: number | null): number | null {
  return endMs !== null && endMs > startMs ? endMs : null;
}

const ACTIONS: ReadonlyMap<string, (change: Change) => void> = new Map([
  [
    'DID_FAIL_TO_RENEW',
    (change: Change) => {
      const { subtype, record, endMs } = change;
      fail(change, subtype === 'GRACE_PERIOD' ? (record.renewal?.graceUntilMs ?? endMs + SHORTEST_GRACE_MS) : null);
    },
  ],
  ['GRACE_PERIOD_EXPIRED', endGrace],
  ['EXPIRED', expire],
  ['REFUND', refund],
  ['REVOKE', (change: Change) => revoke(change, 'revoked')],
  ['REFUND_REVERSED', restore],
]);

function fail({ period, event, endMs }: Change, graceUntilMs: number | null): void {
  const { marks } = period;
  period.hasFailed = true;
  if (graceUntilMs === null) {
    marks.set({ fromMs: endMs, toMs: endMs + RETRY_LIMIT_MS, state: 'in-billing-retry', event });
  } else {
    marks.set({ fromMs: endMs, toMs: graceUntilMs, state: 'in-grace-period', event });
  }
}

/** Grace is over: until then it was grace, also where the notification of the failure is missing. */
function endGrace(change: Change): void {
  const { period, record, atMs, event, endMs } = change;
  const inGrace = graceOf(period);
  const overMs = Math.max(endMs, Math.min(atMs, record.renewal?.graceUntilMs ?? inGrace?.toMs ?? atMs));
  if (inGrace === null) fail(change, overMs);
  const toMs = Math.max(endMs, overMs) + RETRY_LIMIT_MS;
  period.marks.set({ fromMs: overMs, toMs, state: 'in-billing-retry', event });
}

function graceOf({ marks }: BillingPeriod): { readonly toMs: number | null } | null {
  return marks.top?.state === 'in-grace-period' ? marks.top : null;
}

/**
 * After a failed renewal Apple retries until it gives up: the time between was billing retry. A refunded period stays
 * refunded, unless the status says expired.
 */
function expire(change: Change): void {
  const { period, record, subtype, atMs, event, endMs } = change;
  // The notification of the refund may be missing.
  if (!change.isAddition) applyRevocation(change);
  if (isRevoked(period) && record.status !== EXPIRED_STATUS) return;
  const graceUntilMs = record.renewal?.graceUntilMs ?? null;
  if (subtype === 'BILLING_RETRY' && !period.hasFailed) fail(change, graceUntilMs);
  if (!period.hasFailed) {
    period.marks.set({ fromMs: Math.min(atMs, endMs), toMs: null, state: 'expired', event });
    return;
  }
  const graceEndMs = graceOf(period)?.toMs ?? null;
  if (graceEndMs !== null && graceEndMs < atMs) {
    period.marks.set({ fromMs: graceEndMs, toMs: atMs, state: 'in-billing-retry', event });
  }
  // Of the end of Apple's retries only the notification of it has the time.
  const isUndated = !record.type.startsWith('EXPIRED');
  period.marks.set({ fromMs: Math.max(atMs, endMs), toMs: null, state: 'expired', event, isUndated });
}

/**
 * A refund of some seats or items leaves the purchase in force: it has no revocationDate (apple.md 12.5), or is of the transaction of the
 * added seats.
 */
function refund(change: Change): void {
  const { record, subtype } = change;
  const { transaction, status } = record;
  const isPartial =
    (transaction?.revokedMs ?? null) === null &&
    (subtype === 'SEATS' || (status === null ? transaction?.hasItems === true : status !== REVOKED_STATUS));
  const isOfSome = change.isAddition || (transaction?.sharesPeriod === true && status !== null && IN_FORCE.has(status));
  if (!isPartial && !isOfSome) revoke(change, 'refunded');
}

/** Statuses with access. */
const IN_FORCE: ReadonlySet<number> = new Set([1, 4]);

const EXPIRED_STATUS = 2;

const REVOKED_STATUS = 5;

function revoke({ period, record, atMs, event }: Change, state: 'revoked' | 'refunded'): void {
  const fromMs = Math.max(period.startMs, record.transaction?.revokedMs ?? atMs);
  period.marks.set({ fromMs, toMs: null, state, event });
}

function isRevoked({ marks }: BillingPeriod): boolean {
  return marks.top?.state === 'revoked' || marks.top?.state === 'refunded';
}

/** After the end of the paid time nothing is left to restore: a refund turns auto-renewal off. */
function restore({ period, atMs, event }: Change): void {
  if (!isRevoked(period)) return;
  const isOver = period.endMs !== null && atMs >= period.endMs;
  const [toMs, state] = isOver ? ([null, 'expired'] as const) : ([period.endMs, 'active'] as const);
  period.marks.set({ fromMs: atMs, toMs, state, event });
}

function applyRevocation(change: Change): void {
  const { period, record, atMs, event } = change;
  const { transaction } = record;
  if (transaction === null) return;
  if (transaction.isUpgraded) {
    const fromMs = Math.max(period.startMs, transaction.revokedMs ?? atMs);
    if (period.endMs === null || fromMs < period.endMs)
      period.marks.set({ fromMs, toMs: null, state: 'unknown', event });
  } else if (transaction.revokedMs !== null) {
    if (!isRevoked(period)) revoke(change, revokedState(transaction));
  } else if (record.document.kind === 'transaction' || IN_FORCE.has(record.status ?? 0)) {
    // The notification of the reversal may be missing.
    restore(change);
  }
}

/** Renewal info of any event holds as of its signing. */
function applyRenewal(change: Change): void {
  const { period, record, atMs, endMs } = change;
  if (isRevoked(period) || record.renewal === null) return;
  const { isInBillingRetry, graceUntilMs, expirationIntent, renewalMs } = record.renewal;
  if (isInBillingRetry === true && period.endMs === null) {
    failSince(change, Math.min(atMs, renewalMs ?? atMs));
  } else if (isInBillingRetry === true && !period.hasFailed) {
    fail(change, graceUntilMs);
    if (graceUntilMs !== null && atMs >= graceUntilMs) endGrace(change);
  } else if (isInBillingRetry !== true && expirationIntent !== null && atMs >= endMs) {
    if (period.marks.top?.state !== 'expired') expireSince(change, expirationIntent === BILLING_ERROR);
  } else if (isInBillingRetry !== true && expirationIntent === null && renewalMs !== null && renewalMs > atMs) {
    paidBeyond(change, renewalMs);
  }
}

const BILLING_ERROR = 2;

/** After a billing error Apple had retried the payment: the end was not that of the paid time. */
function expireSince(change: Change, isUnpaid: boolean): void {
  if (!isUnpaid) expire({ ...change, subtype: null });
  else expire({ ...change, subtype: 'BILLING_RETRY', atMs: Math.min(change.atMs, change.endMs + RETRIED_MS) });
}

/** Renewal info without a transaction: the paid time ended before it was signed. */
function failSince({ period, record, atMs, event }: Change, dueMs: number): void {
  const graceUntilMs = record.renewal?.graceUntilMs ?? null;
  const isInGrace = graceUntilMs !== null && graceUntilMs > atMs;
  const toMs = isInGrace ? graceUntilMs : dueMs + RETRY_LIMIT_MS;
  period.hasFailed = true;
  period.marks.set({ fromMs: atMs, toMs, state: isInGrace ? 'in-grace-period' : 'in-billing-retry', event });
}

/** A renewal date after the end that is known: a payment of which there is no transaction. */
function paidBeyond({ period, record, atMs, event, endMs }: Change, renewalMs: number): void {
  const state = period.marks.at(atMs);
  const { isOn, isInBillingRetry, graceUntilMs } = record.renewal ?? {};
  const isOnAgain =
    isOn === true &&
    isInBillingRetry === false &&
    graceUntilMs === null &&
    (record.status ?? 1) === 1 &&
    renewalMs > endMs;
  if (state === 'unknown' || (state !== 'active' && (period.transaction === null || isOnAgain)))
    period.marks.set({ fromMs: atMs, toMs: renewalMs, state: 'active', event });
}

function revokedState({ revocationType, ownership }: TransactionFacts): 'revoked' | 'refunded' {
  if (revocationType !== null) return revocationType.startsWith('REFUND') ? 'refunded' : 'revoked';
  return ownership === 'FAMILY_SHARED' || ownership === 'ASSIGNED' ? 'revoked' : 'refunded';
}

/** `data.status` fills what nothing else determines; where it contradicts, that is a finding and not a state. */
function applyStatus(change: Change): void {
  const { period, record, atMs, event, endMs } = change;
  if (record.status === null || period.marks.at(atMs) !== 'unknown') return;
  const { graceUntilMs = null, renewalMs = null } = record.renewal ?? {};
  switch (record.status) {
    case 1:
      if (renewalMs !== null && renewalMs > atMs) {
        period.marks.set({ fromMs: atMs, toMs: renewalMs, state: 'active', event });
      } else if (period.endMs === null) {
        period.marks.set({ fromMs: atMs, toMs: null, state: 'active', event });
      }
      return;
    case EXPIRED_STATUS:
      expire({ ...change, subtype: null });
      return;
    case 3:
      if (period.hasFailed) endGrace(change);
      else fail(change, null);
      return;
    case 4:
      if (graceUntilMs !== null && graceUntilMs > atMs) fail(change, graceUntilMs);
      return;
    case REVOKED_STATUS:
      period.marks.set({ fromMs: Math.max(endMs, atMs), toMs: null, state: 'revoked', event });
  }
}
