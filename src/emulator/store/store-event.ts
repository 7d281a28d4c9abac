import type { Json, JsonObject } from '../../jws/json.js';
import { type OpenedPayload, payloadFields } from '../../notification/open.js';

/** The part of a notification that changes a purchase. Every id is as signed. */
export interface StoreEvent {
  readonly notificationUUID: string;
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly name: string;
  /** `signedDate` of the notification, in milliseconds. */
  readonly signedMs: number;
  /** Apple's `data.status`; null if the notification has none. */
  readonly status: number | null;
  readonly notification: JsonObject;
  readonly transaction: JsonObject & { readonly transactionId: string; readonly originalTransactionId: string };
  readonly renewalInfo: JsonObject | null;
}

/** Reads the event of an opened notification; verifies nothing. Null for one without a transaction, such as TEST. */
export function readStoreEvent(opened: OpenedPayload): StoreEvent | null {
  const { notification, transaction, renewalInfo = null } = payloadFields(opened);
  if (notification === undefined || transaction === undefined) return null;
  const { notificationUUID, notificationType, subtype, signedDate, data } = notification;
  const { transactionId, originalTransactionId = transactionId } = transaction;
  if (!isText(notificationUUID) || !isText(notificationType) || typeof signedDate !== 'number') return null;
  if (!isText(transactionId) || !isText(originalTransactionId)) return null;
  const status = (data as JsonObject | undefined)?.status;
  return {
    notificationUUID,
    name: isText(subtype) ? `${notificationType}.${subtype}` : notificationType,
    signedMs: signedDate,
    status: typeof status === 'number' ? status : null,
    notification,
    transaction: { ...transaction, transactionId, originalTransactionId },
    renewalInfo,
  };
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
