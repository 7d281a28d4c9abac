import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { fieldsOf } from './catalogue/fields.js';
import type { Clock, Kind } from './document.js';

/**
 * Detects the kind of a payload from its field names, never from the place it was found in: anyone who uses an app holds genuine
 * transactions of it and can send them anywhere. Values are not checked: see {@link checkShape}.
 */
export function detectKind(payload: JsonObject): Kind {
  if (payload.notificationType !== undefined || payload.notificationUUID !== undefined) return 'notification';
  if (isVersion1(payload)) return 'notificationV1';
  if (payload.requestIdentifier !== undefined && payload.userLocale !== undefined) return 'realtimeRequest';
  if (payload.receiptType !== undefined || payload.receiptCreationDate !== undefined) return 'appTransaction';
  return detectPurchase(payload);
}

/** True for a version 1 body. One with `data` is version 2, decoded by something that changed the key names. */
function isVersion1({ notification_type: type, unified_receipt: receipt, data }: JsonObject): boolean {
  return (type !== undefined && !isJsonObject(data)) || receipt !== undefined;
}

/**
 * The kind of a payload that was decoded before it came here; null for any other object. One field is a coincidence, so purchases need
 * several.
 */
export function decodedKind(value: JsonObject): Kind | null {
  const kind = detectKind(value);
  if (kind === 'unknown' || kind === 'notificationV1') return null;
  if (kind === 'notification') {
    const isApples = NOTIFICATION_FIELDS.some((name) => value[name] !== undefined);
    return typeof value.notificationType === 'string' && isApples ? kind : null;
  }
  return COMMON_FIELDS.filter((name) => value[name] !== undefined).length >= 2 ? kind : null;
}

/** Other stores name their events notificationType, too. */
const NOTIFICATION_FIELDS = ['notificationUUID', 'signedDate', 'data', 'summary', 'appData', 'externalPurchaseToken'];

const COMMON_FIELDS = [
  'bundleId',
  'environment',
  'signedDate',
  'productId',
  'originalTransactionId',
  'appAppleId',
  'receiptType',
] as const;

/** A purchase date means a transaction; without one, fields that only renewal info has take precedence. */
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
 * Signing time (ms) claimed by a payload: `receiptCreationDate` of an app transaction, `signedDate` of every other kind.
 * Null if it is missing or out of the range of Date, and for a version 1 body, which is not signed.
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

/** Limit of the range of Date in both directions from 1970, in milliseconds (ECMAScript, time values). */
export const MAX_DATE_MS = 8.64e15;

function isDateMs(value: Json | undefined): value is number {
  return typeof value === 'number' && Math.abs(value) <= MAX_DATE_MS;
}

/** Seconds from 1973 to 5138 read as milliseconds are a date in 1970 to 1973, before every date of Apple's. */
const SECONDS = { min: 1e8, max: 1e11 } as const;

/** A date (ms) that is in all likelihood given in seconds. */
export function isSeconds(date: number): boolean {
  return date >= SECONDS.min && date < SECONDS.max;
}

/** A field of a notification for a nested token of one kind. */
interface NestedSlot {
  /** `data.signedTransactionInfo`, `unclaimInfo.signedTransactionInfo`, … */
  readonly path: string;
  readonly kind: Kind;
  /** Value of the field, whether a token or not. */
  readonly value: Json;
}

const SLOTS = [
  ['signedTransactionInfo', 'transaction'],
  ['signedRenewalInfo', 'renewalInfo'],
  ['signedAppTransactionInfo', 'appTransaction'],
] as const satisfies readonly (readonly [string, Kind])[];

/** All fields for nested tokens in the top-level objects of a payload, known containers or not, in payload order. */
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

/** Bundle id in a payload, or null. Renewal info and realtime requests have no such field (apple.md 2.4). */
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

/** App Apple ID in a payload as decimal digits, so that numbers and bigints compare equal, or null. */
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

/** Environment in a payload in Apple's spelling (`Production`, `Sandbox`, `Xcode`, …), or null. */
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
 * The object of a notification that names the app: the first one present of Apple's four, as in Apple's libraries; otherwise the one
 * top-level object that names an app, so that newer containers are checked too. Null where there are several.
 */
function containerOf(payload: JsonObject): JsonObject | null {
  const known = knownContainerOf(payload);
  if (known !== null) return known;
  const [name, ...others] = newerContainers(payload);
  const container = name === undefined || others.length > 0 ? null : payload[name];
  return isJsonObject(container) ? container : null;
}

function knownContainerOf(payload: JsonObject): JsonObject | null {
  for (const name of CONTAINERS) {
    const container = payload[name];
    if (isJsonObject(container)) return container;
  }
  return null;
}

/**
 * Names of the top-level objects that name an app in a payload without a container that Apple's libraries know. Of more than one, it is
 * unknown which one counts. The names come from the payload.
 */
export function newerContainers(payload: JsonObject): readonly string[] {
  if (knownContainerOf(payload) !== null) return NONE;
  return Object.keys(payload).filter((name) => {
    const container = payload[name];
    return isJsonObject(container) && namesApp(container);
  });
}

const NONE: readonly string[] = [];

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData'] as const;

function namesApp(container: JsonObject): boolean {
  return container.bundleId !== undefined || container.appAppleId !== undefined || container.environment !== undefined;
}

/** An external purchase token has no environment field; the prefix of its id gives the environment. */
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
