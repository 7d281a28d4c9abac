import type { BillingPeriod } from './billing-periods.js';
import { buildPeriods } from './build-periods.js';
import { eventMeaning } from './event-meaning.js';
import { purchaseFindings } from './findings.js';
import { type AppliedEvent, foldGroup } from './fold-group.js';
import { groupRecords } from './group-records.js';
import { environmentFindings } from './mixed-environments.js';
import { commitmentOf, nextRenewal } from './next-renewal.js';
import type { FoldedPurchases, Period, PurchaseDocument, PurchaseEvent, PurchaseTimeline } from './purchase.js';
import type { PurchaseGroup, PurchaseRecord } from './purchase-record.js';

/**
 * Folds notifications, transactions and renewal infos into purchases: periods, state as of `asOfMs`, next renewal and
 * findings. The order of the documents does not matter. Pure; never throws, whatever the payloads contain.
 *
 * Where a purchase has documents that passed verification, one that failed it is listed and changes nothing.
 */
export function foldPurchases(
  documents: readonly PurchaseDocument[],
  { asOfMs }: { readonly asOfMs: number },
): FoldedPurchases {
  const { groups, others } = groupRecords(documents);
  const purchases = groups.map((group) => foldPurchase(group, asOfMs)).sort(byFirstEvent);
  const mixed = environmentFindings(purchases);
  return {
    purchases: purchases.map((purchase, at) => ({
      ...purchase,
      findings: [...purchase.findings, ...(mixed[at] ?? [])],
    })),
    others,
  };
}

function foldPurchase(group: PurchaseGroup, asOfMs: number): PurchaseTimeline {
  const folded = foldGroup(group);
  const { periods, gaps, undated, unseen } = buildPeriods(folded, asOfMs);
  const present = presentPeriod(periods, asOfMs);
  const state = present?.state ?? 'unknown';
  const untilMs = present === null ? null : runEndMs(periods, present);
  const counted = folded.events.filter(({ isIgnored }) => !isIgnored);
  const identity = identityOf(counted);
  return {
    id: group.id,
    kind: group.kind,
    environment: group.environment,
    ...identity,
    productId: present?.productId ?? identity.productId,
    quantity: quantityOf(folded.periods.findLast(({ isOpen }) => isOpen)),
    state,
    stateSinceMs: present === null || undated.has(present) ? null : sinceMs(periods, present),
    stateUntilMs: untilMs,
    asOfMs,
    renewal: group.kind === 'one-time' ? null : nextRenewal(folded.events, { state, endMs: untilMs, asOfMs }),
    commitment: commitmentOf(folded.events),
    migratedTo: counted.findLast(({ record }) => record.migratedTo !== null)?.record.migratedTo ?? null,
    migratedFrom: group.kind === 'one-time' ? null : migratedFrom(counted, group.id),
    periods,
    events: folded.events.map(publishEvent),
    findings: purchaseFindings({
      id: group.id,
      environment: group.environment,
      asOfMs,
      events: folded.events,
      gaps,
      unseen,
    }),
  };
}

const CLOCK_SKEW_MS = 5 * 60_000;

/** The period at `asOfMs`. A purchase that has just begun counts as begun: clocks differ. */
function presentPeriod(periods: readonly Period[], asOfMs: number): Period | null {
  const begun = periods.findLast(({ fromMs }) => fromMs <= asOfMs);
  if (begun !== undefined) return begun;
  const [first] = periods;
  return first !== undefined && first.fromMs - asOfMs <= CLOCK_SKEW_MS ? first : null;
}

/** Start of the present state, over renewals: the run of periods with the same state. */
function sinceMs(periods: readonly Period[], present: Period): number {
  let at = periods.indexOf(present);
  while (periods[at - 1]?.state === present.state) at--;
  return periods[at]?.fromMs ?? present.fromMs;
}

/** End of the present state, over renewals that are paid already: Apple charges up to a day before the end of the period. */
function runEndMs(periods: readonly Period[], present: Period): number | null {
  let at = periods.indexOf(present);
  while (periods[at + 1]?.state === present.state) at++;
  return periods[at]?.toMs ?? null;
}

/** From the payloads that were signed last. */
function identityOf(
  events: readonly AppliedEvent[],
): Pick<
  PurchaseTimeline,
  'originalTransactionId' | 'bundleId' | 'productId' | 'type' | 'ownership' | 'appAccountToken'
> {
  const records = events.map(({ record }) => record).reverse();
  const latest = <Value>(read: (record: PurchaseRecord) => Value | null | undefined): Value | null => {
    for (const record of records) {
      const value = read(record) ?? null;
      if (value !== null) return value;
    }
    return null;
  };
  return {
    originalTransactionId: latest(({ transaction, renewal }) => transaction?.originalId ?? renewal?.originalId),
    bundleId: latest(({ bundleId }) => bundleId),
    productId: latest(({ transaction, renewal }) => renewal?.productId ?? transaction?.productId),
    type: latest(({ transaction }) => transaction?.type),
    ownership: latest(({ transaction }) => transaction?.ownership),
    appAccountToken: latest(({ accountToken }) => accountToken),
  };
}

function migratedFrom(events: readonly AppliedEvent[], id: string): string | null {
  const named = events.findLast(({ record }) => (record.transaction?.previousId ?? id) !== id);
  return named?.record.transaction?.previousId ?? null;
}

/** Seats or items of the last period, added ones included. Null where some were refunded, or the rest of an addition is not known. */
function quantityOf(period: BillingPeriod | undefined): number | null {
  const { transaction = null, additions = [] } = period ?? {};
  if (transaction === null || (transaction.sharesPeriod && additions.length === 0)) return null;
  let sum = 0;
  for (const { quantity, revokedSeats, revokedMs } of [transaction, ...additions]) {
    if (quantity === null || (revokedSeats ?? 0) > 0 || (revokedMs !== null && additions.length > 0)) return null;
    sum += quantity;
  }
  return sum;
}

function publishEvent({ record, index, stateAfter, isOfLastPeriod, isIgnored }: AppliedEvent): PurchaseEvent {
  return {
    index,
    source: record.document.source,
    type: record.type,
    uuid: record.uuid,
    signedAtMs: record.signedMs,
    receivedAtMs: record.receivedMs,
    transactionId: record.transaction?.id ?? null,
    productId: record.transaction?.productId ?? record.renewal?.productId ?? null,
    meaning: isIgnored ? `${eventMeaning(record, true)} (ignored)` : eventMeaning(record, isOfLastPeriod),
    verdict: record.verdict,
    stateAfter,
    repeats: record.repeats,
  };
}

function byFirstEvent(one: PurchaseTimeline, other: PurchaseTimeline): number {
  const startOf = ({ events, periods }: PurchaseTimeline): number =>
    events[0]?.signedAtMs ?? periods[0]?.fromMs ?? Number.MAX_SAFE_INTEGER;
  return startOf(one) - startOf(other) || (one.id < other.id ? -1 : 1);
}
