import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import { midPeriod, oneTimePurchase } from './context.js';
import { SUBSCRIPTION } from './events.js';
import { appTransactionPayload, renewalInfoPayload } from './nested-payloads.js';
import { contextOf, type PayloadOptions } from './options.js';
import { transactionPayload } from './purchase.js';

/** Builds a transaction as an app sends it to its server: of an active subscription, or of a one-time purchase. */
export function buildTransaction(options: PayloadOptions): JsonObject {
  const productType = options.productType ?? SUBSCRIPTION;
  const context = contextOf(options, productType);
  const purchase = productType === SUBSCRIPTION ? midPeriod(context).purchase : oneTimePurchase(context, productType);
  return transactionPayload(purchase, context.app, context.signedMs);
}

/** Builds the renewal info of an active subscription. It belongs to {@link buildTransaction} with the same options. */
export function buildRenewalInfo(options: PayloadOptions): JsonObject {
  const context = contextOf(options, SUBSCRIPTION);
  return renewalInfoPayload(midPeriod(context), context.app, context.signedMs);
}

/** Builds the app transaction of one installation. */
export function buildAppTransaction(options: PayloadOptions): JsonObject {
  return appTransactionPayload(contextOf(options, SUBSCRIPTION));
}

/** Builds a Retention Messaging API request, which also arrives as `{"signedPayload":…}` but has no notificationType. */
export function buildRealtimeRequest(options: PayloadOptions): JsonObject {
  const { app, plan, random, signedMs, transactionId } = contextOf(options, SUBSCRIPTION);
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
