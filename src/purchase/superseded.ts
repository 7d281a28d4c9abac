import { RETRY_LIMIT_MS } from './apply-failure.js';
import { type Change, IN_FORCE, STATUS } from './event-change.js';
import type { PurchaseState } from './purchase.js';
import type { PurchaseRecord } from './purchase-record.js';

const HOUR_MS = 3_600_000;

/**
 * A refund of a transaction that another one had followed by then, whether or not a notification of that one is here: Apple marks it as
 * upgraded, or the subscription goes on although it was refunded.
 */
export function isRefundOfSuperseded(change: Change): boolean {
  const { period, record, isAddition } = change;
  const { transaction } = record;
  if (isAddition || transaction === null || transaction.revokedMs === null) return false;
  if (transaction.isUpgraded) return true;
  const status = statusOf(record, change.atMs);
  if (status === null || status === STATUS.revoked || period.endMs === null) return false;
  return transaction.revokedMs >= period.endMs || (isInForce(status) && renewsAnother(change));
}

/** The refund changes nothing now: what holds is what the status and the renewal info say. */
export function supersede(change: Change, isOfLastPeriod: boolean): void {
  const { period, record, event } = change;
  const fromMs = Math.max(period.startMs, record.transaction?.revokedMs ?? period.startMs);
  const isWithin = period.endMs === null || fromMs < period.endMs;
  if (isWithin && period.marks.top?.state !== 'migrated')
    period.marks.set({ fromMs, toMs: null, state: 'unknown', event });
  if (isOfLastPeriod) holdFromSigning(change);
}

/** After a refund: bought again, or the refund was reversed. */
export function isActiveAgain({ record: { renewal, status }, atMs }: Change): boolean {
  return status === 1 && (renewal?.renewalMs ?? 0) > atMs;
}

/** The state at the signing, from status and renewal info. Since when it holds is not signed. */
export function holdFromSigning({ period, record, atMs, event }: Change): void {
  const unseen = { productId: record.renewal?.productId ?? null };
  const hold = (state: PurchaseState, toMs: number | null): void =>
    period.marks.set({ fromMs: atMs, toMs, state, event, isUndated: true, unseen });
  const { renewalMs = null, graceUntilMs = null } = record.renewal ?? {};
  switch (statusOf(record, atMs)) {
    case 1:
      if (renewalMs !== null) hold('active', renewalMs);
      return;
    case STATUS.expired:
      hold('expired', null);
      return;
    case 3:
      hold('in-billing-retry', (renewalMs ?? atMs) + RETRY_LIMIT_MS);
      return;
    case 4:
      if (graceUntilMs !== null) hold('in-grace-period', graceUntilMs);
  }
}

/** `data.status`; for notifications of the time before it, what the renewal info says. */
function statusOf({ status, renewal }: PurchaseRecord, atMs: number): number | null {
  if (status !== null || renewal === null) return status;
  if (renewal.isInBillingRetry === true) return (renewal.graceUntilMs ?? 0) > atMs ? 4 : 3;
  if (renewal.expirationIntent !== null) return STATUS.expired;
  return renewal.isOn === true && (renewal.renewalMs ?? 0) > atMs ? 1 : null;
}

function isInForce(status: number): boolean {
  return IN_FORCE.has(status) || status === 3;
}

/** The renewal info is of another product or another end than the transaction of the period. */
export function renewsAnother({ period, record }: Change): boolean {
  const { renewal } = record;
  const productId = (period.transaction ?? record.transaction)?.productId ?? null;
  const isOfOther = renewal?.productId != null && productId !== null && renewal.productId !== productId;
  const renewalMs = renewal?.renewalMs ?? null;
  return isOfOther || (renewalMs !== null && period.endMs !== null && renewalMs - period.endMs > HOUR_MS);
}
