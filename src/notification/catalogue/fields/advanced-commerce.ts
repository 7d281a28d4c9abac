import { type FieldEntry, field } from '../entry.js';

const REQUEST_REFERENCE_ID = field('requestReferenceId', 'uuid', 'Your id for the request that created it.', '2.14');

const TAX_CODE = field('taxCode', 'string', 'Tax category of what was sold.', '2.14');

const DESCRIPTORS = field('descriptors', 'object', 'Name and description shown to the customer.', '2.14', {
  of: 'advancedCommerceDescriptors',
});

const PERIOD = field('period', 'period', 'Length of one period.', '2.14', { values: 'advancedCommercePeriod' });

/** Objects of purchases made through the Advanced Commerce API. Source: apple.md section 4.3. */
export const TRANSACTION_INFO: readonly FieldEntry[] = [
  DESCRIPTORS,
  field('estimatedTax', 'money', 'Tax as estimated at the purchase.', '2.14'),
  field('items', 'array', 'Items sold.', '2.14', { of: 'advancedCommerceTransactionItem' }),
  PERIOD,
  REQUEST_REFERENCE_ID,
  TAX_CODE,
  field('taxExclusivePrice', 'money', 'Price without tax.', '2.14'),
  field('taxRate', 'string', 'Tax rate as a decimal number.', '2.14'),
];

export const ADVANCED_COMMERCE_RENEWAL_INFO: readonly FieldEntry[] = [
  field('consistencyToken', 'string', 'Version of the subscription state; include it in change requests.', '2.14'),
  DESCRIPTORS,
  field('items', 'array', 'Items that will renew.', '2.14', { of: 'advancedCommerceRenewalItem' }),
  PERIOD,
  REQUEST_REFERENCE_ID,
  TAX_CODE,
];

const ITEM: readonly FieldEntry[] = [
  field('SKU', 'string', 'Your id for the item.', '2.14'),
  field('description', 'string', 'Description shown to the customer.', '2.14'),
  field('displayName', 'string', 'Name shown to the customer.', '2.14'),
  field('offer', 'object', 'Offer that applies to the item.', '2.14', { of: 'advancedCommerceOffer' }),
  field('price', 'money', 'Price of the item.', '2.14'),
];

export const TRANSACTION_ITEM: readonly FieldEntry[] = [
  ...ITEM,
  field('refunds', 'array', 'Refunds of the item.', '2.14', { of: 'advancedCommerceRefund' }),
  field('revocationDate', 'date', 'When the item was refunded.', '2.14'),
];

export const RENEWAL_ITEM: readonly FieldEntry[] = [
  ...ITEM,
  field('priceIncreaseInfo', 'object', 'Pending price increase.', '2.20', {
    of: 'advancedCommercePriceIncreaseInfo',
  }),
];

export const ITEM_DESCRIPTORS: readonly FieldEntry[] = [
  field('description', 'string', 'Description shown to the customer.', '2.14'),
  field('displayName', 'string', 'Name shown to the customer.', '2.14'),
];

export const OFFER: readonly FieldEntry[] = [
  field('period', 'period', 'Length of one offer period.', '2.14', { values: 'advancedCommerceOfferPeriod' }),
  field('periodCount', 'integer', 'Number of periods the offer lasts.', '2.14'),
  field('price', 'money', 'Price of one offer period.', '2.14'),
  field('reason', 'enum', 'Purpose of the offer.', '2.14', { values: 'advancedCommerceOfferReason' }),
];

export const REFUND: readonly FieldEntry[] = [
  field('refundAmount', 'money', 'Amount refunded.', '2.14'),
  field('refundDate', 'date', 'When it was refunded.', '2.14'),
  field('refundReason', 'enum', 'Why it was refunded.', '2.14', { values: 'advancedCommerceRefundReason' }),
  field('refundType', 'enum', 'In full or in part.', '2.14', { values: 'advancedCommerceRefundType' }),
];

export const PRICE_INCREASE_INFO: readonly FieldEntry[] = [
  field('dependentSKUs', 'strings', 'Items whose increase depends on this one.', '2.20'),
  field('price', 'money', 'Price after the increase.', '2.20'),
  field('status', 'enum', 'Status of the price increase.', '2.20', { values: 'advancedCommercePriceIncreaseStatus' }),
];
