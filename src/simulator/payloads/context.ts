import { digitsFrom, type Random } from '../random.js';
import type { App } from './app.js';
import { type Customer, newCustomer, newTransactionId, type ProductType, type Purchase } from './purchase.js';
import { addPeriods, type Plan, renew, type Subscription, subscribe } from './subscription.js';

/** Everything an event is made from. The ids are drawn once, so that all tokens of a notification agree. */
export interface EventContext {
  readonly app: App;
  readonly random: Random;
  /** When the notification is signed (ms). */
  readonly signedMs: number;
  /** When it happened: a little earlier, on a whole second as the App Store's dates are. */
  readonly eventMs: number;
  readonly customer: Customer;
  readonly transactionId: string;
  readonly webOrderLineItemId: string;
  readonly groupId: string;
  readonly plan: Plan;
  /** A lower plan of the same group. */
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

/** A first purchase of the plan. */
export function firstPurchase(scene: EventContext, atMs = scene.eventMs, plan = scene.plan): Subscription {
  return subscribe(scene, plan, atMs);
}

/** A subscription in its second period, which ends at the moment given. */
export function endingAt(scene: EventContext, endMs: number): Subscription {
  const { period } = scene.plan;
  const startMs = addPeriods(endMs, period, -1);
  return renew(subscribe(scene, scene.plan, addPeriods(endMs, period, -2), startMs), startMs, endMs);
}

/** A subscription a third into its second period: active, and not about to renew. */
export function midPeriod(scene: EventContext): Subscription {
  const { eventMs, plan } = scene;
  return endingAt(scene, wholeSecond(eventMs + ((addPeriods(eventMs, plan.period) - eventMs) * 2) / 3));
}

/** A product bought once. */
export function oneTimePurchase(scene: EventContext, productType: ProductType, atMs = scene.eventMs): Purchase {
  return {
    customer: scene.customer,
    productId: scene.plan.productId,
    productType,
    originalTransactionId: scene.transactionId,
    transactionId: scene.transactionId,
    originalPurchaseMs: atMs,
    purchaseMs: atMs,
    quantity: 1,
    price: scene.plan.price,
    reason: 'PURCHASE',
    ownership: 'PURCHASED',
  };
}

function wholeSecond(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}
