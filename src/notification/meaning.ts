import type { Json, JsonObject } from '../jws/json.js';
import type { EventEntry } from './catalogue/entry.js';
import { eventsOfType, findEvent } from './catalogue/events.js';
import { findValue } from './catalogue/values.js';
import type { PayloadDocument } from './document.js';

/** What happened, in words. Text from the payload is in it only where `known` is false: escape it before showing. */
interface EventDescription {
  /** A headline without a full stop. */
  readonly title: string;
  /** One or more whole sentences. */
  readonly meaning: string;
  /** False where this version does not know the type, the subtype, or the kind of payload. */
  readonly known: boolean;
}

/** The decoded payloads of a document: all that is needed to say what happened. */
export type EventSubject = Pick<
  PayloadDocument,
  'kind' | 'notification' | 'transaction' | 'renewalInfo' | 'appTransaction' | 'realtimeRequest' | 'payload'
>;

/** Says what a document of any kind is about; never throws, whatever the payload holds. */
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

/** What a value of an enum or code table says, as a fragment that stands beside the value; null where it is not known. */
export function valueMeaning(table: string, value: Json | undefined): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return null;
  return findValue(table, value)?.meaning ?? null;
}

const OTHER_KINDS: Readonly<Record<'appTransaction' | 'realtimeRequest' | 'unknown', EventDescription>> = {
  appTransaction: {
    title: 'App transaction',
    meaning: 'How and when the customer came to have the app, for one copy of it.',
    known: true,
  },
  realtimeRequest: {
    title: 'Retention message request',
    meaning: 'Apple asks what to show a subscriber who is about to cancel; it wants a JSON answer, not just a 200.',
    known: true,
  },
  unknown: {
    title: 'Unknown payload',
    meaning: 'Its fields are those of no payload that this version knows.',
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
  meaning: 'It has no notificationType, which every notification carries.',
  known: false,
};

const NEWER =
  'is newer than this version of storewire. Apple adds words without notice: answer 200 and look it up in its documentation.';

function describeUnknownEvent(type: string, subtype: string | null): EventDescription {
  const siblings = eventsOfType(type);
  const word = subtype === null ? type : `${type}.${subtype}`;
  if (siblings.length === 0)
    return { title: `Unknown type ${word}`, meaning: `The type ${type} ${NEWER}`, known: false };
  const about = `${type} says: ${findValue('notificationType', type)?.meaning ?? 'something this version cannot tell'}.`;
  if (subtype !== null) {
    return { title: `Unknown subtype ${word}`, meaning: `${about} Its subtype ${subtype} ${NEWER}`, known: false };
  }
  const subtypes = siblings.map((event) => event.subtype).join(', ');
  return {
    title: `${type} without a subtype`,
    meaning: `${about} It usually comes with one of ${subtypes}; this one has none.`,
    known: false,
  };
}

function describeTransaction(transaction: JsonObject): EventDescription {
  const shared = familySharing(transaction);
  if (transaction.revocationDate !== undefined) {
    const how = valueMeaning('revocationType', transaction.revocationType);
    const why = valueMeaning('revocationReason', transaction.revocationReason);
    const because = [how, why === null ? null : `reason: ${why}`].filter((part) => part !== null).join('; ');
    return known('Revoked transaction', `A purchase that Apple took back${because === '' ? '' : ` (${because})`}.`);
  }
  if (transaction.isUpgraded === true) {
    return known(
      'Transaction replaced by an upgrade',
      'The customer moved up to another product: this one no longer counts.',
    );
  }
  const [title, meaning] = purchaseWords(transaction);
  return known(title, [meaning, ...shared].join(' '));
}

function purchaseWords({ type, transactionReason }: JsonObject): readonly [string, string] {
  if (transactionReason === 'RENEWAL') return ['Renewal transaction', 'A subscription that renewed and was paid.'];
  const words = typeof type === 'string' ? PURCHASES.get(type) : undefined;
  return words ?? ['Transaction', 'A purchase or renewal, as the App Store describes it.'];
}

const PURCHASES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['Auto-Renewable Subscription', ['Subscription transaction', 'One period of a subscription that renews by itself.']],
  ['Consumable', ['Consumable purchase', 'Something that is used up and can be bought again.']],
  ['Non-Consumable', ['Non-consumable purchase', 'Something that is bought once and kept for good.']],
  ['Non-Renewing Subscription', ['Non-renewing subscription purchase', 'A subscription that ends by itself.']],
]);

function describeRenewalInfo(renewal: JsonObject): EventDescription {
  if (renewal.isInBillingRetryPeriod === true) {
    return known('Renewal info: billing retry', 'The renewal could not be charged; Apple is trying again.');
  }
  const why = valueMeaning('expirationIntent', renewal.expirationIntent);
  if (why !== null) return known('Renewal info: ended', `The subscription ended: ${why}.`);
  if (renewal.autoRenewStatus === 1)
    return known('Renewal info: will renew', 'The subscription renews at the end of its period.');
  if (renewal.autoRenewStatus === 0) {
    return known('Renewal info: will not renew', 'Automatic renewal is off: the subscription ends with its period.');
  }
  return known('Renewal info', 'What comes next for a subscription, as the App Store describes it.');
}

function describeLegacy({ notification_type: type }: JsonObject): EventDescription {
  const about = valueMeaning('notificationTypeV1', type);
  const legacy = 'Version 1 is deprecated and carries no signature.';
  if (about !== null) return known(`Version 1: ${String(type)}`, `It says: ${about}. ${legacy}`);
  const word = typeof type === 'string' ? type : 'without a type';
  return { title: `Version 1: ${word}`, meaning: `This version does not know the type. ${legacy}`, known: false };
}

function known(title: string, meaning: string): EventDescription {
  return { title, meaning, known: true };
}

/** The payloads a detail may be read from. */
interface EventPayloads {
  readonly notification?: JsonObject;
  readonly transaction?: JsonObject;
  readonly renewalInfo?: JsonObject;
}

type Detail = (payloads: EventPayloads) => string | null;

/** What this very notification adds to its type: whole sentences made of numbers and our own words only. */
function eventDetails(event: EventEntry, payloads: EventPayloads): readonly string[] {
  const details = DETAILS.get(event.type) ?? [];
  return details.map((detail) => detail(payloads)).filter((sentence) => sentence !== null);
}

/** One sentence where the customer has it through someone else, else none. */
function familySharing(transaction: JsonObject): readonly string[] {
  const sentence = OWNERSHIP.get(transaction.inAppOwnershipType);
  return sentence === undefined ? [] : [sentence];
}

const OWNERSHIP: ReadonlyMap<Json | undefined, string> = new Map([
  ['FAMILY_SHARED', 'The customer has it through Family Sharing.'],
  ['ASSIGNED', 'The customer has a seat that was assigned.'],
]);

const DISCOUNTS: ReadonlyMap<Json | undefined, string> = new Map([
  ['FREE_TRIAL', 'a free trial'],
  ['PAY_AS_YOU_GO', 'a reduced price for each period'],
  ['PAY_UP_FRONT', 'a reduced price paid up front'],
  ['ONE_TIME', 'a reduced one-time price'],
]);

const ownership: Detail = ({ transaction }) =>
  transaction === undefined ? null : (familySharing(transaction)[0] ?? null);

const offer: Detail = ({ transaction }) => {
  const discount = DISCOUNTS.get(transaction?.offerDiscountType);
  const kind = meaningOf('offerType', transaction?.offerType);
  if (kind === null) return discount === undefined ? null : `It comes with ${discount}.`;
  return `It comes with ${article(kind)} ${kind}${discount === undefined ? '' : `: ${discount}`}.`;
};

/** `revocationPercentage` is in milliunits of a percent: 67932 is 67.932 %. */
const refundedShare: Detail = ({ transaction }) => {
  const share = transaction?.revocationPercentage;
  if (typeof share === 'number' && Number.isFinite(share))
    return `${share / 1000} % of the price went back to the customer.`;
  return null;
};

const revocation: Detail = ({ transaction }) => {
  const how = meaningOf('revocationType', transaction?.revocationType);
  return how === null ? null : `Apple says: ${how}.`;
};

/** For EXPIRED without a subtype, renewal info may still know why. */
const expiry: Detail = ({ notification, renewalInfo }) => {
  if (notification?.subtype !== undefined) return null;
  const why = meaningOf('expirationIntent', renewalInfo?.expirationIntent);
  return why === null ? null : `Renewal info says: ${why}.`;
};

const refundReason: Detail = ({ notification }) => {
  const why = meaningOf('consumptionRequestReason', objectIn(notification, 'data')?.consumptionRequestReason);
  return why === null ? null : `The customer's reason: ${why}.`;
};

const extensionCounts: Detail = ({ notification }) => {
  const summary = objectIn(notification, 'summary');
  const [succeeded, failed] = [summary?.succeededCount, summary?.failedCount];
  if (!isCount(succeeded) || !isCount(failed)) return null;
  return `It succeeded for ${succeeded} and failed for ${failed}.`;
};

const DETAILS: ReadonlyMap<string, readonly Detail[]> = new Map([
  ['SUBSCRIBED', [offer, ownership]],
  ['OFFER_REDEEMED', [offer]],
  ['ONE_TIME_CHARGE', [offer, ownership]],
  ['EXPIRED', [expiry]],
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

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a';
}
