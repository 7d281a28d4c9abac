import { type FieldEntry, field } from '../entry.js';

const REQUEST_REFERENCE_ID = field('requestReferenceId', 'uuid', 'Your own id of the request that sold it.', '2.14');

const TAX_CODE = field('taxCode', 'string', 'Tax category of what was sold.', '2.14');

const DESCRIPTORS = field('descriptors', 'object', 'How the customer sees it named.', '2.14', {
  of: 'advancedCommerceDescriptors',
});

const PERIOD = field('period', 'period', 'How long one period lasts.', '2.14', { values: 'advancedCommercePeriod' });

/** Objects of purchases made through the Advanced Commerce API. Source: apple.md section 4.3. */
export const TRANSACTION_INFO: readonly FieldEntry[] = [
  DESCRIPTORS,
  field('estimatedTax', 'money', 'Tax as estimated at the purchase.', '2.14'),
  field('items', 'array', 'What was sold, item by item.', '2.14', { of: 'advancedCommerceTransactionItem' }),
  PERIOD,
  REQUEST_REFERENCE_ID,
  TAX_CODE,
  field('taxExclusivePrice', 'money', 'Price without tax.', '2.14'),
  field('taxRate', 'string', 'Tax rate as a decimal number.', '2.14'),
];

export const RENEWAL_INFO: readonly FieldEntry[] = [
  field('consistencyToken', 'string', 'State of the subscription; send it along when you change it.', '2.14'),
  DESCRIPTORS,
  field('items', 'array', 'What will renew, item by item.', '2.14', { of: 'advancedCommerceRenewalItem' }),
  PERIOD,
  REQUEST_REFERENCE_ID,
  TAX_CODE,
];

const ITEM: readonly FieldEntry[] = [
  field('SKU', 'string', 'Your own id of the item.', '2.14'),
  field('description', 'string', 'Description the customer sees.', '2.14'),
  field('displayName', 'string', 'Name the customer sees.', '2.14'),
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
  field('priceIncreaseInfo', 'object', 'A price increase on its way.', '2.14', {
    of: 'advancedCommercePriceIncreaseInfo',
  }),
];

export const ITEM_DESCRIPTORS: readonly FieldEntry[] = [
  field('description', 'string', 'Description the customer sees.', '2.14'),
  field('displayName', 'string', 'Name the customer sees.', '2.14'),
];

export const OFFER: readonly FieldEntry[] = [
  field('period', 'period', 'How long one offer period lasts.', '2.14', { values: 'advancedCommerceOfferPeriod' }),
  field('periodCount', 'integer', 'How many periods the offer lasts.', '2.14'),
  field('price', 'money', 'Price of one offer period.', '2.14'),
  field('reason', 'enum', 'What the offer is for.', '2.14', { values: 'advancedCommerceOfferReason' }),
];

export const REFUND: readonly FieldEntry[] = [
  field('refundAmount', 'money', 'How much was refunded.', '2.14'),
  field('refundDate', 'date', 'When it was refunded.', '2.14'),
  field('refundReason', 'enum', 'Why it was refunded.', '2.14', { values: 'advancedCommerceRefundReason' }),
  field('refundType', 'enum', 'In full or in part.', '2.14', { values: 'advancedCommerceRefundType' }),
];

export const PRICE_INCREASE_INFO: readonly FieldEntry[] = [
  field('dependentSKUs', 'strings', 'Items whose increase depends on this one.', '2.14'),
  field('price', 'money', 'Price after the increase.', '2.14'),
  field('status', 'enum', 'Where the increase stands.', '2.14', { values: 'advancedCommercePriceIncreaseStatus' }),
];
