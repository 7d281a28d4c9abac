import type { JsonObject } from '../../jws/json.js';
import { midPeriod } from './context.js';
import { SUBSCRIPTION } from './events.js';
import { contextOf, type PayloadOptions } from './options.js';

const PASSWORD_BYTES = 16;

const RECEIPT_BYTES = 96;

/**
 * Builds the body of a version 1 DID_RENEW notification: plain JSON, unsigned, with the app's shared secret in
 * `password` (a random value here).
 */
export function buildLegacyBody(options: PayloadOptions): JsonObject {
  const context = contextOf(options, SUBSCRIPTION);
  const { app, random, plan } = context;
  const { purchase } = midPeriod(context);
  const { originalTransactionId } = purchase;
  return {
    notification_type: 'DID_RENEW',
    password: Buffer.from(random(PASSWORD_BYTES)).toString('hex'),
    environment: app.environment === 'Production' ? 'PROD' : 'Sandbox',
    bid: app.bundleId,
    bvrs: app.bundleVersion,
    original_transaction_id: originalTransactionId,
    auto_renew_adam_id: String(app.appAppleId),
    auto_renew_product_id: plan.productId,
    auto_renew_status: 'true',
    unified_receipt: {
      environment: app.environment,
      status: 0,
      latest_receipt: Buffer.from(random(RECEIPT_BYTES)).toString('base64'),
      latest_receipt_info: [
        {
          product_id: plan.productId,
          quantity: '1',
          transaction_id: purchase.transactionId,
          original_transaction_id: originalTransactionId,
          purchase_date_ms: String(purchase.purchaseMs),
          original_purchase_date_ms: String(purchase.originalPurchaseMs),
          expires_date_ms: String(purchase.subscription?.expiresMs),
          is_trial_period: 'false',
          in_app_ownership_type: purchase.ownership,
        },
      ],
      pending_renewal_info: [
        {
          auto_renew_product_id: plan.productId,
          product_id: plan.productId,
          original_transaction_id: originalTransactionId,
          auto_renew_status: '1',
        },
      ],
    },
  };
}
