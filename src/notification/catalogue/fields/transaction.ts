import { type FieldEntry, field } from '../entry.js';

/** JWSTransactionDecodedPayload. Source: apple.md section 4.1. */
export const TRANSACTION: readonly FieldEntry[] = [
  field('transactionId', 'string', 'Identifies this purchase or renewal.', '2.0'),
  field('originalTransactionId', 'string', 'Identifies the original purchase; the same through all renewals.', '2.0'),
  field('webOrderLineItemId', 'string', 'Identifies the subscription period across devices.', '2.0'),
  field('bundleId', 'string', 'Bundle id of the app.', '2.0'),
  field('productId', 'string', 'Product purchased.', '2.0'),
  field('subscriptionGroupIdentifier', 'string', 'Group the subscription belongs to.', '2.0'),
  field('purchaseDate', 'date', 'When the purchase was charged or restored.', '2.0'),
  field('originalPurchaseDate', 'date', 'When the original purchase was made.', '2.0'),
  field('expiresDate', 'date', 'When the subscription expires or renews.', '2.0'),
  field('quantity', 'integer', 'Quantity purchased; with seats, their number.', '2.0'),
  field('type', 'enum', 'Kind of product.', '2.0', { values: 'productType' }),
  field('appAccountToken', 'uuid', 'Your id for the customer, if the app set one.', '2.0'),
  field('inAppOwnershipType', 'enum', 'Purchased, or received through sharing.', '2.0', {
    values: 'inAppOwnershipType',
  }),
  field('signedDate', 'date', 'When the App Store signed it.', '2.0'),
  field('revocationDate', 'date', 'When it was refunded or revoked; with seats, when all of them were.', '2.0'),
  field('revocationReason', 'code', 'Why it was refunded or revoked.', '2.0', { values: 'revocationReason' }),
  field('revocationType', 'enum', 'Type of the refund or revocation.', '2.20', { values: 'revocationType' }),
  field('revocationPercentage', 'percent', 'Share of the price that was refunded.', '2.20'),
  field('isUpgraded', 'boolean', 'True if an upgrade replaced it.', '2.0'),
  field('offerType', 'code', 'Type of the offer applied.', '2.0', { values: 'offerType' }),
  field('offerIdentifier', 'string', 'Identifier of the offer or offer code; absent for introductory offers.', '2.0'),
  field('offerDiscountType', 'enum', 'Payment mode of the offer.', '2.9', { values: 'offerDiscountType' }),
  field('offerPeriod', 'period', 'Duration of the offer.', '2.15'),
  // Added in February 2022 with version 1.2 of the App Store Server API; no notifications version is documented.
  field('environment', 'enum', 'Environment of the purchase.', null, { values: 'environment' }),
  field('storefront', 'string', 'Country or region of the App Store, three letters.', '2.8'),
  field('storefrontId', 'string', "Apple's identifier of that storefront.", '2.8'),
  field('transactionReason', 'enum', 'Purchase by the customer, or automatic renewal.', '2.8', {
    values: 'transactionReason',
  }),
  field('currency', 'string', 'Currency of the price, ISO 4217.', '2.9'),
  field('price', 'money', 'Price for the whole quantity; with seats, the average per seat.', '2.9'),
  field('appTransactionId', 'string', "Identifies the customer's copy of the app.", '2.15'),
  field('previousOriginalTransactionId', 'string', 'originalTransactionId before a migration.', '2.16'),
  field('advancedCommerceInfo', 'object', 'Items sold through the Advanced Commerce API.', '2.14', {
    of: 'advancedCommerceTransactionInfo',
  }),
  field('billingPlanType', 'enum', 'Billed up front or monthly.', '2.21', { values: 'billingPlanType' }),
  field('commitmentInfo', 'object', 'Progress of a commitment over several periods.', '2.21', {
    of: 'transactionCommitmentInfo',
  }),
  field('multiSeatInfo', 'object', 'Seats and their prices.', '2.23', { of: 'transactionMultiSeatInfo' }),
  field('additionalTransactionReason', 'enum', 'Why more than one transaction covers the period.', '2.23', {
    values: 'additionalTransactionReason',
  }),
  // Only in tokens that an app passes on from a device (jwsRepresentation); the App Store's own messages have neither.
  field('deviceVerification', 'string', 'Binds it to one device, base64; only in tokens from a device.', null),
  field('deviceVerificationNonce', 'uuid', 'Used to compute deviceVerification.', null),
];

export const TRANSACTION_COMMITMENT_INFO: readonly FieldEntry[] = [
  field('billingPeriodNumber', 'integer', 'Number of this period within the commitment.', '2.21'),
  field('totalBillingPeriods', 'integer', 'Number of periods in the commitment.', '2.21'),
  field('commitmentExpiresDate', 'date', 'When the commitment ends.', '2.21'),
  field('commitmentPrice', 'money', 'Price of the whole commitment.', '2.21'),
];

export const TRANSACTION_MULTI_SEAT_INFO: readonly FieldEntry[] = [
  field('invitationManagement', 'enum', 'Who manages the seat invitations: Apple or you.', '2.23', {
    values: 'invitationManagement',
  }),
  field('priceTiers', 'array', 'Seats by price.', '2.23', { of: 'priceTier' }),
  field('revokedSeatQuantity', 'integer', 'Seats that were refunded.', '2.23'),
];

export const PRICE_TIER: readonly FieldEntry[] = [
  field('price', 'money', 'Price of one seat.', '2.23'),
  field('quantity', 'integer', 'Seats at this price.', '2.23'),
];
