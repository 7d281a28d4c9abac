import { matchesField } from '../notification/payload-filter.js';
import type { PurchaseTimeline } from './purchase.js';

/**
 * True for an originalTransactionId, transactionId or appAccountToken of the purchase, or the beginning or `…end` of one, as the filters of
 * other commands compare ids. False for an empty text.
 */
export function matchesPurchaseId(purchase: PurchaseTimeline, text: string): boolean {
  const { id, originalTransactionId, appAccountToken, events } = purchase;
  return matchesPurchaseIds(
    [id, originalTransactionId, appAccountToken, ...events.map(({ transactionId }) => transactionId)],
    text,
  );
}

export function matchesPurchaseIds(ids: readonly (string | null | undefined)[], text: string): boolean {
  const wanted = text.trim();
  const given = ids.filter((each) => typeof each === 'string');
  return wanted !== '' && matchesField('transactionId', given, wanted);
}
