import { RETRY_LIMIT_MS } from './apply-failure.js';
import { type Change, IN_FORCE, isRevokedAfterEnd, STATUS, signedStatus } from './event-change.js';
import type { PurchaseState } from './purchase.js';

const HOUR_MS = 3_600_000;

/**
 * A refund that takes no access: Apple marks the transaction as upgraded, its paid time was over by then, or the subscription goes on by
 * another one. A notification of that other one may be missing; after the end of the paid time there may be none.
 */
export function isRefundOfSuperseded(change: Change): boolean {
  const { period, record, isAddition } = change;
  const { transaction } = record;
  if (isAddition || transaction === null || transaction.revokedMs === null) return false;
  if (transaction.isUpgraded) return true;
  const status = signedStatus(record, change.atMs);
  if (status === null || period.endMs === null) return false;
  return isRevokedAfterEnd(change) || (isInForce(status) && renewsAnother(change));
}

/** The refund changes nothing now: what holds is what the status and the renewal info say. */
export function supersede(change: Change, isOfLastPeriod: boolean): void {
  const { period, record, event } = change;
  // A migrated subscription has ended before.
  if (period.marks.top?.state === 'migrated') return;
  const fromMs = Math.max(period.startMs, record.transaction?.revokedMs ?? period.startMs);
  const isWithin = period.endMs === null || fromMs < period.endMs;
  if (isWithin) period.marks.set({ fromMs, toMs: null, state: 'unknown', event });
  if (isOfLastPeriod) holdFromSigning(change);
}

/** After a refund: bought again, or the refund was reversed. */
export function isActiveAgain({ record: { renewal, status }, atMs }: Change): boolean {
  return status === STATUS.active && (renewal?.renewalMs ?? 0) > atMs;
}

/** The state at the signing, from status and renewal info. Since when it holds is not signed, unless the period is in it already. */
export function holdFromSigning(change: Change): void {
  const { period, record, atMs, event } = change;
  const isOfAnother = record.transaction?.isUpgraded === true || renewsAnother(change);
  const unseen = isOfAnother ? { unseen: { productId: record.renewal?.productId ?? null } } : {};
  const hold = (state: PurchaseState, toMs: number | null): void => {
    if (isOfAnother || period.marks.at(atMs) !== state)
      period.marks.set({ fromMs: atMs, toMs, state, event, isUndated: true, ...unseen });
  };
  const { renewalMs = null, graceUntilMs = null } = record.renewal ?? {};
  switch (signedStatus(record, atMs)) {
    case STATUS.active:
      if (renewalMs !== null) hold('active', renewalMs);
      return;
    case STATUS.expired:
      hold('expired', null);
      return;
    case STATUS.inRetry:
      hold('in-billing-retry', (renewalMs ?? atMs) + RETRY_LIMIT_MS);
      return;
    case STATUS.inGrace:
      if (graceUntilMs !== null) hold('in-grace-period', graceUntilMs);
  }
}

function isInForce(status: number): boolean {
  return IN_FORCE.has(status) || status === STATUS.inRetry;
}

/** The renewal info is of another product or another end than the transaction of the period. */
export function renewsAnother({ period, record }: Change): boolean {
  const { renewal } = record;
  const productId = (period.transaction ?? record.transaction)?.productId ?? null;
  const isOfOther = renewal?.productId != null && productId !== null && renewal.productId !== productId;
  const renewalMs = renewal?.renewalMs ?? null;
  return isOfOther || (renewalMs !== null && period.endMs !== null && renewalMs - period.endMs > HOUR_MS);
}
