import { applyRecord } from './apply-record.js';
import { type BillingPeriod, type BillingPeriods, billingPeriods } from './billing-periods.js';
import type { PurchaseGroup } from './group-records.js';
import { orderRecords } from './order-records.js';
import type { PurchaseState } from './purchase.js';
import type { PurchaseRecord } from './purchase-record.js';

/** One event applied: its state afterwards and its billing period. */
export interface AppliedEvent {
  readonly record: PurchaseRecord;
  readonly index: number;
  readonly stateAfter: PurchaseState;
  /** Time at which `stateAfter` holds. */
  readonly holdsAtMs: number | null;
  /** State when it was signed, which differs for an event that takes effect later. */
  readonly stateAtSigning: PurchaseState;
  readonly period: BillingPeriod | null;
  /** Its period was the last one when it was signed. */
  readonly isOfLastPeriod: boolean;
  /** It failed verification while others passed: it changes nothing. */
  readonly isIgnored: boolean;
}

export interface FoldedGroup {
  readonly events: readonly AppliedEvent[];
  readonly periods: readonly BillingPeriod[];
}

/** Applies all events of one purchase in the order of `signedDate`, repeats dropped. */
export function foldGroup(group: PurchaseGroup): FoldedGroup {
  const records = orderRecords(group.records);
  const hasValid = records.some(({ verdict }) => verdict === 'valid');
  const isIgnored = ({ verdict }: PurchaseRecord): boolean => hasValid && verdict === 'invalid';
  const billing = billingPeriods(records.filter((record) => !isIgnored(record)));
  const machine: Machine = { group, billing, last: -1 };
  const events = records.map((record, index) => applyEvent(machine, record, index, isIgnored(record)));
  return { events, periods: billing.periods };
}

interface Machine {
  readonly group: PurchaseGroup;
  readonly billing: BillingPeriods;
  /** Place of the last period that an event has opened; -1 before the first. */
  last: number;
}

function applyEvent(machine: Machine, record: PurchaseRecord, index: number, isIgnored: boolean): AppliedEvent {
  const { billing, group } = machine;
  const period = isIgnored ? null : billing.periodOf(record);
  if (period === null) {
    const state = stateAt(machine, record.signedMs);
    return {
      record,
      index,
      period,
      isIgnored,
      stateAfter: state,
      stateAtSigning: state,
      holdsAtMs: record.signedMs,
      isOfLastPeriod: false,
    };
  }
  const at = period.place;
  startAtRecovery(billing.periods[at - 1], period, record);
  const isOneTime = group.kind === 'one-time';
  machine.last = Math.max(machine.last, at);
  const last = billing.periods[machine.last] ?? period;
  const isAddition = billing.isAddition(record);
  const effectiveMs = applyRecord(period, record, { event: index, last, isAddition, isOneTime });
  const { signedMs } = record;
  if (record.document.kind === 'transaction') {
    // A transaction is asked for at any time: it is about its own period.
    const holdsAtMs = Math.max(period.startMs, record.transaction?.revokedMs ?? period.startMs);
    const stateAfter = period.marks.at(holdsAtMs);
    return {
      record,
      index,
      period,
      isIgnored,
      stateAfter,
      stateAtSigning: stateAfter,
      holdsAtMs,
      isOfLastPeriod: false,
    };
  }
  const holdsAtMs = Math.max(signedMs ?? effectiveMs, effectiveMs);
  const stateAfter = stateAt(machine, holdsAtMs);
  const isLater = signedMs !== null && signedMs !== holdsAtMs;
  return {
    record,
    index,
    period,
    isIgnored,
    stateAfter,
    stateAtSigning: isLater ? stateAt(machine, signedMs) : stateAfter,
    holdsAtMs,
    isOfLastPeriod: at === machine.last,
  };
}

const PAID_AT_ONCE_MS = 60_000;

/**
 * A recovery within the grace period keeps the renewal date, and its transaction may begin where the period before ended
 * [U]. The failure lasted until the recovery all the same.
 */
function startAtRecovery(before: BillingPeriod | undefined, period: BillingPeriod, record: PurchaseRecord): void {
  const { signedMs, type, isNotification } = record;
  if (period.isOpen || !isNotification || type !== RECOVERY || before?.hasFailed !== true || signedMs === null) return;
  const isAtEnd = before.endMs !== null && period.startMs - before.endMs <= PAID_AT_ONCE_MS;
  const endMs = record.transaction?.expiresMs ?? null;
  if (isAtEnd && signedMs > period.startMs && (endMs === null || signedMs < endMs)) period.startMs = signedMs;
}

/** Type of the notification that a failed renewal was paid. */
export const RECOVERY = 'DID_RENEW.BILLING_RECOVERY';

/** Periods that lie in the future of an event: genuine ones are one at most. */
const MAX_FUTURE_PERIODS = 16;

/** State at a time, as far as the events so far tell. */
function stateAt({ billing, last }: Machine, ms: number | null): PurchaseState {
  if (ms === null) return 'unknown';
  const lowest = Math.max(0, last - MAX_FUTURE_PERIODS);
  for (let at = last; at >= lowest; at--) {
    const period = billing.periods[at];
    if (period?.isOpen === true && period.startMs <= ms) return period.marks.at(ms);
  }
  return 'unknown';
}
