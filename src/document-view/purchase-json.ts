import { isJsonObject, type JsonObject, stringifyJson } from '../jws/json.js';
import type { PayloadDocument } from '../notification/document.js';
import type { PurchaseDocument } from '../purchase/purchase.js';

/** The parts of a document that a timeline needs: without tokens and checks, which are most of it. */
export function purchaseParts(document: PayloadDocument): PurchaseDocument {
  const { kind, source, notification, transaction, renewalInfo, appTransaction } = document;
  const { verification, sendAttempts, received } = document;
  return {
    ...{ kind, source },
    ...(notification && { notification: withoutTokens(notification) }),
    ...(transaction && { transaction }),
    ...(renewalInfo && { renewalInfo }),
    ...(appTransaction && { appTransaction }),
    ...(verification && { verification: { ...verification, checks: [] } }),
    ...(sendAttempts && { sendAttempts }),
    ...(received && { received }),
  };
}

/** The same as one line of JSON, with the problems of a payload that could not be decoded. */
export function purchasePartsToJsonLine(document: PayloadDocument): string {
  return `${stringifyJson({ ...purchaseParts(document), problems: document.problems })}\n`;
}

/** Without the nested tokens, which are decoded beside it. */
function withoutTokens(notification: JsonObject): JsonObject {
  if (!isJsonObject(notification.data)) return notification;
  const { signedTransactionInfo: _, signedRenewalInfo: __, ...data } = notification.data;
  return { ...notification, data };
}
