import type { JsonObject } from '../../jws/json.js';
import { digitsFrom, uuidFrom } from '../random.js';
import type { App } from './app.js';
import type { EventContext } from './context.js';
import { offerFields } from './purchase.js';
import { days, type Renewal, type Subscription } from './subscription.js';

/** `status` of `data`: 1 active, 2 expired, 3 billing retry, 4 billing grace period, 5 revoked. */
export function statusOf({ purchase, renewal, expiresMs }: Subscription, atMs: number): 1 | 2 | 3 | 4 | 5 {
  if (purchase.revocation !== undefined) return 5;
  if (renewal.isInBillingRetry) return (renewal.graceUntilMs ?? 0) > atMs ? 4 : 3;
  return expiresMs > atMs ? 1 : 2;
}

/** Payload of a signed renewal info (JWSRenewalInfoDecodedPayload). It has no bundle id. */
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

const DEVICE_VERIFICATION_BYTES = 48;

/** Payload of a signed app transaction. Its time is `receiptCreationDate`; it has no `signedDate`. */
export function appTransactionPayload({ app, customer, random, eventMs }: EventContext): JsonObject {
  return {
    receiptType: app.environment,
    appAppleId: app.appAppleId,
    bundleId: app.bundleId,
    applicationVersion: app.bundleVersion,
    versionExternalIdentifier: Number(`8${digitsFrom(random, 8)}`),
    receiptCreationDate: eventMs,
    originalPurchaseDate: eventMs - days(400),
    originalApplicationVersion: '1',
    deviceVerification: Buffer.from(random(DEVICE_VERIFICATION_BYTES)).toString('base64'),
    deviceVerificationNonce: uuidFrom(random),
    appTransactionId: customer.appTransactionId,
    originalPlatform: 'iOS',
  };
}
