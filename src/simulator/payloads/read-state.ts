import { ToolError } from '../../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../jws/json.js';
import type { BuiltNotification } from './assemble.js';
import { SUBSCRIPTION } from './events.js';
import { type PeriodLength, readLength } from './period-length.js';
import type { Customer, Offer, ProductType, Purchase, Revocation } from './purchase.js';
import type { Renewal, Subscription } from './subscription.js';

/** A subscription as one notification describes it. */
export interface ReadSubscription {
  readonly state: Subscription;
  readonly length: PeriodLength;
}

/**
 * Reads the state of a subscription from the payloads of a notification. Fields that the payloads lack stay undefined, so that payloads
 * built from the state lack them as well. Throws `ERR_SIMULATOR_BASE` (usage) without a transaction or its ids and dates.
 */
export function readSubscription(base: BuiltNotification): ReadSubscription {
  const transaction = transactionOf(base);
  const renewalInfo = base.renewalInfo ?? {};
  const purchase = readPurchase(base);
  const expiresMs = dateOf(transaction, 'expiresDate');
  const length = readLength(purchase, expiresMs, isExtended(base));
  const price = planPriceOf(transaction, renewalInfo);
  const plan = { productId: purchase.productId, period: length.period, price };
  return {
    state: {
      purchase: {
        ...purchase,
        price,
        subscription: {
          webOrderLineItemId: transaction.webOrderLineItemId as string,
          groupId: transaction.subscriptionGroupIdentifier as string,
          expiresMs,
        },
      },
      plan,
      expiresMs,
      runStartedMs: numberOf(renewalInfo.recentSubscriptionStartDate) ?? purchase.originalPurchaseMs,
      renewal: readRenewal(renewalInfo, plan),
    },
    length,
  };
}

/** Reads a purchase of any product type; errors as of {@link readSubscription}. */
export function readPurchase(base: BuiltNotification): Purchase {
  const transaction = transactionOf(base);
  const purchaseMs = dateOf(transaction, 'purchaseDate');
  const transactionId = textOf(transaction, 'transactionId');
  return {
    customer: readCustomer(transaction),
    productId: textOf(transaction, 'productId'),
    productType: (transaction.type ?? SUBSCRIPTION) as ProductType,
    originalTransactionId: (transaction.originalTransactionId as string | undefined) ?? transactionId,
    transactionId,
    originalPurchaseMs: numberOf(transaction.originalPurchaseDate) ?? purchaseMs,
    purchaseMs,
    quantity: numberOf(transaction.quantity) ?? 1,
    price: numberOf(transaction.price) ?? Number.NaN,
    reason: transaction.transactionReason as Purchase['reason'],
    ownership: transaction.inAppOwnershipType as Purchase['ownership'],
    ...optional('revocation', readRevocation(transaction)),
    ...optional('offer', readOffer(transaction, transaction.price)),
  };
}

/** True for a subscription: the transaction says so, or has an end. */
export function isSubscription({ transaction }: BuiltNotification): boolean {
  return (
    transaction?.type === SUBSCRIPTION || (transaction?.type === undefined && transaction?.expiresDate !== undefined)
  );
}

function transactionOf({ transaction }: BuiltNotification): JsonObject {
  if (transaction !== undefined) return transaction;
  throw baseError(
    'the notification has no transaction',
    'Start from one with a transaction: a purchase, a renewal or a refund.',
  );
}

function readCustomer(transaction: JsonObject): Customer {
  const { appAccountToken, appTransactionId, storefront, storefrontId, currency } = transaction;
  return { appAccountToken, appTransactionId, storefront, storefrontId, currency } as unknown as Customer;
}

function readRevocation({
  revocationDate,
  revocationReason,
  revocationType,
  revocationPercentage,
}: JsonObject): Revocation | undefined {
  if (revocationDate === undefined) return undefined;
  const revocation = {
    atMs: revocationDate,
    reason: revocationReason,
    type: revocationType,
    percentage: revocationPercentage,
  };
  return revocation as unknown as Revocation;
}

/** `price`: of the offer. */
function readOffer(
  { offerType, offerIdentifier, offerDiscountType, offerPeriod }: JsonObject,
  price: Json | undefined,
): Offer | undefined {
  if (offerType === undefined) return undefined;
  const offer = { type: offerType, identifier: offerIdentifier, discountType: offerDiscountType, period: offerPeriod };
  return { ...offer, price: numberOf(price) ?? Number.NaN } as unknown as Offer;
}

/** Price without an offer: of the transaction, else of the next renewal; NaN where neither says. */
function planPriceOf(transaction: JsonObject, renewalInfo: JsonObject): number {
  const isOffered = transaction.offerType !== undefined;
  const paid = isOffered ? undefined : numberOf(transaction.price);
  const next = renewalInfo.offerType === undefined ? numberOf(renewalInfo.renewalPrice) : undefined;
  return paid ?? next ?? Number.NaN;
}

function readRenewal(renewalInfo: JsonObject, plan: Renewal['plan']): Renewal {
  const price = numberOf(renewalInfo.renewalPrice);
  const productId = (renewalInfo.autoRenewProductId as string | undefined) ?? plan.productId;
  const offer = readOffer(renewalInfo, renewalInfo.renewalPrice);
  const status = renewalInfo.priceIncreaseStatus as 0 | 1 | undefined;
  const isUsualPrice = offer === undefined && status !== 0;
  return {
    plan: { ...plan, productId, price: isUsualPrice ? (price ?? plan.price) : plan.price },
    isOn: renewalInfo.autoRenewStatus !== 0,
    isInBillingRetry: renewalInfo.isInBillingRetryPeriod === true,
    ...optional('offer', offer),
    ...optional('priceIncrease', status === undefined ? undefined : { status, price: price ?? Number.NaN }),
    ...optional('graceUntilMs', numberOf(renewalInfo.gracePeriodExpiresDate)),
    ...optional('intent', renewalInfo.expirationIntent as Renewal['intent']),
  };
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}

function isExtended({ notification }: BuiltNotification): boolean {
  return notification.notificationType === 'RENEWAL_EXTENDED';
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/** Required text of a transaction. */
function textOf(transaction: JsonObject, name: string): string {
  const value = transaction[name];
  if (typeof value === 'string' && value !== '') return value;
  throw missing(name);
}

function dateOf(transaction: JsonObject, name: string): number {
  const value = transaction[name];
  if (typeof value === 'number' && !Number.isNaN(new Date(value).getTime())) return value;
  throw missing(name);
}

function missing(name: string): ToolError {
  return baseError(`the transaction has no valid ${name}`, `Set it: --set transaction.${name}=…`);
}

/** Error `ERR_SIMULATOR_BASE` (usage): nothing can follow this notification. */
export function baseError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_SIMULATOR_BASE', message, { hint });
}

/** The object of a notification that names the app, without nested tokens; null where there is none. */
export function payloadContainer({
  notification,
}: BuiltNotification): { readonly name: string; readonly fields: JsonObject } | null {
  for (const [name, fields] of Object.entries(notification)) if (isJsonObject(fields)) return { name, fields };
  return null;
}
