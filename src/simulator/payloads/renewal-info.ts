import type { JsonObject } from '../../jws/json.js';
import type { App } from './app.js';
import { offerFields } from './purchase.js';
import type { Renewal, Subscription } from './subscription.js';

/** `status` of `data`: 1 active, 2 expired, 3 billing retry, 4 billing grace period, 5 revoked. */
export function statusOf({ purchase, renewal, expiresMs }: Subscription, atMs: number): 1 | 2 | 3 | 4 | 5 {
  if (purchase.revocation !== undefined) return 5;
  if (renewal.isInBillingRetry) return (renewal.graceUntilMs ?? 0) > atMs ? 4 : 3;
  return expiresMs > atMs ? 1 : 2;
}

/** The payload of a signed renewal info (JWSRenewalInfoDecodedPayload), which names no app. */
export function renewalInfoPayload(state: Subscription, app: App, signedDateMs: number): JsonObject {
  const { purchase, renewal } = state;
  const { customer } = purchase;
  return {
    ...(renewal.intent === undefined ? {} : { expirationIntent: renewal.intent }),
    originalTransactionId: purchase.originalTransactionId,
    autoRenewProductId: renewal.plan.productId,
    productId: state.plan.productId,
    autoRenewStatus: renewal.isOn ? 1 : 0,
    ...(renewal.isOn ? renewalPrice(renewal, customer.currency) : {}),
    ...(renewal.intent === undefined ? {} : { isInBillingRetryPeriod: renewal.isInBillingRetry }),
    ...(renewal.priceIncrease && { priceIncreaseStatus: renewal.priceIncrease.status }),
    ...(renewal.graceUntilMs === undefined ? {} : { gracePeriodExpiresDate: renewal.graceUntilMs }),
    ...offerFields(renewal.offer),
    signedDate: signedDateMs,
    environment: app.environment,
    recentSubscriptionStartDate: state.runStartedMs,
    ...(renewal.isOn ? { renewalDate: state.expiresMs } : {}),
    appAccountToken: customer.appAccountToken,
    appTransactionId: customer.appTransactionId,
    ...renewal.extra,
  };
}

function renewalPrice({ plan, offer, priceIncrease }: Renewal, currency: string): JsonObject {
  return { renewalPrice: offer?.price ?? priceIncrease?.price ?? plan.price, currency };
}
