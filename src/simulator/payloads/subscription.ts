import { ToolError } from '../../errors.js';
import type { JsonObject } from '../../jws/json.js';
import { laterId, type Offer, type Purchase, type Revocation } from './purchase.js';

/** What is subscribed to: one product of the group. `price` in milliunits, `period` as ISO 8601. */
export interface Plan {
  readonly productId: string;
  readonly period: string;
  readonly price: number;
}

/** Why a subscription ended: 1 cancelled, 2 billing error, 3 no consent to a price rise, 4 product unavailable, 5 other. */
type ExpirationIntent = 1 | 2 | 3 | 4 | 5;

/**
 * An auto-renewable subscription at one moment: its latest transaction and what is to come. Never changed in place:
 * each of the functions below gives the state after one event, so that a story is a row of calls.
 */
export interface Subscription {
  readonly purchase: Purchase;
  readonly plan: Plan;
  readonly expiresMs: number;
  /** Start of the present run; a renewal goes on with it, a new subscription after a lapse begins another. */
  readonly runStartedMs: number;
  readonly renewal: Renewal;
}

/** What the next renewal would be, and what stands in its way. */
export interface Renewal {
  readonly plan: Plan;
  readonly isOn: boolean;
  readonly offer?: Offer;
  /** 0: asked and not answered; 1: agreed, or told where consent is not needed. */
  readonly priceIncrease?: { readonly status: 0 | 1; readonly price: number };
  readonly isInBillingRetry: boolean;
  readonly graceUntilMs?: number;
  readonly intent?: ExpirationIntent;
  /** Fields of special products: `advancedCommerceInfo`, `renewalQuantity`, `multiSeatInfo`. */
  readonly extra?: JsonObject;
}

/** A first purchase in the group. `ids` has what is fixed for good; its ids are those of this transaction. */
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

/** The next transaction: a renewal of what was to renew, from `atMs` on. */
export function renew(before: Subscription, atMs: number, expiresMs?: number): Subscription {
  const { plan, offer } = before.renewal;
  return transact(before, { plan, offer, atMs, expiresMs, reason: 'RENEWAL', runStartedMs: before.runStartedMs });
}

/** Comes back after a lapse: a purchase, and a new run. */
export function resubscribe(before: Subscription, atMs: number): Subscription {
  return transact(before, { plan: before.plan, atMs, reason: 'PURCHASE', runStartedMs: atMs });
}

/** Moves to a higher plan at once: a purchase, with an offer or without. */
export function upgrade(before: Subscription, plan: Plan, atMs: number, offer?: Offer): Subscription {
  return transact(before, { plan, offer, atMs, reason: 'PURCHASE', runStartedMs: before.runStartedMs });
}

/** Another plan, or an offer, from the next renewal on. */
export function planRenewal(before: Subscription, change: Partial<Renewal>): Subscription {
  return { ...before, renewal: { ...before.renewal, ...change } };
}

/** The renewal could not be charged. With `graceUntilMs` service goes on until then. */
export function failBilling(before: Subscription, graceUntilMs?: number): Subscription {
  const grace = graceUntilMs === undefined ? {} : { graceUntilMs };
  return planRenewal(before, { isInBillingRetry: true, intent: 2, ...grace });
}

/** Ended for good: nothing renews any more. */
export function expire(before: Subscription, intent: ExpirationIntent): Subscription {
  return planRenewal(before, { isOn: false, isInBillingRetry: false, intent });
}

/** Taken back, by a refund or because sharing ended. Auto-renew is off from then on. */
export function revoke(before: Subscription, revocation: Revocation): Subscription {
  const purchase = { ...before.purchase, revocation };
  return planRenewal({ ...before, purchase }, { isOn: false });
}

/** A later end of the same transaction. */
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
  const { offer: _past, revocation: _undone, ...lasting } = before.purchase;
  const { plan } = next;
  const expiresMs = next.expiresMs ?? addPeriods(next.atMs, plan.period);
  const line = before.purchase.subscription;
  return {
    purchase: {
      ...lasting,
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

/**
 * A moment (ms) so many periods (ISO 8601: P3D, P1W, P1M, P1Y) later, in UTC; a negative count goes back.
 * A day the month does not have becomes its last one. The sandbox's shortened periods are not imitated: a month is a month.
 * Throws `ERR_SIMULATOR_PERIOD` (usage) on any other text.
 */
export function addPeriods(atMs: number, period: string, count = 1): number {
  const [, number, unit] = DURATION.exec(period) ?? [];
  if (number === undefined) {
    throw new ToolError('usage', 'ERR_SIMULATOR_PERIOD', `"${period}" is not a subscription period.`, {
      hint: 'Write it as ISO 8601 in days, weeks, months or years: P1W, P1M, P1Y.',
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
