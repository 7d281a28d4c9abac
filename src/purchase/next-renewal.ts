import type { AppliedEvent } from './fold-group.js';
import type { Commitment, NextRenewal, PurchaseState } from './purchase.js';
import type { RenewalFacts } from './signed-facts.js';

/** What renews next, from the renewal info that was signed last. `endMs`: end of the present period. Null without renewal info. */
export function nextRenewal(
  events: readonly AppliedEvent[],
  { state, endMs, asOfMs }: { readonly state: PurchaseState; readonly endMs: number | null; readonly asOfMs: number },
): NextRenewal | null {
  const renewal = lastRenewal(events);
  if (renewal === null || (state === 'active' && isOutdated(events))) return null;
  const { isOn, priceIncrease } = renewal;
  if (isOn === false || ENDED.has(state))
    return { ...NOTHING, isOn, priceIncrease: ENDED.has(state) ? null : priceIncrease };
  const dueMs = state === 'active' ? (renewal.renewalMs ?? (isOn === true ? endMs : null)) : null;
  return {
    isOn,
    productId: renewal.nextProductId,
    atMs: dueMs !== null && dueMs > asOfMs ? dueMs : null,
    price: renewal.price,
    offer: renewal.offer,
    priceIncrease,
  };
}

/** A later transaction paid for a period that the last renewal info does not know: what it says of the next renewal is over. */
function isOutdated(events: readonly AppliedEvent[]): boolean {
  const last = events.findLast(({ record, isIgnored }) => !isIgnored && record.renewal !== null)?.record;
  const [signedMs, renewalMs] = [last?.signedMs ?? null, last?.renewal?.renewalMs ?? null];
  if (signedMs === null) return false;
  return events.some(({ record: { transaction, renewal }, isIgnored }) => {
    if (isIgnored || renewal !== null || transaction === null || transaction.sharesPeriod) return false;
    const { id, purchaseMs, expiresMs } = transaction;
    const isKnown =
      id === last?.transaction?.id || (renewalMs !== null && expiresMs !== null && expiresMs <= renewalMs);
    return !isKnown && purchaseMs !== null && purchaseMs > signedMs;
  });
}

const ENDED: ReadonlySet<PurchaseState> = new Set(['expired', 'revoked', 'refunded', 'migrated']);

const NOTHING = { productId: null, atMs: null, price: null, offer: null } as const;

/** Progress of a commitment, from what was signed last; null without one. */
export function commitmentOf(events: readonly AppliedEvent[]): Commitment | null {
  const transaction = events.findLast(({ record, isIgnored }) => !isIgnored && record.transaction !== null)?.record;
  const commitment = transaction?.transaction?.commitment ?? null;
  return commitment === null ? null : { ...commitment, renews: lastRenewal(events)?.commitmentRenews ?? null };
}

function lastRenewal(events: readonly AppliedEvent[]): RenewalFacts | null {
  return events.findLast(({ record, isIgnored }) => !isIgnored && record.renewal !== null)?.record.renewal ?? null;
}
