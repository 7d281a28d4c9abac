import type { Random } from '../random.js';
import { type App, type AppEnvironment, DEFAULT_APP } from './app.js';
import { createEventContext, type EventContext } from './context.js';
import type { ProductType } from './purchase.js';

/** What every payload is built from. All of it is optional but the clock and the randomness. */
export interface PayloadOptions {
  /** When the payload is signed, in milliseconds: its `signedDate`, and what every other date is counted from. */
  readonly nowMs: number;
  /** Where ids come from: `randomBytes` of node:crypto, or `seededRandom('…')` for the same payload each time. */
  readonly random: Random;
  /** `Sandbox` where left out. */
  readonly environment?: AppEnvironment;
  /** `com.example.app` where left out. */
  readonly bundleId?: string;
  /** 1234567890 where left out. */
  readonly appAppleId?: number;
  readonly bundleVersion?: string;
  /** The product of the transaction; `<bundleId>.premium.monthly` or `<bundleId>.coins.100` where left out. */
  readonly productId?: string;
  /**
   * `Auto-Renewable Subscription` where left out, but `Consumable` for ONE_TIME_CHARGE and CONSUMPTION_REQUEST.
   * Decides for the types that any product can have; the others take only their own.
   */
  readonly productType?: ProductType;
  /** Of one period or one purchase, in milliunits of USD; 9990 where left out. */
  readonly price?: number;
  /** ISO 8601 duration of one period, P1M where left out. A month is a month in Sandbox too. */
  readonly period?: string;
  /** The lower plan of the group: what a downgrade renews to, what an upgrade came from. */
  readonly lowerProductId?: string;
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

export function sceneOf(options: PayloadOptions, productType: ProductType): EventContext {
  const app = appOf(options);
  const { period = 'P1M', price = 9990 } = options;
  const ownId = productType === 'Auto-Renewable Subscription' ? 'premium.monthly' : 'coins.100';
  return createEventContext(app, options.random, options.nowMs, {
    plan: { productId: options.productId ?? `${app.bundleId}.${ownId}`, period, price },
    lowerPlan: { productId: options.lowerProductId ?? `${app.bundleId}.basic.monthly`, period, price: half(price) },
  });
}

/** Half a price, on tenths of the currency. */
function half(price: number): number {
  return Math.round(price / 200) * 100;
}
