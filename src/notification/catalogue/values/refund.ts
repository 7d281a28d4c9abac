import { type ValueEntry, value } from '../entry.js';

/** Values about refunds, external purchases and the app itself. Source: apple.md sections 3 and 4. */
export const REFUND_VALUES = {
  revocationReason: [
    value(0, 'another reason, or Family Sharing ended', '2.0'),
    value(1, 'a problem within the app', '2.0'),
  ],
  revocationType: [
    value('REFUND_FULL', 'refunded in full', '2.20'),
    value('REFUND_PRORATED', 'refunded in part', '2.20'),
    value('FAMILY_REVOKE', 'Family Sharing ended', '2.20'),
    value('ASSIGNMENT_REVOKE', 'the seat assignment ended', '2.22'),
  ],
  consumptionRequestReason: [
    value('UNINTENDED_PURCHASE', 'purchased by mistake', '2.11'),
    value('FULFILLMENT_ISSUE', 'did not receive it, or it did not work', '2.11'),
    value('UNSATISFIED_WITH_PURCHASE', 'not satisfied with the purchase', '2.11'),
    value('LEGAL', 'a legal reason', '2.11'),
    value('OTHER', 'another reason', '2.11'),
  ],
  tokenType: [
    value('SERVICES', 'a token for services', '2.17'),
    value('ACQUISITION', 'a token for customer acquisition', '2.17'),
    // October 2026, after version 2.22; the documentation available to us names no version.
    value('CORE_TECHNOLOGY', 'a token for core technology', null),
    // Unconfirmed in notifications: StoreKit has both, for apps in Japan.
    value('IN_APP', 'a StoreKit token type (Japan), not documented for notifications', null),
    value('LINK_OUT', 'a StoreKit token type (Japan), not documented for notifications', null),
  ],
  originalPlatform: [
    value('iOS', 'iPhone or iPad', null),
    value('macOS', 'Mac', null),
    value('tvOS', 'Apple TV', null),
    value('visionOS', 'Apple Vision Pro', null),
  ],
  storeType: [value('CONSUMER', 'the App Store for consumers', null)],
} as const satisfies Readonly<Record<string, readonly ValueEntry[]>>;

const periods = (...rows: readonly (readonly [string, string])[]): readonly ValueEntry[] =>
  rows.map(([period, meaning]) => value(period, meaning, '2.14'));

/** Values of purchases made through the Advanced Commerce API. Source: apple.md section 4.3. */
export const ADVANCED_COMMERCE_VALUES = {
  advancedCommercePeriod: periods(
    ['P1W', 'one week'],
    ['P1M', 'one month'],
    ['P2M', 'two months'],
    ['P3M', 'three months'],
    ['P6M', 'six months'],
    ['P1Y', 'one year'],
  ),
  advancedCommerceOfferPeriod: periods(
    ['P3D', 'three days'],
    ['P1W', 'one week'],
    ['P2W', 'two weeks'],
    ['P1M', 'one month'],
    ['P2M', 'two months'],
    ['P3M', 'three months'],
    ['P6M', 'six months'],
    ['P9M', 'nine months'],
    ['P1Y', 'one year'],
  ),
  advancedCommerceOfferReason: [
    value('ACQUISITION', 'to acquire a new customer', '2.14'),
    value('WIN_BACK', 'to win a former customer back', '2.14'),
    value('RETENTION', 'to keep a customer', '2.14'),
  ],
  advancedCommerceRefundReason: [
    ...REFUND_VALUES.consumptionRequestReason.map((entry) => ({ ...entry, since: '2.14' })),
    value('MODIFY_ITEMS_REFUND', 'items of the subscription were changed', '2.14'),
    value('SIMULATE_REFUND_DECLINE', 'a declined refund, simulated in Sandbox', '2.14'),
  ],
  advancedCommerceRefundType: [
    value('FULL', 'in full', '2.14'),
    value('PRORATED', 'in proportion to the time left', '2.14'),
    value('CUSTOM', 'an amount of your choice', '2.14'),
  ],
  advancedCommercePriceIncreaseStatus: [
    value('SCHEDULED', 'scheduled, customer not notified yet', '2.20'),
    value('PENDING', 'customer notified, no response yet', '2.20'),
    value('ACCEPTED', 'the customer accepted', '2.20'),
  ],
} as const satisfies Readonly<Record<string, readonly ValueEntry[]>>;
