import { describeEvent, valueMeaning } from '../notification/meaning.js';
import { formatMoment } from '../terminal/format.js';
import type { PurchaseRecord } from './purchase-record.js';

/** One phrase without a full stop: the meaning of an event for its purchase. Product ids and unknown types in it are as signed: untrusted. */
export function eventMeaning(record: PurchaseRecord, isOfLastPeriod: boolean): string {
  if (record.migratedTo !== null) return `Migrated to subscription ${record.migratedTo}`;
  const phrase = record.isNotification ? PHRASES.get(record.type)?.(record, isOfLastPeriod) : ofSnapshot(record);
  return phrase ?? describeEvent(record.document).title;
}

type Phrase = (record: PurchaseRecord, isOfLastPeriod: boolean) => string;

const until: Phrase = ({ transaction }) => dated(' until ', transaction?.expiresMs ?? null);

/** Beginning of the meaning of a refund of a part. */
export const REFUNDED_IN_PART = 'Refunded in part';

const REFUNDS = new Map<string, string>([
  ['REFUND_FULL', 'Refunded in full'],
  ['REFUND_PRORATED', REFUNDED_IN_PART],
]);

const refunded: Phrase = ({ transaction }, isOfLastPeriod) => {
  const what = REFUNDS.get(transaction?.revocationType ?? '') ?? 'Refunded';
  const isOver = (transaction?.revokedMs ?? 0) >= (transaction?.expiresMs ?? Number.POSITIVE_INFINITY);
  const isEarlier = !isOfLastPeriod || isOver;
  const earlier = isEarlier ? dated(': an earlier period, from ', transaction?.purchaseMs ?? null) : '';
  const of = transaction?.isUpgraded === true ? ': what an upgrade replaced' : earlier;
  const percentage = what === REFUNDED_IN_PART ? (transaction?.revokedPercentage ?? null) : null;
  const share = percentage === null ? '' : ` (${percentage / 1_000} %)`;
  return `${what}${share}${dated(' as of ', transaction?.revokedMs ?? null)}${of}`;
};

const PHRASES: ReadonlyMap<string, Phrase> = new Map<string, Phrase>([
  ['SUBSCRIBED.INITIAL_BUY', (record, last) => `Subscribed${until(record, last)}${terms(record)}`],
  ['SUBSCRIBED.RESUBSCRIBE', (record, last) => `Subscribed again${until(record, last)}${terms(record)}`],
  ['DID_RENEW', (record, last) => `Renewed${until(record, last)}${terms(record)}`],
  ['DID_RENEW.BILLING_RECOVERY', (record, last) => `Paid after a failed renewal: active${until(record, last)}`],
  [
    'DID_FAIL_TO_RENEW.GRACE_PERIOD',
    ({ renewal }) => `Renewal failed: grace period${dated(' until ', renewal?.graceUntilMs ?? null)}`,
  ],
  ['DID_FAIL_TO_RENEW', () => 'Renewal failed, no grace period: Apple retries for up to 60 days'],
  ['GRACE_PERIOD_EXPIRED', () => 'Grace period ended unpaid: Apple keeps retrying'],
  ['EXPIRED.VOLUNTARY', () => 'Expired: the customer had turned auto-renewal off'],
  ['EXPIRED.BILLING_RETRY', () => 'Expired: Apple stopped retrying the payment'],
  ['EXPIRED.PRICE_INCREASE', () => 'Expired: no consent to the price increase'],
  ['EXPIRED.PRODUCT_NOT_FOR_SALE', () => 'Expired: the product was not for sale at renewal'],
  ['EXPIRED', expired],
  ['DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED', autoRenewOff],
  ['DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED', () => 'Auto-renewal turned on'],
  ['DID_CHANGE_RENEWAL_PREF.UPGRADE', (record, last) => `Upgraded to ${product(record)}${until(record, last)}`],
  ['DID_CHANGE_RENEWAL_PREF.DOWNGRADE', (record) => `Changes to ${nextProduct(record)} at the next renewal`],
  ['DID_CHANGE_RENEWAL_PREF', () => 'Planned change of product cancelled'],
  ['DID_CHANGE_RENEWAL_PREF.INCREASE_QUANTITY', ({ transaction }) => `Seats added${count(transaction?.quantity)}`],
  ['DID_CHANGE_RENEWAL_PREF.DECREASE_QUANTITY', () => 'Fewer seats from the next renewal on'],
  ['OFFER_REDEEMED', () => 'Offer redeemed for the next period'],
  ['OFFER_REDEEMED.UPGRADE', (record, last) => `Upgraded with an offer to ${product(record)}${until(record, last)}`],
  ['OFFER_REDEEMED.DOWNGRADE', (record) => `Changes with an offer to ${nextProduct(record)} at the next renewal`],
  ['PRICE_INCREASE.PENDING', () => 'Price increase: waiting for consent'],
  ['PRICE_INCREASE.ACCEPTED', () => 'Price increase accepted, or no consent needed'],
  ['RENEWAL_EXTENDED', (record, last) => `Renewal date extended: active${until(record, last)}`],
  ['CONSUMPTION_REQUEST', () => 'Refund requested: Apple asks for consumption data'],
  ['REFUND', refunded],
  ['REFUND.SEATS', ({ transaction }) => `Seats refunded${count(transaction?.revokedSeats, transaction?.quantity)}`],
  ['REFUND_DECLINED', () => 'Refund declined: nothing changes'],
  ['REFUND_REVERSED', ({ transaction, signedMs }) => reversed(transaction?.expiresMs ?? null, signedMs)],
  ['REVOKE', ({ transaction }) => `Shared access ended${dated(' as of ', transaction?.revokedMs ?? null)}`],
  [
    'MIGRATION',
    ({ transaction }) => {
      const previous = transaction?.previousId ?? null;
      return `Migrated${previous === null ? '' : ` from subscription ${previous}`} to the Advanced Commerce API`;
    },
  ],
  ['ONE_TIME_CHARGE', (record) => `Bought${dated(' at ', record.transaction?.purchaseMs ?? null)}${terms(record)}`],
  ['RESCIND_CONSENT', () => 'Parental consent to use of the app withdrawn'],
]);

const OTHER_INTENT = 5;

function expired({ renewal }: PurchaseRecord): string {
  const intent = renewal?.expirationIntent ?? undefined;
  const reason = intent === OTHER_INTENT ? null : valueMeaning('expirationIntent', intent);
  return reason === null ? 'Expired' : `Expired: ${reason}`;
}

function reversed(endMs: number | null, atMs: number | null): string {
  const isOver = endMs !== null && atMs !== null && atMs >= endMs;
  return isOver ? 'Refund reversed, after the end of the period' : 'Refund reversed: access restored';
}

/** A cancelled commitment is billed to its end. */
function autoRenewOff({ transaction }: PurchaseRecord): string {
  const end = dated(' until ', transaction?.commitment?.endsAtMs ?? null);
  return end === '' ? 'Auto-renewal turned off' : `Cancelled: the commitment is billed${end}`;
}

/** Payloads that are no notification: what they say of the time of their signing. */
function ofSnapshot(record: PurchaseRecord): string | null {
  const { transaction, renewal } = record;
  if (transaction === null) {
    if (renewal?.isInBillingRetry === true) return 'Renewal failed: Apple retries';
    if (renewal !== null && renewal.expirationIntent !== null) return expired(record);
    if (renewal?.isOn === true) return `Renews${dated(' on ', renewal.renewalMs)}`;
    return renewal?.isOn === false ? 'Auto-renewal is off' : null;
  }
  const { revokedMs, isUpgraded, purchaseMs, expiresMs } = transaction;
  if (isUpgraded) return 'Replaced by an upgrade';
  if (revokedMs !== null) return `Refunded or revoked${dated(' as of ', revokedMs)}`;
  return `Paid${dated(' from ', purchaseMs)}${dated(' until ', expiresMs)}`;
}

function terms({ transaction }: PurchaseRecord): string {
  const discount = transaction?.offer?.discountType === 'FREE_TRIAL' ? ', free trial' : '';
  const sharing = SHARING.get(transaction?.ownership ?? '') ?? '';
  const seats = transaction?.quantity ?? 1;
  return `${discount}${sharing}${seats > 1 ? `, quantity ${seats}` : ''}`;
}

const SHARING = new Map<string, string>([
  ['FAMILY_SHARED', ', through Family Sharing'],
  ['ASSIGNED', ', an assigned seat'],
]);

function product({ transaction }: PurchaseRecord): string {
  return transaction?.productId ?? 'another product';
}

function nextProduct({ renewal }: PurchaseRecord): string {
  return renewal?.nextProductId ?? 'another product';
}

function count(number: number | null | undefined, of?: number | null): string {
  if (number === null || number === undefined) return '';
  return `: ${number}${of === null || of === undefined ? '' : ` of ${of}`}`;
}

function dated(words: string, ms: number | null): string {
  const moment = ms === null ? null : formatMoment(ms);
  return moment === null ? '' : `${words}${moment}`;
}
