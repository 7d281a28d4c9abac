import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import { midPeriod, oneTimePurchase } from './context.js';
import { SUBSCRIPTION } from './events.js';
import { appTransactionPayload, renewalInfoPayload } from './nested-payloads.js';
import { type PayloadOptions, sceneOf } from './options.js';
import { transactionPayload } from './purchase.js';

/** A transaction on its own, as an app hands it to its server: of an active subscription, or of a product bought once. */
export function buildTransaction(options: PayloadOptions): JsonObject {
  const productType = options.productType ?? SUBSCRIPTION;
  const scene = sceneOf(options, productType);
  const purchase = productType === SUBSCRIPTION ? midPeriod(scene).purchase : oneTimePurchase(scene, productType);
  return transactionPayload(purchase, scene.app, scene.signedMs);
}

/** The renewal info of an active subscription; that of {@link buildTransaction} with the same options. */
export function buildRenewalInfo(options: PayloadOptions): JsonObject {
  const scene = sceneOf(options, SUBSCRIPTION);
  return renewalInfoPayload(midPeriod(scene), scene.app, scene.signedMs);
}

/** The app transaction of one installation. */
export function buildAppTransaction(options: PayloadOptions): JsonObject {
  return appTransactionPayload(sceneOf(options, SUBSCRIPTION));
}

/** The request of the Retention Messaging API, which also comes as `{"signedPayload":…}` but names no notificationType. */
export function buildRealtimeRequest(options: PayloadOptions): JsonObject {
  const { app, plan, random, signedMs, transactionId } = sceneOf(options, SUBSCRIPTION);
  return {
    originalTransactionId: transactionId,
    appAppleId: app.appAppleId,
    productId: plan.productId,
    userLocale: 'en-US',
    requestIdentifier: uuidFrom(random),
    environment: app.environment,
    signedDate: signedMs,
  };
}
