import { ToolError } from '../../errors.js';
import type { JsonObject } from '../../jws/json.js';
import { laterId, type Offer, type Purchase, type Revocation } from './purchase.js';

/** One product of a subscription group. `price` is in milliunits, `period` an ISO 8601 duration. */
export interface Plan {
  readonly productId: string;
  readonly period: string;
  readonly price: number;
}

/** Apple's `expirationIntent`: 1 cancelled, 2 billing error, 3 no consent to a price increase, 4 product unavailable, 5 other. */
type ExpirationIntent = 1 | 2 | 3 | 4 | 5;

/**
 * State of an auto-renewable subscription: latest transaction and next renewal. Immutable: each function below
 * returns the state after one event, so that a scenario is a sequence of calls.
 */
export interface Subscription {
  readonly purchase: Purchase;
  readonly plan: Plan;
  readonly expiresMs: number;
  /** Start of the current run. A renewal continues it; subscribing again after a lapse starts a new one. */
  readonly runStartedMs: number;
  readonly renewal: Renewal;
}

/** Next renewal, and its billing or price-increase state. */
export interface Renewal {
  readonly plan: Plan;
  readonly isOn: boolean;
  readonly offer?: Offer;
  /** 0: consent pending; 1: accepted, or notified where consent is not required. */
  readonly priceIncrease?: { readonly status: 0 | 1; readonly price: number };
  readonly isInBillingRetry: boolean;
  readonly graceUntilMs?: number;
  readonly intent?: ExpirationIntent;
  /** Fields of special products: `advancedCommerceInfo`, `renewalQuantity`, `multiSeatInfo`, `commitmentInfo`. */
  readonly extra?: JsonObject;
}

/** First purchase in the group. `ids` holds the ids of this transaction. */
export function subscribe(
  ids: Pick<Purchase, 'customer' | 'transactionId'> & { webOrderLineItemId: string; groupId: string },
  plan: Plan,
  atMs: number,
  expiresMs = addPeriods(atMs, plan.period),
): Subscription {
  const { customer, transactionId, webOrderLineItemId, groupId } = ids;
  return {
    purchase: {
      customer,
      productId: plan.productId,
      productType: 'Auto-Renewable Subscription',
      originalTransactionId: transactionId,
      transactionId,
      originalPurchaseMs: atMs,
      purchaseMs: atMs,
      quantity: 1,
      price: plan.price,
      reason: 'PURCHASE',
      ownership: 'PURCHASED',
      subscription: { webOrderLineItemId, groupId, expiresMs },
    },
    plan,
    expiresMs,
    runStartedMs: atMs,
    renewal: { plan, isOn: true, isInBillingRetry: false },
  };
}

/** Renewal of the scheduled plan and offer, starting at `atMs`. */
export function renew(before: Subscription, atMs: number, expiresMs?: number): Subscription {
  const { plan, offer } = before.renewal;
  return transact(before, { plan, offer, atMs, expiresMs, reason: 'RENEWAL', runStartedMs: before.runStartedMs });
}

/** Purchase after a lapse, which starts a new run. */
export function resubscribe(before: Subscription, atMs: number): Subscription {
  return transact(before, { plan: before.plan, atMs, reason: 'PURCHASE', runStartedMs: atMs });
}

/** Immediate purchase of a higher plan, with or without an offer. */
export function upgrade(before: Subscription, plan: Plan, atMs: number, offer?: Offer): Subscription {
  return transact(before, { plan, offer, atMs, reason: 'PURCHASE', runStartedMs: before.runStartedMs });
}

/** Changes the next renewal, for example its plan or offer. */
export function planRenewal(before: Subscription, change: Partial<Renewal>): Subscription {
  return { ...before, renewal: { ...before.renewal, ...change } };
}

/** Failed renewal charge. With `graceUntilMs` a grace period runs until then. */
export function failBilling(before: Subscription, graceUntilMs?: number): Subscription {
  const grace = graceUntilMs === undefined ? {} : { graceUntilMs };
  return planRenewal(before, { isInBillingRetry: true, intent: 2, ...grace });
}

/** Expired: no further renewal. */
export function expire(before: Subscription, intent: ExpirationIntent): Subscription {
  return planRenewal(before, { isOn: false, isInBillingRetry: false, intent });
}

/** The subscription of a family member who did not buy it. */
export function familyShared(before: Subscription): Subscription {
  return { ...before, purchase: { ...before.purchase, ownership: 'FAMILY_SHARED' } };
}

/** Revoked by a refund or the end of Family Sharing. Auto-renew is off afterwards. */
export function revoke(before: Subscription, revocation: Revocation): Subscription {
  const purchase = { ...before.purchase, revocation };
  return planRenewal({ ...before, purchase }, { isOn: false });
}

/** Extends the current transaction to `expiresMs`. */
export function extend(before: Subscription, expiresMs: number): Subscription {
  const { subscription } = before.purchase;
  const purchase = subscription
    ? { ...before.purchase, subscription: { ...subscription, expiresMs } }
    : before.purchase;
  return { ...before, purchase, expiresMs };
}

interface Transaction {
  readonly plan: Plan;
  readonly offer?: Offer | undefined;
  readonly atMs: number;
  readonly expiresMs?: number | undefined;
  readonly reason: Purchase['reason'];
  readonly runStartedMs: number;
}

function transact(before: Subscription, next: Transaction): Subscription {
  const { offer: _offer, revocation: _revocation, ...kept } = before.purchase;
  const { plan } = next;
  const expiresMs = next.expiresMs ?? addPeriods(next.atMs, plan.period);
  const line = before.purchase.subscription;
  return {
    purchase: {
      ...kept,
      productId: plan.productId,
      transactionId: laterId(before.purchase.transactionId),
      purchaseMs: next.atMs,
      price: plan.price,
      reason: next.reason,
      ...(next.offer && { offer: next.offer }),
      ...(line && { subscription: { ...line, webOrderLineItemId: laterId(line.webOrderLineItemId), expiresMs } }),
    },
    plan,
    expiresMs,
    runStartedMs: next.runStartedMs,
    renewal: { plan, isOn: true, isInBillingRetry: false },
  };
}

const DURATION = /^P(\d+)([DWMY])$/;

const DAY_MS = 86_400_000;

export const days = (count: number): number => count * DAY_MS;

/** App Store Connect offers grace periods of 3, 16 and 28 days; Apple retries billing for up to 60 days. */
export const GRACE_MS = days(16);

export const BILLING_RETRY_MS = days(60);

/** Price plus 20 %, rounded to tenths of the currency. */
export const increasedPrice = (price: number): number => Math.round((price * 1.2) / 100) * 100;

/**
 * Adds `count` periods (ISO 8601: P3D, P1W, P1M, P1Y) to a time in milliseconds, in UTC; a negative count subtracts.
 * A day that the month does not have becomes its last day. The sandbox's shortened periods are not simulated.
 * Throws `ERR_SIMULATOR_PERIOD` (usage) if `period` is no such duration.
 */
export function addPeriods(atMs: number, period: string, count = 1): number {
  const [, number, unit] = DURATION.exec(period) ?? [];
  if (number === undefined) {
    throw new ToolError('usage', 'ERR_SIMULATOR_PERIOD', `"${period}" is not a valid subscription period`, {
      hint: 'Use an ISO 8601 duration in days, weeks, months or years: P1W, P1M, P1Y.',
    });
  }
  const amount = Number(number) * count;
  if (unit === 'D') return atMs + days(amount);
  if (unit === 'W') return atMs + days(amount * 7);
  return addMonths(atMs, unit === 'Y' ? amount * 12 : amount);
}

function addMonths(atMs: number, months: number): number {
  const date = new Date(atMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime();
}
