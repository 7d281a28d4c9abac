import { type FieldEntry, field } from '../entry.js';

/** JWSRenewalInfoDecodedPayload: it names neither bundleId nor appAppleId. Source: apple.md section 4.2. */
export const RENEWAL_INFO: readonly FieldEntry[] = [
  field('originalTransactionId', 'string', 'Identifies the original purchase; the same through all renewals.', '2.0'),
  field('productId', 'string', 'Product of the current period.', '2.0'),
  field('autoRenewProductId', 'string', 'Product that will renew.', '2.0'),
  field('autoRenewStatus', 'code', 'Auto-renewal, on or off.', '2.0', { values: 'autoRenewStatus' }),
  field('isInBillingRetryPeriod', 'boolean', 'True while Apple retries a failed renewal.', '2.0'),
  field('priceIncreaseStatus', 'code', 'Status of a price increase.', '2.0', { values: 'priceIncreaseStatus' }),
  field('gracePeriodExpiresDate', 'date', 'When the billing grace period ends.', '2.0'),
  field('expirationIntent', 'code', 'Why the subscription expired.', '2.0', { values: 'expirationIntent' }),
  field('offerType', 'code', 'Type of the offer at the next renewal.', '2.0', { values: 'offerType' }),
  field('offerIdentifier', 'string', 'Identifier of the offer at the next renewal.', '2.0'),
  field('offerDiscountType', 'enum', 'Payment mode of the offer.', '2.12', { values: 'offerDiscountType' }),
  field('offerPeriod', 'period', 'Duration of the offer.', '2.15'),
  field('signedDate', 'date', 'When the App Store signed it.', '2.0'),
  // Added in February 2022 with version 1.2 of the App Store Server API; no notifications version is documented.
  field('environment', 'enum', 'Environment of the purchase.', null, { values: 'environment' }),
  field(
    'recentSubscriptionStartDate',
    'date',
    'Start of the current subscription; lapses up to 60 days are ignored.',
    '2.5',
  ),
  field('renewalDate', 'date', 'When it renews next.', '2.8'),
  field('currency', 'string', 'Currency of the renewal price, ISO 4217.', '2.12'),
  field('renewalPrice', 'money', 'Price of the next renewal; absent while renewal is off.', '2.12'),
  field('eligibleWinBackOfferIds', 'strings', 'Win-back offers the customer may use, best first.', '2.13'),
  field('appAccountToken', 'uuid', 'Your id for the customer, if the app set one.', '2.15'),
  field('appTransactionId', 'string', "Identifies the customer's copy of the app.", '2.15'),
  field('advancedCommerceInfo', 'object', 'Items that will renew through the Advanced Commerce API.', '2.14', {
    of: 'advancedCommerceRenewalInfo',
  }),
  field('renewalBillingPlanType', 'enum', 'Billing plan of the next renewal.', '2.21', { values: 'billingPlanType' }),
  field('commitmentInfo', 'object', 'The commitment that follows the current one.', '2.21', {
    of: 'renewalCommitmentInfo',
  }),
  field('renewalQuantity', 'integer', 'Seats at the next renewal.', '2.23'),
  field('multiSeatInfo', 'object', 'Seats and their prices at the next renewal.', '2.23', {
    of: 'renewalMultiSeatInfo',
  }),
  // Only in tokens that an app passes on from a device (jwsRepresentation); the App Store's own messages have neither.
  field('deviceVerification', 'string', 'Binds it to one device, base64; only in tokens from a device.', null),
  field('deviceVerificationNonce', 'uuid', 'Used to compute deviceVerification.', null),
];

export const RENEWAL_COMMITMENT_INFO: readonly FieldEntry[] = [
  field('commitmentAutoRenewProductId', 'string', 'Product of the next commitment.', '2.21'),
  field('commitmentAutoRenewStatus', 'code', 'Auto-renewal of the commitment, on or off.', '2.21', {
    values: 'autoRenewStatus',
  }),
  field('commitmentRenewalBillingPlanType', 'enum', 'Billing plan of the next commitment.', '2.21', {
    values: 'billingPlanType',
  }),
  field('commitmentRenewalDate', 'date', 'When the next commitment begins.', '2.21'),
  field('commitmentRenewalPrice', 'money', 'Price of the next commitment.', '2.21'),
];

export const RENEWAL_MULTI_SEAT_INFO: readonly FieldEntry[] = [
  field('renewalPriceTiers', 'array', 'Seats by price at the next renewal.', '2.23', { of: 'priceTier' }),
];
