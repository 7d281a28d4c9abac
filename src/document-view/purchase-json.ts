import { isJsonObject, type JsonObject, stringifyJson } from '../jws/json.js';
import type { PayloadDocument } from '../notification/document.js';

/** The parts of a document that a timeline needs, as one line of JSON: without tokens and checks, which are most of it. */
export function purchasePartsToJsonLine(document: PayloadDocument): string {
  const { kind, source, notification, transaction, renewalInfo, appTransaction } = document;
  const { problems, verification, sendAttempts, received } = document;
  return `${stringifyJson({
    ...{ kind, source, transaction, renewalInfo, appTransaction, problems, sendAttempts, received },
    ...(notification && { notification: withoutTokens(notification) }),
    ...(verification && { verification: { ...verification, checks: [] } }),
  })}\n`;
}

/** Without the nested tokens, which are decoded beside it. */
export function withoutTokens(notification: JsonObject): JsonObject {
  if (!isJsonObject(notification.data)) return notification;
  const { signedTransactionInfo: _, signedRenewalInfo: __, ...data } = notification.data;
  return { ...notification, data };
}
