import type { JsonObject } from '../../jws/json.js';
import type { App } from './app.js';
import type { Customer } from './customer.js';

export type ProductType = 'Auto-Renewable Subscription' | 'Non-Consumable' | 'Consumable' | 'Non-Renewing Subscription';

/** An offer as payloads name it. `type`: 1 introductory, 2 promotional, 3 offer code, 4 win-back. */
export interface Offer {
  readonly type: 1 | 2 | 3 | 4;
  /** Not for introductory offers. */
  readonly identifier?: string;
  readonly discountType: 'FREE_TRIAL' | 'PAY_AS_YOU_GO' | 'PAY_UP_FRONT';
  /** ISO 8601 duration. */
  readonly period: string;
  /** What is paid under the offer, in milliunits. */
  readonly price: number;
}

export interface Revocation {
  readonly atMs: number;
  /** 0 other, 1 a problem in the app. */
  readonly reason: 0 | 1;
  readonly type: 'REFUND_FULL' | 'REFUND_PRORATED' | 'FAMILY_REVOKE';
  /** Milliunits of a percent; refunds only. */
  readonly percentage?: number;
}

/** One purchase of any kind of product. Dates are milliseconds, money milliunits of the customer's currency. */
export interface Purchase {
  readonly customer: Customer;
  readonly productId: string;
  readonly productType: ProductType;
  readonly originalTransactionId: string;
  readonly transactionId: string;
  readonly originalPurchaseMs: number;
  readonly purchaseMs: number;
  readonly quantity: number;
  readonly price: number;
  readonly reason: 'PURCHASE' | 'RENEWAL';
  readonly ownership: 'PURCHASED' | 'FAMILY_SHARED';
  readonly revocation?: Revocation;
  readonly offer?: Offer;
  /** Auto-renewable subscriptions only. */
  readonly subscription?: {
    readonly webOrderLineItemId: string;
    readonly groupId: string;
    readonly expiresMs: number;
  };
  /** Fields of special products: `advancedCommerceInfo`, `multiSeatInfo`. */
  readonly extra?: JsonObject;
}

/** The payload of a signed transaction (JWSTransactionDecodedPayload). */
export function transactionPayload(purchase: Purchase, app: App, signedDateMs: number): JsonObject {
  const { customer, subscription } = purchase;
  return {
    transactionId: purchase.transactionId,
    originalTransactionId: purchase.originalTransactionId,
    ...(subscription && { webOrderLineItemId: subscription.webOrderLineItemId }),
    bundleId: app.bundleId,
    productId: purchase.productId,
    ...(subscription && { subscriptionGroupIdentifier: subscription.groupId }),
    purchaseDate: purchase.purchaseMs,
    originalPurchaseDate: purchase.originalPurchaseMs,
    ...(subscription && { expiresDate: subscription.expiresMs }),
    quantity: purchase.quantity,
    type: purchase.productType,
    appAccountToken: customer.appAccountToken,
    inAppOwnershipType: purchase.ownership,
    signedDate: signedDateMs,
    ...revocationFields(purchase.revocation),
    ...offerFields(purchase.offer),
    environment: app.environment,
    transactionReason: purchase.reason,
    storefront: customer.storefront,
    storefrontId: customer.storefrontId,
    price: purchase.offer?.price ?? purchase.price,
    currency: customer.currency,
    appTransactionId: customer.appTransactionId,
    ...purchase.extra,
  };
}

/** The offer as transactions and renewal infos alike carry it. */
export function offerFields(offer: Offer | undefined): JsonObject {
  if (offer === undefined) return {};
  return {
    offerType: offer.type,
    ...(offer.identifier === undefined ? {} : { offerIdentifier: offer.identifier }),
    offerDiscountType: offer.discountType,
    offerPeriod: offer.period,
  };
}

function revocationFields(revocation: Revocation | undefined): JsonObject {
  if (revocation === undefined) return {};
  return {
    revocationReason: revocation.reason,
    revocationDate: revocation.atMs,
    revocationType: revocation.type,
    ...(revocation.percentage === undefined ? {} : { revocationPercentage: revocation.percentage }),
  };
}
