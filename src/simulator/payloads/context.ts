import { digitsFrom, type Random } from '../random.js';
import type { App } from './app.js';
import { type Customer, newCustomer, newTransactionId, type ProductType, type Purchase } from './purchase.js';
import { addPeriods, type Plan, renew, type Subscription, subscribe } from './subscription.js';

/** Input of every event builder. Ids are drawn once, so that all tokens of a notification agree. */
export interface EventContext {
  readonly app: App;
  readonly random: Random;
  /** Signing time in milliseconds. */
  readonly signedMs: number;
  /** Time of the event in milliseconds: shortly before signing, on a whole second as in Apple's payloads. */
  readonly eventMs: number;
  readonly customer: Customer;
  readonly transactionId: string;
  readonly webOrderLineItemId: string;
  readonly groupId: string;
  readonly plan: Plan;
  /** Lower plan of the same subscription group. */
  readonly lowerPlan: Plan;
}

const SIGNED_AFTER_MS = 2_000;

export function createEventContext(
  app: App,
  random: Random,
  signedMs: number,
  plans: Pick<EventContext, 'plan' | 'lowerPlan'>,
): EventContext {
  return {
    app,
    random,
    signedMs,
    eventMs: wholeSecond(signedMs - SIGNED_AFTER_MS),
    customer: newCustomer(random),
    transactionId: newTransactionId(app, random),
    webOrderLineItemId: newTransactionId(app, random),
    groupId: `2${digitsFrom(random, 7)}`,
    ...plans,
  };
}

/** First purchase of the plan. */
export function firstPurchase(context: EventContext, atMs = context.eventMs, plan = context.plan): Subscription {
  return subscribe(context, plan, atMs);
}

/** Subscription in its second period, which ends at `endMs`. */
export function endingAt(context: EventContext, endMs: number): Subscription {
  const { period } = context.plan;
  const startMs = addPeriods(endMs, period, -1);
  return renew(subscribe(context, context.plan, addPeriods(endMs, period, -2), startMs), startMs, endMs);
}

/** Subscription a third into its second period: active, and not about to renew. */
export function midPeriod(context: EventContext): Subscription {
  const { eventMs, plan } = context;
  return endingAt(context, wholeSecond(eventMs + ((addPeriods(eventMs, plan.period) - eventMs) * 2) / 3));
}

/** One-time purchase of any product type but a subscription. */
export function oneTimePurchase(context: EventContext, productType: ProductType, atMs = context.eventMs): Purchase {
  return {
    customer: context.customer,
    productId: context.plan.productId,
    productType,
    originalTransactionId: context.transactionId,
    transactionId: context.transactionId,
    originalPurchaseMs: atMs,
    purchaseMs: atMs,
    quantity: 1,
    price: context.plan.price,
    reason: 'PURCHASE',
    ownership: 'PURCHASED',
  };
}

function wholeSecond(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}
