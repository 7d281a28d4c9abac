import type { JsonObject } from '../../jws/json.js';
import type { VerifiedDocument } from '../../notification/verified-document.js';
import type { PurchaseEvent, PurchaseTimeline } from '../../purchase/purchase.js';
import { formatMoment, formatMoney } from '../../terminal/format.js';

/**
 * The same purchase with its transactions dated by the time they were made: all of them are signed when they are requested, so that the
 * signing times say nothing. Findings about missing notifications are left out, as there are none here.
 */
export function tellByPurchaseDate(
  purchase: PurchaseTimeline,
  documents: readonly VerifiedDocument[],
): PurchaseTimeline {
  const bySource = new Map(
    documents.flatMap(({ source, transaction }) => (transaction === undefined ? [] : [[source, transaction] as const])),
  );
  const dated = purchase.events.map((event) => {
    const transaction = event.transactionId === null ? undefined : bySource.get(event.source);
    return transaction === undefined ? { ...event, type: 'renewal info' } : describeTransaction(event, transaction);
  });
  const events = [...dated].sort((a, b) => (a.signedAtMs ?? 0) - (b.signedAtMs ?? 0) || a.index - b.index);
  return reindex({ ...purchase, findings: purchase.findings.filter(({ id }) => id !== 'missing-period') }, events);
}

/** The purchase with these of its events only, in this order; indexes in periods and findings follow. */
export function reindex(purchase: PurchaseTimeline, events: readonly PurchaseEvent[]): PurchaseTimeline {
  const places = new Map(events.map(({ index }, place) => [index, place]));
  const moved = <T extends { readonly events: readonly number[] }>(each: T): T => ({
    ...each,
    events: each.events.flatMap((index) => places.get(index) ?? []).sort((a, b) => a - b),
  });
  return {
    ...purchase,
    events: events.map((event, index) => ({ ...event, index })),
    periods: purchase.periods.map(moved),
    findings: purchase.findings.map(moved),
  };
}

/** Puts the transaction id in front of the meaning of each event. */
export function withTransactionIds(purchase: PurchaseTimeline): PurchaseTimeline {
  const events = purchase.events.map((event) =>
    event.transactionId === null ? event : { ...event, meaning: `${event.transactionId}  ${event.meaning}` },
  );
  return { ...purchase, events };
}

function describeTransaction(event: PurchaseEvent, transaction: JsonObject): PurchaseEvent {
  const { purchaseDate, transactionReason } = transaction;
  return {
    ...event,
    type: typeof transactionReason === 'string' ? transactionReason : 'transaction',
    signedAtMs: typeof purchaseDate === 'number' ? purchaseDate : event.signedAtMs,
    meaning: meaningOf(transaction),
  };
}

/** `9.99 USD until 2026-12-10T12:00:00Z`, `9.99 USD, refunded 2026-11-18T12:00:00Z`. A refund or an upgrade ends a period before its time. */
function meaningOf(transaction: JsonObject): string {
  const { price, currency, offerDiscountType, expiresDate, revocationDate, isUpgraded } = transaction;
  const amount = typeof price === 'number' || typeof price === 'bigint' ? formatMoney(price, currency) : null;
  const paid = offerDiscountType === 'FREE_TRIAL' ? 'free trial' : (amount ?? 'no price');
  const revoked = dated(revokedWords(transaction), revocationDate);
  if (revoked !== '') return `${paid}, ${revoked}`;
  return `${paid}${isUpgraded === true ? ', ended by an upgrade' : dated(' until ', expiresDate)}`;
}

function revokedWords({ revocationType, inAppOwnershipType }: JsonObject): string {
  const isShared = inAppOwnershipType === 'FAMILY_SHARED' || inAppOwnershipType === 'ASSIGNED';
  const isRevoke = typeof revocationType === 'string' ? !revocationType.startsWith('REFUND') : isShared;
  return isRevoke ? 'revoked ' : 'refunded ';
}

function dated(words: string, ms: unknown): string {
  const moment = typeof ms === 'number' ? formatMoment(ms) : null;
  return moment === null ? '' : `${words}${moment}`;
}
