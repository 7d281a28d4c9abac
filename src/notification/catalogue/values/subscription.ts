import { type ValueEntry, value } from '../entry.js';

/** Values of transactions and renewal info. Meanings are fragments, shown beside the value. Source: apple.md sections 3 and 4. */
export const SUBSCRIPTION_VALUES = {
  environment: [
    value('Production', 'a real purchase', '2.0'),
    value('Sandbox', 'also TestFlight and App Review', '2.0'),
    value('Xcode', 'StoreKit Testing in Xcode, not signed by the App Store', null),
    value('LocalTesting', "unit tests of Apple's libraries, not signed by the App Store", null),
  ],
  status: [
    value(1, 'active', '2.8'),
    value(2, 'expired', '2.8'),
    value(3, 'in billing retry', '2.8'),
    value(4, 'in billing grace period', '2.8'),
    value(5, 'revoked', '2.8'),
  ],
  productType: [
    value('Auto-Renewable Subscription', 'renews until auto-renewal is turned off', '2.0'),
    value('Non-Consumable', 'bought once, owned permanently', '2.0'),
    value('Consumable', 'used up and can be bought again', '2.0'),
    value('Non-Renewing Subscription', 'expires without renewing', '2.0'),
  ],
  inAppOwnershipType: [
    value('PURCHASED', 'bought by this customer', '2.0'),
    value('FAMILY_SHARED', 'received through Family Sharing', '2.0'),
    value('ASSIGNED', 'a seat assigned to this customer; Sandbox only so far', '2.22'),
  ],
  transactionReason: [
    value('PURCHASE', 'bought by the customer, including upgrades', '2.8'),
    value('RENEWAL', 'renewed automatically, including downgrades taking effect', '2.8'),
  ],
  offerType: [
    value(1, 'introductory offer', '2.0'),
    value(2, 'promotional offer', '2.0'),
    value(3, 'offer code', '2.0'),
    value(4, 'win-back offer', '2.13'),
  ],
  offerDiscountType: [
    value('FREE_TRIAL', 'free for the period of the offer', '2.9'),
    value('PAY_AS_YOU_GO', 'reduced price, paid each period', '2.9'),
    value('PAY_UP_FRONT', 'reduced price, paid up front', '2.9'),
    value('ONE_TIME', 'reduced price of a one-time purchase', '2.18'),
  ],
  autoRenewStatus: [value(0, 'off: expires at the end of this period', '2.0'), value(1, 'on: will renew', '2.0')],
  priceIncreaseStatus: [
    value(0, 'consent requested, no response yet', '2.0'),
    value(1, 'consented, or notified where no consent is required', '2.0'),
  ],
  expirationIntent: [
    value(1, 'the customer cancelled', '2.0'),
    value(2, 'billing error', '2.0'),
    value(3, 'no consent to a price increase', '2.0'),
    value(4, 'the product was not for sale at renewal', '2.0'),
    value(5, 'another reason', '2.0'),
  ],
  billingPlanType: [
    value('BILLED_UPFRONT', 'the whole commitment is paid up front', '2.21'),
    value('MONTHLY', 'the commitment is paid month by month', '2.21'),
  ],
  additionalTransactionReason: [value('SEAT_ADDITION', 'seats were added during the period', '2.23')],
  invitationManagement: [
    value('APPLE', 'Apple invites people to the seats', '2.23'),
    value('DEVELOPER', 'you invite people to the seats', '2.23'),
  ],
} as const satisfies Readonly<Record<string, readonly ValueEntry[]>>;
