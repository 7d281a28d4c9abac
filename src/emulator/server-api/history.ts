import { type NotificationRecord, wasAccepted } from '../delivery/notification-log.js';
import type { ServerApiErrorCode } from './errors.js';
import type { HistoryQuery } from './history-query.js';

/** Records on one page. Source: docs, Get Notification History. */
export const PAGE_SIZE = 20;

/** The records a query asks for, oldest first; an error where the transaction belongs to no customer of the app. */
export function selectRecords(
  records: readonly NotificationRecord[],
  query: HistoryQuery,
): readonly NotificationRecord[] | ServerApiErrorCode {
  const ofCustomer = query.transactionId === null ? () => true : customerFilter(records, query.transactionId);
  if (ofCustomer === null) return 4040010;
  return records.filter((record) => ofCustomer(record) && matches(record, query));
}

function matches(record: NotificationRecord, { startMs, endMs, type, subtype, onlyFailures }: HistoryQuery): boolean {
  if (record.createdMs < startMs || record.createdMs > endMs) return false;
  if (type !== null && record.notificationType !== type) return false;
  if (subtype !== null && record.subtype !== subtype) return false;
  return !onlyFailures || !wasAccepted(record);
}

/**
 * Any transaction of a customer finds all the customer's notifications. Who the customer is, the appTransactionId says, and where
 * a payload has none, the original transaction. Null where no notification has this transaction.
 */
function customerFilter(
  records: readonly NotificationRecord[],
  id: string,
): ((record: NotificationRecord) => boolean) | null {
  const named = records.filter((record) => record.transactionId === id || record.originalTransactionId === id);
  if (named.length === 0) return null;
  const originals = new Set(named.map((record) => record.originalTransactionId));
  const customers = new Set(named.map((record) => record.appTransactionId).filter((known) => known !== null));
  return (record) =>
    originals.has(record.originalTransactionId) ||
    (record.appTransactionId !== null && customers.has(record.appTransactionId));
}

/** One record as the API gives it; `firstSendAttemptResult` is deprecated and still sent. */
export function describeRecord({ signedPayload, attempts }: NotificationRecord): object {
  const sendAttempts = attempts.map(({ attemptDate, sendAttemptResult }) => ({ attemptDate, sendAttemptResult }));
  return { signedPayload, firstSendAttemptResult: attempts[0]?.sendAttemptResult, sendAttempts };
}
