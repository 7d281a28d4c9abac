import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { fieldsOf } from './catalogue/fields.js';
import type { Clock, Kind } from './document.js';

export { appAppleIdOf, bundleIdOf, environmentOf } from './named-app.js';

/**
 * What a payload is, told from the fields it has and never from where it stood: anyone who uses an app holds genuine
 * transactions of it, so a place says nothing. The values are not looked at: {@link checkShape} judges them.
 */
export function detectKind(payload: JsonObject): Kind {
  if (payload.notificationType !== undefined || payload.notificationUUID !== undefined) return 'notification';
  if (payload.notification_type !== undefined || payload.unified_receipt !== undefined) return 'notificationV1';
  if (payload.requestIdentifier !== undefined && payload.userLocale !== undefined) return 'realtimeRequest';
  if (payload.receiptType !== undefined || payload.receiptCreationDate !== undefined) return 'appTransaction';
  return detectPurchase(payload);
}

/** A purchase date is what makes a transaction; without one, what only renewal info has settles it first. */
function detectPurchase(payload: JsonObject): Kind {
  if (payload.purchaseDate === undefined && hasAny(payload, RENEWAL_ONLY)) return 'renewalInfo';
  if (hasAny(payload, TRANSACTION_ONLY)) return 'transaction';
  if (payload.bundleId !== undefined) return payload.signedDate === undefined ? 'unknown' : 'transaction';
  return payload.environment !== undefined && holdsOnly(payload, RENEWAL_FIELDS) ? 'renewalInfo' : 'unknown';
}

const RENEWAL_ONLY: readonly string[] = [
  'autoRenewProductId',
  'autoRenewStatus',
  'renewalDate',
  'renewalPrice',
  'recentSubscriptionStartDate',
  'isInBillingRetryPeriod',
  'expirationIntent',
  'gracePeriodExpiresDate',
  'priceIncreaseStatus',
  'eligibleWinBackOfferIds',
  'renewalBillingPlanType',
  'renewalQuantity',
];
const TRANSACTION_ONLY: readonly string[] = [
  'purchaseDate',
  'transactionId',
  'originalPurchaseDate',
  'webOrderLineItemId',
  'inAppOwnershipType',
  'transactionReason',
];
const RENEWAL_FIELDS: ReadonlySet<string> = new Set(fieldsOf('renewalInfo').map(({ name }) => name));

function hasAny(payload: JsonObject, names: readonly string[]): boolean {
  for (const name of names) if (payload[name] !== undefined) return true;
  return false;
}

function holdsOnly(payload: JsonObject, names: ReadonlySet<string>): boolean {
  for (const name in payload) if (!names.has(name)) return false;
  return true;
}

/**
 * The moment (ms) the payload says it was signed at: an app transaction's `receiptCreationDate`, `signedDate` of all others.
 * Null where it has none, or none that a date can hold; a version 1 body is not signed at all.
 */
export function signedMoment(
  payload: JsonObject,
  kind: Kind,
): { readonly atMs: number; readonly clock: Extract<Clock, 'signedDate' | 'receiptCreationDate'> } | null {
  if (kind === 'notificationV1') return null;
  const clock = kind === 'appTransaction' ? 'receiptCreationDate' : 'signedDate';
  const atMs = payload[clock];
  return isDateMs(atMs) ? { atMs, clock } : null;
}

/** Farthest moment from 1970 that a Date can hold, in milliseconds (ECMAScript, time values). */
export const MAX_DATE_MS = 8.64e15;

function isDateMs(value: Json | undefined): value is number {
  return typeof value === 'number' && Math.abs(value) <= MAX_DATE_MS;
}

/** A place inside a notification where a signed token of one kind belongs. */
export interface NestedSlot {
  /** `data.signedTransactionInfo`, `unclaimInfo.signedTransactionInfo`, … */
  readonly path: string;
  readonly kind: Kind;
  /** What stands there, token or not. */
  readonly value: Json;
}

const SLOTS = [
  ['signedTransactionInfo', 'transaction'],
  ['signedRenewalInfo', 'renewalInfo'],
  ['signedAppTransactionInfo', 'appTransaction'],
] as const satisfies readonly (readonly [string, Kind])[];

/** Every place of a nested token in the top-level objects of a payload, in the order they stand in; known containers or not. */
export function nestedSlots(payload: JsonObject): readonly NestedSlot[] {
  const slots: NestedSlot[] = [];
  for (const container in payload) {
    const fields = payload[container];
    if (!isJsonObject(fields)) continue;
    for (const [name, kind] of SLOTS) {
      const value = fields[name];
      if (value !== undefined) slots.push({ path: `${container}.${name}`, kind, value });
    }
  }
  return slots;
}
