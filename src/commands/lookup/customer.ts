import { describeJson, type JsonObject } from '../../jws/json.js';
import type { VerifiedDocument } from '../../notification/verified-document.js';
import { foldPurchases } from '../../purchase/fold-purchases.js';
import type { PurchaseTimeline } from '../../purchase/purchase.js';
import type { CustomerPurchases } from './read-purchases.js';
import { documentsOf } from './read-purchases.js';
import { compareStatus, fillState, statusTextOf } from './status.js';
import { tellByPurchaseDate } from './transaction-events.js';

/** A purchase of the customer, and Apple's words on it. */
export interface StatedPurchase {
  readonly purchase: PurchaseTimeline;
  /** `Apple says 1 (active)`; null for a one-time purchase, of which Apple states none. */
  readonly stated: string | null;
}

/** The answer of `lookup`: what was asked for, and what else the customer has. */
export interface FoldedCustomer {
  readonly requested: readonly StatedPurchase[];
  readonly others: readonly StatedPurchase[];
  /** Tokens that failed verification: nothing of them is in the purchases. */
  readonly rejected: readonly VerifiedDocument[];
  readonly verified: readonly VerifiedDocument[];
}

/** Folds what Apple said into purchases, as of now. Only verified tokens count. */
export function foldCustomer(found: CustomerPurchases, nowMs: number): FoldedCustomer {
  const documents = documentsOf(found);
  const verified = documents.filter(isValid);
  const latest = latestOfEach(verified);
  const { purchases } = foldPurchases(latest, { asOfMs: nowMs });
  const stated = purchases.map((purchase) => statePurchase(tellByPurchaseDate(purchase, latest), found));
  const ids = found.requestedIds;
  const isRequested = ({ purchase }: StatedPurchase): boolean =>
    ids === null ||
    [purchase.id, ...purchase.events.map((event) => event.transactionId)].some((id) => ids.includes(id ?? ''));
  return {
    requested: stated.filter(isRequested),
    others: stated.filter((each) => !isRequested(each)).sort(subscriptionsFirst),
    rejected: documents.filter((document) => !isValid(document)),
    verified,
  };
}

/** Subscriptions, then what was bought once; the latest first. */
function subscriptionsFirst({ purchase: one }: StatedPurchase, { purchase: other }: StatedPurchase): number {
  const rank = ({ kind }: PurchaseTimeline): number => (kind === 'subscription' ? 0 : 1);
  const startMs = ({ periods }: PurchaseTimeline): number => periods.at(-1)?.fromMs ?? 0;
  return rank(one) - rank(other) || startMs(other) - startMs(one);
}

function isValid({ verification }: VerifiedDocument): boolean {
  return verification.verdict === 'valid';
}

/** The calls return one transaction several times, and one that changed meanwhile once more: the one signed last counts. */
function latestOfEach(documents: readonly VerifiedDocument[]): readonly VerifiedDocument[] {
  const latest = new Map<string, VerifiedDocument>();
  for (const document of documents) {
    const payload = (document.transaction ?? document.renewalInfo)!;
    const id = document.kind === 'transaction' ? payload.transactionId : payload.originalTransactionId;
    const key = `${document.kind} ${describeJson(id)}`;
    const known = latest.get(key);
    if (known === undefined || signedMs(known) <= signedMs(document)) latest.set(key, document);
  }
  return [...latest.values()];
}

function signedMs({ transaction, renewalInfo }: VerifiedDocument): number {
  const { signedDate } = (transaction ?? renewalInfo ?? {}) as JsonObject;
  return typeof signedDate === 'number' ? signedDate : 0;
}

function statePurchase(
  purchase: PurchaseTimeline,
  { subscriptions, gaps, isEmulated }: CustomerPurchases,
): StatedPurchase {
  if (purchase.kind === 'one-time') return { purchase, stated: null };
  const isRead = gaps.every(({ lists }) => !lists.includes('statuses'));
  if (!isRead) return { purchase, stated: "Apple's status was not read." };
  const item = subscriptions.find(({ transaction, renewalInfo }) =>
    [transaction, renewalInfo].some(
      (document) =>
        document !== null &&
        isValid(document) &&
        (document.transaction ?? document.renewalInfo)?.originalTransactionId === purchase.id,
    ),
  );
  const status = item?.status ?? null;
  if (status === null) return { purchase, stated: statusTextOf(status, false) };
  const finding = compareStatus(purchase, status, isEmulated);
  const findings = [...(finding === null ? [] : [finding]), ...purchase.findings];
  return { purchase: { ...fillState(purchase, status), findings }, stated: statusTextOf(status, finding !== null) };
}
