import type { Json, JsonObject } from '../jws/json.js';
import type { EventEntry } from './catalogue/entry.js';
import { eventsOfType, findEvent } from './catalogue/events.js';
import { findValue } from './catalogue/values.js';
import type { PayloadDocument } from './document.js';

/** Explanation of an event in plain words. Contains text from the payload only if `known` is false: escape it before printing. */
interface EventDescription {
  /** Headline without a full stop. */
  readonly title: string;
  /** One or more full sentences. */
  readonly meaning: string;
  /** False if the type, the subtype or the payload kind is unknown to this version. */
  readonly known: boolean;
}

/** The decoded payloads of a document: the input of {@link describeEvent}. */
export type EventSubject = Pick<
  PayloadDocument,
  'kind' | 'notification' | 'transaction' | 'renewalInfo' | 'appTransaction' | 'realtimeRequest' | 'payload'
>;

/** Title and explanation of a document of any kind; never throws, whatever the payload contains. */
export function describeEvent(subject: EventSubject): EventDescription {
  switch (subject.kind) {
    case 'notification':
      return describeNotification(subject);
    case 'transaction':
      return describeTransaction(subject.transaction ?? {});
    case 'renewalInfo':
      return describeRenewalInfo(subject.renewalInfo ?? {});
    case 'notificationV1':
      return describeLegacy(subject.payload ?? {});
    default:
      return OTHER_KINDS[subject.kind];
  }
}

/** Meaning of a value in an enum or code table, as a fragment to print beside the value; null for an unknown value. */
export function valueMeaning(table: string, value: Json | undefined): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return null;
  return findValue(table, value)?.meaning ?? null;
}

const OTHER_KINDS: Readonly<Record<'appTransaction' | 'realtimeRequest' | 'unknown', EventDescription>> = {
  appTransaction: {
    title: 'App transaction',
    meaning: 'When and how the customer obtained this copy of the app.',
    known: true,
  },
  realtimeRequest: {
    title: 'Retention message request',
    meaning:
      'Apple asks which message to show a subscriber who is about to cancel; it expects a JSON response, not just a 200.',
    known: true,
  },
  unknown: {
    title: 'Unrecognised payload',
    meaning: 'Its fields match no payload type known to this version of storewire.',
    known: false,
  },
};

function describeNotification(subject: EventSubject): EventDescription {
  const { notificationType: type, subtype } = subject.notification ?? {};
  if (typeof type !== 'string') return UNTYPED;
  const event = findEvent(type, typeof subtype === 'string' ? subtype : null);
  if (event === undefined) return describeUnknownEvent(type, typeof subtype === 'string' ? subtype : null);
  const meaning = [event.meaning, ...eventDetails(event, subject)].join(' ');
  return { title: event.title, meaning, known: true };
}

const UNTYPED: EventDescription = {
  title: 'Notification without a type',
  meaning: 'The field notificationType, which every notification has, is missing.',
  known: false,
};

const NOT_LISTED =
  'is unknown to this version of storewire. Apple adds types and subtypes without notice: respond 200 and look it up at developer.apple.com.';

function describeUnknownEvent(type: string, subtype: string | null): EventDescription {
  const siblings = eventsOfType(type);
  const name = subtype === null ? type : `${type}.${subtype}`;
  if (siblings.length === 0)
    return { title: `Unknown type ${name}`, meaning: `The type ${type} ${NOT_LISTED}`, known: false };
  const about = `${type}: ${findValue('notificationType', type)?.meaning ?? 'no description'}.`;
  if (subtype !== null) {
    return { title: `Unknown subtype ${name}`, meaning: `${about} Its subtype ${subtype} ${NOT_LISTED}`, known: false };
  }
  const subtypes = siblings.map((event) => event.subtype).join(', ');
  return {
    title: `${type} without a subtype`,
    meaning: `${about} It usually has one of the subtypes ${subtypes}; this one has none.`,
    known: false,
  };
}

function describeTransaction(transaction: JsonObject): EventDescription {
  const sharing = sharingDetail(transaction);
  if (transaction.revocationDate !== undefined) {
    const type = valueMeaning('revocationType', transaction.revocationType);
    const reason = valueMeaning('revocationReason', transaction.revocationReason);
    const details = [type, reason === null ? null : `reason: ${reason}`].filter((part) => part !== null).join('; ');
    return known(
      'Revoked transaction',
      `A purchase that was refunded or revoked${details === '' ? '' : ` (${details})`}.`,
    );
  }
  if (transaction.isUpgraded === true) {
    return known(
      'Transaction replaced by an upgrade',
      'The customer upgraded to another product: this transaction no longer grants access.',
    );
  }
  const [title, meaning] = purchaseDescription(transaction);
  return known(title, [meaning, ...sharing].join(' '));
}

function purchaseDescription({ type, transactionReason }: JsonObject): readonly [string, string] {
  if (transactionReason === 'RENEWAL') return ['Renewal transaction', 'A subscription renewal that was paid.'];
  const description = typeof type === 'string' ? PURCHASES.get(type) : undefined;
  return description ?? ['Transaction', 'A purchase or renewal.'];
}

const PURCHASES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['Auto-Renewable Subscription', ['Subscription transaction', 'One period of an auto-renewable subscription.']],
  ['Consumable', ['Consumable purchase', 'A product that is used up and can be bought again.']],
  ['Non-Consumable', ['Non-consumable purchase', 'A product that is bought once and owned permanently.']],
  [
    'Non-Renewing Subscription',
    ['Non-renewing subscription purchase', 'A subscription that expires without renewing.'],
  ],
]);

function describeRenewalInfo(renewal: JsonObject): EventDescription {
  if (renewal.isInBillingRetryPeriod === true) {
    return known('Renewal info: billing retry', 'The renewal could not be charged; Apple is retrying.');
  }
  const reason = valueMeaning('expirationIntent', renewal.expirationIntent);
  if (reason !== null) return known('Renewal info: expired', `The subscription expired: ${reason}.`);
  if (renewal.autoRenewStatus === 1)
    return known('Renewal info: will renew', 'The subscription renews at the end of its period.');
  if (renewal.autoRenewStatus === 0) {
    return known(
      'Renewal info: will not renew',
      'Auto-renewal is off: the subscription expires at the end of its period.',
    );
  }
  return known('Renewal info', 'The renewal state of a subscription.');
}

function describeLegacy({ notification_type: type }: JsonObject): EventDescription {
  const meaning = valueMeaning('notificationTypeV1', type);
  const legacy = 'Version 1 is deprecated and carries no signature.';
  const name = typeof type === 'string' ? type : 'without a type';
  if (meaning !== null) return known(`Version 1: ${name}`, `Meaning: ${meaning}. ${legacy}`);
  return {
    title: `Version 1: ${name}`,
    meaning: `The type is unknown to this version of storewire. ${legacy}`,
    known: false,
  };
}

function known(title: string, meaning: string): EventDescription {
  return { title, meaning, known: true };
}

/** Payloads that a detail is derived from. */
interface EventPayloads {
  readonly notification?: JsonObject;
  readonly transaction?: JsonObject;
  readonly renewalInfo?: JsonObject;
}

type Detail = (payloads: EventPayloads) => string | null;

/** Details of this notification beyond its type: full sentences that contain numbers and fixed text only, nothing from the payload. */
function eventDetails(event: EventEntry, payloads: EventPayloads): readonly string[] {
  const details = DETAILS.get(event.type) ?? [];
  return details.map((detail) => detail(payloads)).filter((sentence) => sentence !== null);
}

/** One sentence if the customer has access through sharing, else none. */
function sharingDetail(transaction: JsonObject): readonly string[] {
  const sentence = OWNERSHIP.get(transaction.inAppOwnershipType);
  return sentence === undefined ? [] : [sentence];
}

const OWNERSHIP: ReadonlyMap<Json | undefined, string> = new Map([
  ['FAMILY_SHARED', 'The customer received it through Family Sharing.'],
  ['ASSIGNED', 'The customer has an assigned seat.'],
]);

const DISCOUNTS: ReadonlyMap<Json | undefined, string> = new Map([
  ['FREE_TRIAL', 'a free trial'],
  ['PAY_AS_YOU_GO', 'a reduced price for each period'],
  ['PAY_UP_FRONT', 'a reduced price paid up front'],
  ['ONE_TIME', 'a reduced one-time price'],
]);

const ownership: Detail = ({ transaction }) =>
  transaction === undefined ? null : (sharingDetail(transaction)[0] ?? null);

const offer: Detail = ({ transaction }) => {
  const discount = DISCOUNTS.get(transaction?.offerDiscountType);
  const kind = meaningOf('offerType', transaction?.offerType);
  if (kind === null) return discount === undefined ? null : `The purchase uses ${discount}.`;
  return `The purchase uses ${article(kind)} ${kind}${discount === undefined ? '' : `: ${discount}`}.`;
};

/** `revocationPercentage` is in milliunits of a percent: 67932 is 67.932 %. */
const refundedShare: Detail = ({ transaction }) => {
  const share = transaction?.revocationPercentage;
  if (typeof share === 'number' && Number.isFinite(share)) return `${share / 1000} % of the price was refunded.`;
  return null;
};

const revocation: Detail = ({ transaction }) => {
  const type = meaningOf('revocationType', transaction?.revocationType);
  return type === null ? null : `Revocation type: ${type}.`;
};

/** For EXPIRED without a subtype, renewal info may still contain the reason. */
const expiry: Detail = ({ notification, renewalInfo }) => {
  if (notification?.subtype !== undefined) return null;
  const reason = meaningOf('expirationIntent', renewalInfo?.expirationIntent);
  return reason === null ? null : `Reason in renewal info: ${reason}.`;
};

/** A commitment goes on after a cancellation, and has no grace period. Source: docs, 12-month commitments. */
const commitment: Detail = ({ notification, transaction }) => {
  if (transaction?.billingPlanType !== 'MONTHLY') return null;
  if (notification?.subtype === 'AUTO_RENEW_DISABLED') {
    return 'It is a monthly commitment: the remaining periods are billed, so access continues until commitmentExpiresDate.';
  }
  return notification?.notificationType === 'DID_FAIL_TO_RENEW'
    ? 'It is a monthly commitment: no grace period applies, and Apple retries for up to 90 days.'
    : null;
};

const refundReason: Detail = ({ notification }) => {
  const reason = meaningOf('consumptionRequestReason', objectIn(notification, 'data')?.consumptionRequestReason);
  return reason === null ? null : `The customer's reason: ${reason}.`;
};

const extensionCounts: Detail = ({ notification }) => {
  const summary = objectIn(notification, 'summary');
  const [succeeded, failed] = [summary?.succeededCount, summary?.failedCount];
  if (!isCount(succeeded) || !isCount(failed)) return null;
  return `Extensions: ${succeeded} succeeded, ${failed} failed.`;
};

const DETAILS: ReadonlyMap<string, readonly Detail[]> = new Map([
  ['SUBSCRIBED', [offer, ownership]],
  ['OFFER_REDEEMED', [offer]],
  ['ONE_TIME_CHARGE', [offer, ownership]],
  ['EXPIRED', [expiry]],
  ['DID_CHANGE_RENEWAL_STATUS', [commitment]],
  ['DID_FAIL_TO_RENEW', [commitment]],
  ['REFUND', [refundedShare]],
  ['REVOKE', [revocation]],
  ['CONSUMPTION_REQUEST', [refundReason]],
  ['RENEWAL_EXTENSION', [extensionCounts]],
]);

function meaningOf(table: string, value: Json | undefined): string | null {
  return typeof value === 'string' || typeof value === 'number' ? (findValue(table, value)?.meaning ?? null) : null;
}

function objectIn(payload: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = payload?.[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function isCount(value: Json | undefined): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? 'an' : 'a';
}
