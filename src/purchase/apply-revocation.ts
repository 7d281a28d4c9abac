import type { BillingPeriod } from './billing-periods.js';
import { type Change, IN_FORCE, isRevokedAfterEnd, STATUS } from './event-change.js';
import type { TransactionFacts } from './signed-facts.js';

/**
 * A refund of some seats or items leaves the purchase in force: it has no revocationDate (apple.md 12.5), or is of the transaction of the
 * added seats.
 */
export function refund(change: Change): void {
  const { record, subtype } = change;
  const { transaction, status } = record;
  const isPartial =
    (transaction?.revokedMs ?? null) === null &&
    (subtype === 'SEATS' || (status === null ? transaction?.hasItems === true : status !== STATUS.revoked));
  const isOfSome = change.isAddition || (transaction?.sharesPeriod === true && status !== null && IN_FORCE.has(status));
  if (!isPartial && !isOfSome) revokePeriod(change, 'refunded');
}

export function revokePeriod({ period, record, atMs, event }: Change, state: 'revoked' | 'refunded'): void {
  const fromMs = Math.max(period.startMs, record.transaction?.revokedMs ?? atMs);
  period.marks.set({ fromMs, toMs: null, state, event });
}

export function isRevoked({ marks }: BillingPeriod): boolean {
  return marks.top?.state === 'revoked' || marks.top?.state === 'refunded';
}

/** After the end of the paid time nothing is left to restore: a refund turns auto-renewal off. */
export function restore({ period, atMs, event }: Change): void {
  if (!isRevoked(period)) return;
  const isOver = period.endMs !== null && atMs >= period.endMs;
  const [toMs, state] = isOver ? ([null, 'expired'] as const) : ([period.endMs, 'active'] as const);
  period.marks.set({ fromMs: atMs, toMs, state, event });
}

export function applyRevocation(change: Change): void {
  const { period, record, atMs, event } = change;
  const { transaction } = record;
  if (transaction === null) return;
  if (transaction.isUpgraded) {
    const fromMs = Math.max(period.startMs, transaction.revokedMs ?? atMs);
    if (period.marks.top?.state !== 'migrated' && (period.endMs === null || fromMs < period.endMs))
      period.marks.set({ fromMs, toMs: null, state: 'unknown', event });
  } else if (transaction.revokedMs !== null) {
    if (!isRevoked(period) && !isRevokedAfterEnd(change)) revokePeriod(change, revokedState(transaction));
  } else if (record.document.kind === 'transaction' || IN_FORCE.has(record.status ?? 0)) {
    // The notification of the reversal may be missing.
    restore(change);
  }
}

function revokedState({ revocationType, ownership }: TransactionFacts): 'revoked' | 'refunded' {
  if (revocationType !== null) return revocationType.startsWith('REFUND') ? 'refunded' : 'revoked';
  return ownership === 'FAMILY_SHARED' || ownership === 'ASSIGNED' ? 'revoked' : 'refunded';
}
