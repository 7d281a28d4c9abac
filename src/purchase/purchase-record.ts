import { isJsonObject, type JsonObject } from '../jws/json.js';
import type { VerdictWord } from '../notification/document.js';
import { factsOf } from '../notification/facts.js';
import type { PurchaseDocument } from './purchase.js';
import {
  type RenewalFacts,
  renewalFacts,
  signedCount,
  signedDateMs,
  signedText,
  type TransactionFacts,
  transactionFacts,
} from './signed-facts.js';

/** One document that belongs to a purchase, as the fold works with it. */
export interface PurchaseRecord {
  /** Position of the document in the input. */
  readonly position: number;
  readonly document: PurchaseDocument;
  readonly isNotification: boolean;
  /** `TYPE.SUBTYPE`, or the kind. */
  readonly type: string;
  readonly uuid: string | null;
  readonly signedMs: number | null;
  readonly receivedMs: number | null;
  readonly environment: string | null;
  readonly bundleId: string | null;
  readonly accountToken: string | null;
  readonly appTransactionId: string | null;
  readonly transaction: TransactionFacts | null;
  readonly renewal: RenewalFacts | null;
  /** `data.status`. */
  readonly status: number | null;
  readonly verdict: VerdictWord | null;
  readonly repeats: number;
  /** Id of the subscription that this purchase was migrated to, by this record; null for any other record. */
  readonly migratedTo: string | null;
}

/** Records of one purchase, in the order of the input. */
export interface PurchaseGroup {
  readonly id: string;
  readonly kind: 'subscription' | 'one-time';
  readonly environment: string | null;
  readonly records: PurchaseRecord[];
}

/** Never throws, whatever the payload contains. */
export function purchaseRecord(document: PurchaseDocument, position: number): PurchaseRecord {
  const transaction = objectIn(document, 'transaction');
  const renewal = objectIn(document, 'renewalInfo');
  const notification = objectIn(document, 'notification');
  const data = isJsonObject(notification?.data) ? notification.data : null;
  const facts = factsOf(document);
  const inner = transaction ?? renewal;
  return {
    position,
    document,
    isNotification: document.kind === 'notification',
    type: facts.type,
    uuid: signedText(notification?.notificationUUID)?.toLowerCase() ?? null,
    // Payloads of early 2022 have a date in the nested tokens only.
    signedMs:
      signedDateMs(facts.signedAtMs ?? undefined) ??
      signedDateMs(transaction?.signedDate) ??
      signedDateMs(renewal?.signedDate),
    receivedMs: receivedMs(document),
    environment: facts.environment ?? signedText(inner?.environment),
    bundleId: facts.bundleId ?? signedText(transaction?.bundleId),
    accountToken: signedText(transaction?.appAccountToken) ?? signedText(renewal?.appAccountToken),
    appTransactionId:
      signedText(transaction?.appTransactionId) ??
      signedText(renewal?.appTransactionId) ??
      signedText(objectIn(document, 'appTransaction')?.appTransactionId),
    transaction: transaction === null ? null : transactionFacts(transaction),
    renewal: renewal === null ? null : renewalFacts(renewal),
    status: signedCount(data?.status),
    verdict: document.verification?.verdict ?? null,
    repeats: 0,
    migratedTo: null,
  };
}

function objectIn(
  document: PurchaseDocument,
  field: 'notification' | 'transaction' | 'renewalInfo' | 'appTransaction',
): JsonObject | null {
  const value = document[field];
  return isJsonObject(value) ? value : null;
}

/** Time of arrival: of the journal, else of the attempt that Apple reports as successful. */
function receivedMs({ received, sendAttempts }: PurchaseDocument): number | null {
  if (received !== undefined) return signedDateMs(received.atMs);
  const delivered = sendAttempts?.find(({ sendAttemptResult }) => sendAttemptResult === 'SUCCESS');
  return signedDateMs(delivered?.attemptDate);
}
