import type { PurchaseTimeline } from './purchase.js';

/**
 * True for an originalTransactionId, transactionId or appAccountToken of the purchase, or the beginning of one. The case of a
 * token does not matter. False for an empty text.
 */
export function matchesPurchaseId(purchase: PurchaseTimeline, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return false;
  const begins = (id: string | null): boolean => id?.toLowerCase().startsWith(wanted) === true;
  return (
    begins(purchase.id) ||
    begins(purchase.originalTransactionId) ||
    begins(purchase.appAccountToken) ||
    purchase.events.some(({ transactionId }) => begins(transactionId))
  );
}
