import type { FieldEntry } from './entry.js';
import * as advancedCommerce from './fields/advanced-commerce.js';
import * as notification from './fields/notification.js';
import { APP_TRANSACTION, NOTIFICATION_V1, REALTIME_REQUEST, UNIFIED_RECEIPT } from './fields/notification.js';
import { RENEWAL_COMMITMENT_INFO, RENEWAL_INFO, RENEWAL_MULTI_SEAT_INFO } from './fields/renewal-info.js';
import {
  PRICE_TIER,
  TRANSACTION,
  TRANSACTION_COMMITMENT_INFO,
  TRANSACTION_MULTI_SEAT_INFO,
} from './fields/transaction.js';

/**
 * Every documented field of every object, by the object's name. The names of payload kinds (`notification`,
 * `transaction`, …) are those of the document; `of` of an entry names another object here. The order is the display order.
 * Source: apple.md sections 3, 4 and 8.
 */
export const OBJECTS: Readonly<Record<string, readonly FieldEntry[]>> = {
  notification: notification.NOTIFICATION,
  data: notification.DATA,
  summary: notification.SUMMARY,
  externalPurchaseToken: notification.EXTERNAL_PURCHASE_TOKEN,
  appData: notification.APP_DATA,
  unclaimInfo: notification.UNCLAIM_INFO,
  transaction: TRANSACTION,
  transactionCommitmentInfo: TRANSACTION_COMMITMENT_INFO,
  transactionMultiSeatInfo: TRANSACTION_MULTI_SEAT_INFO,
  priceTier: PRICE_TIER,
  renewalInfo: RENEWAL_INFO,
  renewalCommitmentInfo: RENEWAL_COMMITMENT_INFO,
  renewalMultiSeatInfo: RENEWAL_MULTI_SEAT_INFO,
  advancedCommerceTransactionInfo: advancedCommerce.TRANSACTION_INFO,
  advancedCommerceTransactionItem: advancedCommerce.TRANSACTION_ITEM,
  advancedCommerceRenewalInfo: advancedCommerce.ADVANCED_COMMERCE_RENEWAL_INFO,
  advancedCommerceRenewalItem: advancedCommerce.RENEWAL_ITEM,
  advancedCommerceDescriptors: advancedCommerce.ITEM_DESCRIPTORS,
  advancedCommerceOffer: advancedCommerce.OFFER,
  advancedCommerceRefund: advancedCommerce.REFUND,
  advancedCommercePriceIncreaseInfo: advancedCommerce.PRICE_INCREASE_INFO,
  appTransaction: APP_TRANSACTION,
  realtimeRequest: REALTIME_REQUEST,
  notificationV1: NOTIFICATION_V1,
  unifiedReceipt: UNIFIED_RECEIPT,
};

const BY_NAME: ReadonlyMap<string, readonly FieldEntry[]> = new Map(Object.entries(OBJECTS));

/** Fields of an object; empty for a name that is not in {@link OBJECTS}. */
export function fieldsOf(object: string): readonly FieldEntry[] {
  return BY_NAME.get(object) ?? [];
}
