import type { JsonObject } from '../../jws/json.js';
import { digitsFrom, type Random, uuidFrom } from '../random.js';
import type { App, AppEnvironment } from './app.js';

/** Apple's `type` of a transaction. */
export type ProductType = 'Auto-Renewable Subscription' | 'Non-Consumable' | 'Consumable' | 'Non-Renewing Subscription';

/** Offer of a purchase or renewal. `type`: 1 introductory, 2 promotional, 3 offer code, 4 win-back. */
export interface Offer {
  readonly type: 1 | 2 | 3 | 4;
  /** Absent for introductory offers. */
  readonly identifier?: string;
  readonly discountType: 'FREE_TRIAL' | 'PAY_AS_YOU_GO' | 'PAY_UP_FRONT';
  /** ISO 8601 duration. */
  readonly period: string;
  /** Price under the offer, in milliunits. */
  readonly price: number;
}

/** Offer code of the simulated offers. */
export const WINTER_OFFER: Offer = {
  type: 3,
  identifier: 'WINTER',
  discountType: 'PAY_AS_YOU_GO',
  period: 'P1M',
  price: 4990,
};

export interface Revocation {
  readonly atMs: number;
  /** 0: other reason; 1: issue in the app. */
  readonly reason: 0 | 1;
  readonly type: 'REFUND_FULL' | 'REFUND_PRORATED' | 'FAMILY_REVOKE';
  /** Milliunits of a percent; refunds only. */
  readonly percentage?: number;
}

/** The revocation of a REFUND of the whole price. */
export function fullRefund(atMs: number): Revocation {
  return { atMs, reason: 0, type: 'REFUND_FULL', percentage: 100_000 };
}

/** The revocation of a REVOKE: family sharing ended. */
export function familyRevocation(atMs: number): Revocation {
  return { atMs, reason: 0, type: 'FAMILY_REVOKE' };
}

/** One purchase of any product type. Dates are in milliseconds, prices in milliunits of the customer's currency. */
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
  /** Fields of special products: `advancedCommerceInfo`, `multiSeatInfo`, `commitmentInfo`. */
  readonly extra?: JsonObject;
}

/** Payload of a signed transaction (JWSTransactionDecodedPayload). */
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

/** Offer fields, the same in transaction and renewal info. */
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

/** Customer and storefront: the fields shared by all of a customer's purchases in one app. */
export interface Customer {
  readonly appAccountToken: string;
  readonly appTransactionId: string;
  /** ISO 3166 alpha-3. */
  readonly storefront: string;
  readonly storefrontId: string;
  /** ISO 4217. */
  readonly currency: string;
}

export function newCustomer(random: Random): Customer {
  return {
    appAccountToken: uuidFrom(random),
    appTransactionId: `70${digitsFrom(random, 16)}`,
    storefront: 'USA',
    storefrontId: '143441',
    currency: 'USD',
  };
}

/** Observed transaction ids: 16 digits from 2000000… in Sandbox, 15 digits in Production. */
const ID_PREFIX: Readonly<Record<AppEnvironment, string>> = { Sandbox: '2000000', Production: '510' };

const ID_LENGTH: Readonly<Record<AppEnvironment, number>> = { Sandbox: 16, Production: 15 };

/** The same in both environments, so that one seed gives the same other ids in both. */
const RANDOM_DIGITS = 12;

export function newTransactionId(app: App, random: Random): string {
  const prefix = ID_PREFIX[app.environment];
  return prefix + digitsFrom(random, RANDOM_DIGITS).slice(0, ID_LENGTH[app.environment] - prefix.length);
}

const DIGITS = /^\d+$/;

/** Id of a later transaction of the same customer. Ids grow in uneven steps, as Apple's do. An id that is no number gets a suffix. */
export function laterId(id: string): string {
  if (!DIGITS.test(id)) return `${id}-1`;
  return String(BigInt(id) + 1_000n + (BigInt(id) % 977n));
}
