import { endGrace, expirePeriod, fail } from './apply-failure.js';
import { applyRenewal, applyStatus } from './apply-renewal.js';
import { applyRevocation, refund, restore, revokePeriod } from './apply-revocation.js';
import type { BillingPeriod } from './billing-periods.js';
import { type Change, STATUS } from './event-change.js';
import type { PurchaseState } from './purchase.js';
import type { PurchaseRecord } from './purchase-record.js';
import { isRefundOfSuperseded, supersede } from './superseded.js';

/** The shortest grace period of App Store Connect: certain where the end is not signed. */
const SHORTEST_GRACE_MS = 3 * 86_400_000;

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
  if (record.migratedTo !== null) migrate(change);
  else if (base === 'REFUND' && isRefundOfSuperseded(change)) supersede(change, last === period);
  else if (act !== undefined && !(isMigrated(period) && ENDS.has(base))) act(change);
  else if (!isAddition) applyRevocation(change);
  // An event of the last period says all of it. Beside another one, or a reversal, the renewal info may be of a later transaction.
  const isAboutPresent = act !== undefined && period === last && base !== 'REFUND_REVERSED';
  if (record.migratedTo === null && !isAboutPresent && !standing.isOneTime && !isMigrated(last)) applyRenewal(current);
  applyStatus(current);
  const changed = [period.marks.top, last.marks.top].find((top, place) => top !== null && top !== before[place]);
  return changed?.fromMs ?? change.atMs;
}

/** Events of the end of a period: a migrated subscription has ended before. */
const ENDS: ReadonlySet<string> = new Set(['DID_FAIL_TO_RENEW', 'GRACE_PERIOD_EXPIRED', 'EXPIRED']);

/** Only the notification of a migration has its time. */
function migrate({ period, record, atMs, event }: Change): void {
  const isUndated = !record.isNotification;
  period.marks.set({ fromMs: atMs, toMs: null, state: 'migrated', event, isUndated });
}

function isMigrated({ marks }: BillingPeriod): boolean {
  return marks.top?.state === 'migrated';
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
  if (endMs === null || endMs === period.endMs || isAddition || isMigrated(period)) return;
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
      const isInGrace = subtype === 'GRACE_PERIOD' || record.status === STATUS.inGrace;
      fail(change, isInGrace ? (record.renewal?.graceUntilMs ?? endMs + SHORTEST_GRACE_MS) : null);
    },
  ],
  ['GRACE_PERIOD_EXPIRED', endGrace],
  ['EXPIRED', expirePeriod],
  ['REFUND', refund],
  ['REVOKE', (change: Change) => revokePeriod(change, 'revoked')],
  ['REFUND_REVERSED', restore],
]);
