import { expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import { SIMULATED_EVENTS } from '../../../src/simulator/payloads/events.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../../src/simulator/random.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9);

function foldAlone(event: string) {
  const [type = '', subtype] = event.split('.');
  const built = buildNotification({
    type,
    ...(subtype !== undefined && { subtype }),
    nowMs: NOW_MS,
    random: seededRandom(event),
  });
  return foldPurchases([{ kind: 'notification', source: 'simulator', ...built }], { asOfMs: NOW_MS });
}

/** Event, state after it, meaning. */
const OF_A_PURCHASE: readonly (readonly [string, string, string])[] = [
  ['CONSUMPTION_REQUEST', 'active', 'Refund requested: Apple asks for consumption data'],
  ['DID_CHANGE_RENEWAL_PREF', 'active', 'Planned change of product cancelled'],
  ['DID_CHANGE_RENEWAL_PREF.DECREASE_QUANTITY', 'active', 'Fewer seats from the next renewal on'],
  ['DID_CHANGE_RENEWAL_PREF.DOWNGRADE', 'active', 'Changes to com.example.app.basic.monthly at the next renewal'],
  ['DID_CHANGE_RENEWAL_PREF.INCREASE_QUANTITY', 'active', 'Seats added: 3'],
  [
    'DID_CHANGE_RENEWAL_PREF.UPGRADE',
    'active',
    'Upgraded to com.example.app.premium.monthly until 2026-12-02T08:59:58Z',
  ],
  ['DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED', 'active', 'Auto-renewal turned off'],
  ['DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED', 'active', 'Auto-renewal turned on'],
  ['DID_FAIL_TO_RENEW', 'in-billing-retry', 'Renewal failed, no grace period: Apple retries for up to 60 days'],
  ['DID_FAIL_TO_RENEW.GRACE_PERIOD', 'in-grace-period', 'Renewal failed: grace period until 2026-11-18T08:59:58Z'],
  ['DID_RENEW', 'active', 'Renewed until 2026-12-02T08:59:58Z'],
  ['DID_RENEW.BILLING_RECOVERY', 'active', 'Paid after a failed renewal: active until 2026-12-02T08:59:58Z'],
  ['EXPIRED', 'expired', 'Expired'],
  ['EXPIRED.BILLING_RETRY', 'expired', 'Expired: Apple stopped retrying the payment'],
  ['EXPIRED.PRICE_INCREASE', 'expired', 'Expired: no consent to the price increase'],
  ['EXPIRED.PRODUCT_NOT_FOR_SALE', 'expired', 'Expired: the product was not for sale at renewal'],
  ['EXPIRED.VOLUNTARY', 'expired', 'Expired: the customer had turned auto-renewal off'],
  ['GRACE_PERIOD_EXPIRED', 'in-billing-retry', 'Grace period ended unpaid: Apple keeps retrying'],
  ['METADATA_UPDATE', 'active', 'Subscription metadata changed'],
  ['MIGRATION', 'active', 'Migrated from subscription 2000000672135051 to the Advanced Commerce API'],
  ['OFFER_REDEEMED', 'active', 'Offer redeemed for the next period'],
  ['OFFER_REDEEMED.DOWNGRADE', 'active', 'Changes with an offer to com.example.app.basic.monthly at the next renewal'],
  [
    'OFFER_REDEEMED.UPGRADE',
    'active',
    'Upgraded with an offer to com.example.app.premium.monthly until 2026-12-02T08:59:58Z',
  ],
  ['ONE_TIME_CHARGE', 'active', 'Bought at 2026-11-02T08:59:58Z'],
  ['PRICE_CHANGE', 'active', 'Subscription price changed'],
  ['PRICE_INCREASE.ACCEPTED', 'active', 'Price increase accepted, or no consent needed'],
  ['PRICE_INCREASE.PENDING', 'active', 'Price increase: waiting for consent'],
  ['REFUND', 'refunded', 'Refunded in full as of 2026-11-02T08:59:58Z'],
  ['REFUND.SEATS', 'active', 'Seats refunded: 2 of 5'],
  ['REFUND_DECLINED', 'active', 'Refund declined: nothing changes'],
  ['REFUND_REVERSED', 'active', 'Refund reversed: access restored'],
  ['RENEWAL_EXTENDED', 'active', 'Renewal date extended: active until 2026-12-06T08:59:58Z'],
  ['RENEWAL_EXTENSION.FAILURE', 'active', 'Extension failed for one subscriber'],
  ['REVOKE', 'revoked', 'Shared access ended as of 2026-11-02T08:59:58Z'],
  ['SUBSCRIBED.INITIAL_BUY', 'active', 'Subscribed until 2026-12-02T08:59:58Z'],
  ['SUBSCRIBED.RESUBSCRIBE', 'active', 'Subscribed again until 2026-12-02T08:59:58Z'],
];

/** Event, and why it belongs to no purchase. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER', 'an external purchase is not a transaction of the App Store'],
  ['EXTERNAL_PURCHASE_TOKEN.CREATED', 'an external purchase is not a transaction of the App Store'],
  ['EXTERNAL_PURCHASE_TOKEN.UNREPORTED', 'an external purchase is not a transaction of the App Store'],
  ['RENEWAL_EXTENSION.SUMMARY', 'a summary is about many purchases and names none'],
  ['RESCIND_CONSENT', 'no purchase here is of the installation that it names'],
  ['TEST', 'a TEST notification is about no purchase'],
  ['UNCLAIM_SEATS', 'it names seats, not the purchase that they are of'],
];

it('every event of the simulator is in one of the tables', () => {
  const events = SIMULATED_EVENTS.map(({ type, subtype }) => (subtype === null ? type : `${type}.${subtype}`));
  expect([...OF_A_PURCHASE, ...OTHERS].map(([event]) => event).sort()).toEqual([...events].sort());
});

it.each(OF_A_PURCHASE)('%s alone: %s, and nothing to find', (event, state, meaning) => {
  const [purchase] = foldAlone(event).purchases;
  expect(purchase).toMatchObject({ state, events: [{ type: event, meaning, stateAfter: state }] });
  expect(purchase?.findings.map(({ id }) => id)).toEqual(['unverified']);
});

it.each(OTHERS)('%s: %s', (event, reason) => {
  expect(foldAlone(event)).toEqual({ purchases: [], others: [{ index: 0, reason }] });
});
