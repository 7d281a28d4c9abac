import type { Random } from '../random.js';
import { type App, type AppEnvironment, DEFAULT_APP } from './app.js';
import { createEventContext, type EventContext } from './context.js';
import type { ProductType } from './purchase.js';

/** Options of every payload builder. Only the time and the source of randomness are required. */
export interface PayloadOptions {
  /** Signing time in milliseconds: `signedDate`, and the base of every other date. */
  readonly nowMs: number;
  /** Source of ids: `randomBytes` of node:crypto, or `seededRandom('…')` for reproducible payloads. */
  readonly random: Random;
  /** Default: `Sandbox`. */
  readonly environment?: AppEnvironment;
  /** Default: `com.example.app`. */
  readonly bundleId?: string;
  /** Default: 1234567890. */
  readonly appAppleId?: number;
  readonly bundleVersion?: string;
  /** Product of the transaction. Default: `<bundleId>.premium.monthly`, or `<bundleId>.coins.100` for other products. */
  readonly productId?: string;
  /**
   * Default: `Auto-Renewable Subscription`, for ONE_TIME_CHARGE and CONSUMPTION_REQUEST `Consumable`.
   * Matters for events of any product; the other events accept only their own product type.
   */
  readonly productType?: ProductType;
  /** Price of one period or purchase, in milliunits of USD. Default: 9990. */
  readonly price?: number;
  /** ISO 8601 duration of one period. Default: P1M. Sandbox periods are not shortened. */
  readonly period?: string;
  /** Lower plan of the group: a downgrade renews to it, an upgrade starts from it. */
  readonly lowerProductId?: string;
  /** Id of the first transaction of the purchase, so that several runs are about one purchase. Default: a new one. */
  readonly originalTransactionId?: string;
  /** The app's id for the customer, a UUID. Default: a new one. */
  readonly appAccountToken?: string;
}

export function appOf(options: PayloadOptions): App {
  const { environment, bundleId, appAppleId, bundleVersion } = options;
  return {
    environment: environment ?? DEFAULT_APP.environment,
    bundleId: bundleId ?? DEFAULT_APP.bundleId,
    appAppleId: appAppleId ?? DEFAULT_APP.appAppleId,
    bundleVersion: bundleVersion ?? DEFAULT_APP.bundleVersion,
  };
}

export function contextOf(options: PayloadOptions, productType: ProductType): EventContext {
  const app = appOf(options);
  const { period = 'P1M', price = 9990 } = options;
  const ownId = productType === 'Auto-Renewable Subscription' ? 'premium.monthly' : 'coins.100';
  const context = createEventContext(app, options.random, options.nowMs, {
    plan: { productId: options.productId ?? `${app.bundleId}.${ownId}`, period, price },
    lowerPlan: { productId: options.lowerProductId ?? `${app.bundleId}.basic.monthly`, period, price: half(price) },
  });
  const { originalTransactionId: transactionId = context.transactionId, appAccountToken } = options;
  const customer = { ...context.customer, ...(appAccountToken === undefined ? {} : { appAccountToken }) };
  return { ...context, transactionId, customer };
}

/** Half the price, rounded to tenths of the currency. */
function half(price: number): number {
  return Math.round(price / 200) * 100;
}
