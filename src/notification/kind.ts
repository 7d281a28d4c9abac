import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { fieldsOf } from './catalogue/fields.js';
import type { Clock, Kind } from './document.js';

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
interface NestedSlot {
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

/** The bundle id a payload names, or null. Renewal info and realtime requests have no such field (apple.md 2.4). */
export function bundleIdOf(payload: JsonObject, kind: Kind): string | null {
  switch (kind) {
    case 'notification':
      return textIn(containerOf(payload), 'bundleId');
    case 'transaction':
    case 'appTransaction':
      return textIn(payload, 'bundleId');
    case 'notificationV1':
      return textIn(payload, 'bid');
    case 'unknown':
      return textIn(payload, 'bundleId') ?? textIn(containerOf(payload), 'bundleId');
    default:
      return null;
  }
}

/** The app Apple ID a payload names as decimal digits, so that numbers and bigints compare alike, or null. */
export function appAppleIdOf(payload: JsonObject, kind: Kind): string | null {
  switch (kind) {
    case 'notification':
      return digitsIn(containerOf(payload), 'appAppleId');
    case 'appTransaction':
    case 'realtimeRequest':
      return digitsIn(payload, 'appAppleId');
    case 'unknown':
      return digitsIn(payload, 'appAppleId') ?? digitsIn(containerOf(payload), 'appAppleId');
    default:
      return null;
  }
}

/** The environment a payload names in Apple's spelling (`Production`, `Sandbox`, `Xcode`, …), or null. */
export function environmentOf(payload: JsonObject, kind: Kind): string | null {
  switch (kind) {
    case 'notification':
      return environmentIn(payload, containerOf(payload));
    case 'appTransaction':
      return textIn(payload, 'receiptType');
    case 'notificationV1':
      return payload.environment === 'PROD' ? 'Production' : textIn(payload, 'environment');
    case 'unknown':
      return textIn(payload, 'environment') ?? environmentIn(payload, containerOf(payload));
    default:
      return textIn(payload, 'environment');
  }
}

/**
 * The object of a notification that names the app: the first of Apple's four that is there, and no other after it, as in
 * Apple's libraries; else the first top-level object that names one, so that newer containers are judged too.
 */
function containerOf(payload: JsonObject): JsonObject | null {
  for (const name of CONTAINERS) {
    const container = payload[name];
    if (isJsonObject(container)) return container;
  }
  for (const name in payload) {
    const container = payload[name];
    if (isJsonObject(container) && namesApp(container)) return container;
  }
  return null;
}

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData'] as const;

function namesApp(container: JsonObject): boolean {
  return container.bundleId !== undefined || container.appAppleId !== undefined || container.environment !== undefined;
}

/** An external purchase token has no environment: the prefix of its id tells it. */
function environmentIn(payload: JsonObject, container: JsonObject | null): string | null {
  if (container === null || container !== payload.externalPurchaseToken) return textIn(container, 'environment');
  const id = textIn(container, 'externalPurchaseId');
  if (id === null) return null;
  return id.startsWith('SANDBOX') ? 'Sandbox' : 'Production';
}

function textIn(container: JsonObject | null, name: string): string | null {
  const value = container?.[name];
  return typeof value === 'string' ? value : null;
}

function digitsIn(container: JsonObject | null, name: string): string | null {
  const value = container?.[name];
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}
