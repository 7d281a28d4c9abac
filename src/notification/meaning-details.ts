import type { Json, JsonObject } from '../jws/json.js';
import type { EventEntry } from './catalogue/entry.js';
import { findValue } from './catalogue/values.js';

/** The payloads a detail may be read from. */
interface EventPayloads {
  readonly notification?: JsonObject;
  readonly transaction?: JsonObject;
  readonly renewalInfo?: JsonObject;
}

type Detail = (payloads: EventPayloads) => string | null;

/** What this very notification adds to its type: whole sentences made of numbers and our own words only. */
export function eventDetails(event: EventEntry, payloads: EventPayloads): readonly string[] {
  const details = DETAILS.get(event.type) ?? [];
  return details.map((detail) => detail(payloads)).filter((sentence) => sentence !== null);
}

/** One sentence where the customer has it through someone else, else none. */
export function familySharing(transaction: JsonObject): readonly string[] {
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
