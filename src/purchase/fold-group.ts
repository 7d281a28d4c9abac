import { applyRecord } from './apply-record.js';
import { type BillingPeriod, type BillingPeriods, billingPeriods } from './billing-periods.js';
import { orderRecords } from './order-records.js';
import type { PurchaseState } from './purchase.js';
import type { PurchaseGroup, PurchaseRecord } from './purchase-record.js';

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
  /** Id of the last transaction, of which this event shows that its refund was reversed. */
  readonly restoredId: string | null;
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
  const { billing } = machine;
  const { signedMs } = record;
  const period = isIgnored ? null : billing.periodOf(record);
  const event = { record, index, period, isIgnored, restoredId: null };
  if (period === null) return { ...event, ...unchanged(stateAt(machine, signedMs), signedMs) };
  const { effectiveMs, restoredId } = applyToPeriod(machine, period, record, index);
  if (record.document.kind === 'transaction' && record.migratedTo === null) {
    // A transaction can be requested at any time: it is about its own period.
    const holdsAtMs = Math.max(period.startMs, record.transaction?.revokedMs ?? period.startMs);
    return { ...event, ...unchanged(period.marks.at(holdsAtMs), holdsAtMs) };
  }
  const holdsAtMs = Math.max(signedMs ?? effectiveMs, effectiveMs);
  const stateAfter = stateAt(machine, holdsAtMs);
  const isLater = signedMs !== null && signedMs !== holdsAtMs;
  const stateAtSigning = isLater ? stateAt(machine, signedMs) : stateAfter;
  const isOfLastPeriod = period.place === machine.last;
  return { ...event, stateAfter, stateAtSigning, holdsAtMs, isOfLastPeriod, restoredId };
}

function unchanged(
  state: PurchaseState,
  holdsAtMs: number | null,
): Pick<AppliedEvent, 'stateAfter' | 'stateAtSigning' | 'holdsAtMs' | 'isOfLastPeriod'> {
  return { stateAfter: state, stateAtSigning: state, holdsAtMs, isOfLastPeriod: false };
}

/** `effectiveMs`: time from which on the event has its effect. */
function applyToPeriod(
  machine: Machine,
  period: BillingPeriod,
  record: PurchaseRecord,
  event: number,
): { readonly effectiveMs: number } & Pick<AppliedEvent, 'restoredId'> {
  const { billing, group } = machine;
  startAtRecovery(billing.periods[period.place - 1], period, record);
  machine.last = Math.max(machine.last, period.place);
  const last = billing.periods[machine.last] ?? period;
  const isOneTime = group.kind === 'one-time';
  const wasRefunded = last.marks.top?.state === 'refunded';
  const effectiveMs = applyRecord(period, record, { event, last, isAddition: billing.isAddition(record), isOneTime });
  const { top } = last.marks;
  const isRestored = wasRefunded && top?.state === 'active' && top.unseen === undefined;
  return { effectiveMs, restoredId: isRestored ? (last.transaction?.id ?? null) : null };
}

const PAID_AT_ONCE_MS = 60_000;

/**
 * A recovery within the grace period keeps the renewal date, and its transaction may begin where the period before ended
 * [U]. The failure lasted until the recovery all the same, also where no notification shows it, or the history begins with the recovery.
 */
function startAtRecovery(before: BillingPeriod | undefined, period: BillingPeriod, record: PurchaseRecord): void {
  const { signedMs, type, isNotification } = record;
  if (period.isOpen || !isNotification || type !== RECOVERY || signedMs === null) return;
  if (signedMs - period.startMs <= PAID_AT_ONCE_MS && before?.hasFailed !== true) return;
  const isAtEnd = !before?.isOpen || before.endMs === null || period.startMs - before.endMs <= PAID_AT_ONCE_MS;
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
