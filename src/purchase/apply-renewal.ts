import { endGrace, expirePeriod, fail, RETRIED_MS, RETRY_LIMIT_MS } from './apply-failure.js';
import { isRevoked, restore } from './apply-revocation.js';
import { type Change, STATUS } from './event-change.js';
import { holdFromSigning, isActiveAgain, renewsAnother } from './superseded.js';

/** Renewal info of any event holds as of its signing. */
export function applyRenewal(change: Change): void {
  const { period, record, atMs, endMs } = change;
  if (record.renewal === null) return;
  if (isRevoked(period)) {
    if (isActiveAgain(change)) {
      if (renewsAnother(change)) holdFromSigning(change);
      // The record is of another transaction: the reversal of the refund is in none.
      else if (record.transaction?.id !== period.transaction?.id) restore(change);
    }
    return;
  }
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
  if (!isUnpaid) expirePeriod({ ...change, subtype: null });
  else expirePeriod({ ...change, subtype: 'BILLING_RETRY', atMs: Math.min(change.atMs, change.endMs + RETRIED_MS) });
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
    (isInBillingRetry === false || record.status === STATUS.active) &&
    graceUntilMs === null &&
    (record.status ?? STATUS.active) === STATUS.active &&
    renewalMs > endMs;
  if (state === 'unknown' || (state !== 'active' && (period.transaction === null || isOnAgain)))
    period.marks.set({ fromMs: atMs, toMs: renewalMs, state: 'active', event });
}

/** `data.status` fills what nothing else determines; where it contradicts, that is a finding and not a state. */
export function applyStatus(change: Change): void {
  const { period, record, atMs, event, endMs } = change;
  if (record.status === null || period.marks.at(atMs) !== 'unknown') return;
  const { graceUntilMs = null, renewalMs = null } = record.renewal ?? {};
  switch (record.status) {
    case STATUS.active:
      if (renewalMs !== null && renewalMs > atMs) {
        period.marks.set({ fromMs: atMs, toMs: renewalMs, state: 'active', event });
      } else if (period.endMs === null) {
        period.marks.set({ fromMs: atMs, toMs: null, state: 'active', event });
      }
      return;
    case STATUS.expired:
      expirePeriod({ ...change, subtype: null });
      return;
    case STATUS.inRetry:
      if (period.hasFailed) endGrace(change);
      else fail(change, null);
      return;
    case STATUS.inGrace:
      if (graceUntilMs !== null && graceUntilMs > atMs) fail(change, graceUntilMs);
      return;
    case STATUS.revoked:
      period.marks.set({ fromMs: Math.max(endMs, atMs), toMs: null, state: 'revoked', event });
  }
}
