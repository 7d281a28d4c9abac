import { type FieldEntry, field } from '../entry.js';

const APP_APPLE_ID = 'The number of the app in the App Store; Sandbox may leave it out.';

const BUNDLE_ID = 'Bundle id of the app.';

const ENVIRONMENT = 'Where it happened: Production or Sandbox.';

/** The decoded outer payload. Exactly one of its objects is there. Source: apple.md section 3. */
export const NOTIFICATION: readonly FieldEntry[] = [
  field('notificationType', 'enum', 'What happened.', '2.0', { values: 'notificationType' }),
  field('subtype', 'enum', 'What exactly; only for types that have subtypes.', '2.0', { values: 'subtype' }),
  field('notificationUUID', 'uuid', 'Identifies the notification; the same on every retry.', '2.0'),
  field('version', 'string', 'Format version; stays 2.0.', '2.5'),
  field('signedDate', 'date', 'When the App Store signed it.', '2.5'),
  field('data', 'object', 'The app and the signed purchase information.', '2.0', { of: 'data' }),
  field('summary', 'object', 'How a mass extension of renewal dates went.', '2.7', { of: 'summary' }),
  field('externalPurchaseToken', 'object', 'A token for purchases outside the App Store.', '2.10', {
    of: 'externalPurchaseToken',
  }),
  field('appData', 'object', 'The app and its signed app transaction.', '2.19', { of: 'appData' }),
  field('unclaimInfo', 'object', 'Seats that were given up.', '2.23', { of: 'unclaimInfo' }),
];

export const DATA: readonly FieldEntry[] = [
  field('appAppleId', 'integer', APP_APPLE_ID, '2.0'),
  field('bundleId', 'string', BUNDLE_ID, '2.0'),
  field('bundleVersion', 'string', 'Build of the app that the purchase belongs to.', '2.0'),
  field('environment', 'enum', ENVIRONMENT, '2.0', { values: 'environment' }),
  field('signedTransactionInfo', 'jws', 'The purchase, signed on its own.', '2.0'),
  field('signedRenewalInfo', 'jws', 'What comes next, signed on its own; subscriptions only.', '2.0'),
  field('status', 'code', 'State of the subscription when this was signed.', '2.8', { values: 'status' }),
  field('consumptionRequestReason', 'enum', 'Why the customer asks for a refund.', '2.11', {
    values: 'consumptionRequestReason',
  }),
];

export const SUMMARY: readonly FieldEntry[] = [
  field('requestIdentifier', 'uuid', 'Your own id of the mass extension.', '2.7'),
  field('environment', 'enum', ENVIRONMENT, '2.7', { values: 'environment' }),
  field('appAppleId', 'integer', APP_APPLE_ID, '2.7'),
  field('bundleId', 'string', BUNDLE_ID, '2.7'),
  field('productId', 'string', 'Product whose renewal dates were extended.', '2.7'),
  field('storefrontCountryCodes', 'strings', 'Storefronts it was limited to; absent means all.', '2.7'),
  field('succeededCount', 'integer', 'Subscriptions that were extended.', '2.7'),
  field('failedCount', 'integer', 'Subscriptions that could not be extended.', '2.7'),
];

export const EXTERNAL_PURCHASE_TOKEN: readonly FieldEntry[] = [
  field('externalPurchaseId', 'string', 'Identifies the token; begins with SANDBOX in Sandbox.', '2.10'),
  field('tokenCreationDate', 'date', 'When the token was made.', '2.10'),
  field('appAppleId', 'integer', APP_APPLE_ID, '2.10'),
  field('bundleId', 'string', BUNDLE_ID, '2.10'),
  field('tokenType', 'enum', 'What the token covers; custom links only.', '2.17', { values: 'tokenType' }),
  field('tokenExpirationDate', 'date', 'When the token ends; custom links only.', '2.17'),
];

export const APP_DATA: readonly FieldEntry[] = [
  field('appAppleId', 'integer', APP_APPLE_ID, '2.19'),
  field('bundleId', 'string', BUNDLE_ID, '2.19'),
  field('environment', 'enum', ENVIRONMENT, '2.19', { values: 'environment' }),
  field('signedAppTransactionInfo', 'jws', 'How the customer came to have the app, signed on its own.', '2.19'),
];

/** Only unclaimSeatIds is documented where we could read it; the other three are presumed, as in every other container. */
export const UNCLAIM_INFO: readonly FieldEntry[] = [
  field('unclaimSeatIds', 'strings', 'Ids of the seats that were given up.', '2.23'),
  field('appAppleId', 'integer', APP_APPLE_ID, '2.23'),
  field('bundleId', 'string', BUNDLE_ID, '2.23'),
  field('environment', 'enum', ENVIRONMENT, '2.23', { values: 'environment' }),
];

/**
 * JWSAppTransaction: how a customer came to have the app. It has no signedDate, and no version of App Store Server
 * Notifications of its own: notifications carry it since 2.19. Source: apple.md section 4.4.
 */
export const APP_TRANSACTION: readonly FieldEntry[] = [
  field('receiptType', 'enum', 'Environment that signed it.', null, { values: 'environment' }),
  field('appAppleId', 'integer', 'The number of the app in the App Store.', null),
  field('bundleId', 'string', 'Bundle id of the app.', null),
  field('applicationVersion', 'string', 'Version of the app it was made for.', null),
  field('versionExternalIdentifier', 'integer', "Apple's number of that version.", null),
  field('receiptCreationDate', 'date', 'When the App Store signed it.', null),
  field('originalPurchaseDate', 'date', 'When the customer first got the app.', null),
  field('originalApplicationVersion', 'string', 'Version the customer first got.', null),
  field('deviceVerification', 'string', 'Ties it to one device, base64.', null),
  field('deviceVerificationNonce', 'uuid', 'Used to work out deviceVerification.', null),
  field('preorderDate', 'date', 'When the app was pre-ordered.', null),
  field('appTransactionId', 'string', "Identifies the customer's copy of the app.", null),
  field('originalPlatform', 'enum', 'Platform the app was first got on.', null, { values: 'originalPlatform' }),
];

/** Request of the Retention Messaging API, which comes to an endpoint of its own. Source: apple.md section 4.5. */
export const REALTIME_REQUEST: readonly FieldEntry[] = [
  field('originalTransactionId', 'string', 'Subscription the customer may be about to cancel.', null),
  field('appAppleId', 'integer', 'The number of the app in the App Store.', null),
  field('productId', 'string', 'Product of the subscription.', null),
  field('userLocale', 'string', 'Language to answer in.', null),
  field('requestIdentifier', 'uuid', 'Identifies the request.', null),
  field('signedDate', 'date', 'When the App Store signed it.', null),
  field('environment', 'enum', 'Where the subscription was bought.', null, { values: 'environment' }),
];

/** Body of a version 1 notification: plain JSON without a signature, deprecated on 5 June 2023. Source: apple.md section 8. */
export const NOTIFICATION_V1: readonly FieldEntry[] = [
  field('notification_type', 'enum', 'What happened.', null, { values: 'notificationTypeV1' }),
  field('environment', 'enum', 'Where it happened.', null, { values: 'environmentV1' }),
  field('bid', 'string', 'Bundle id of the app.', null),
  field('bvrs', 'string', 'Build of the app.', null),
  field('password', 'string', "The app's shared secret: never shown.", null),
  field('original_transaction_id', 'string', 'Identifies the first purchase.', null),
  field('auto_renew_product_id', 'string', 'Product that will renew.', null),
  field('auto_renew_adam_id', 'string', "Apple's number of that product.", null),
  field('auto_renew_status', 'enum', 'Whether it will renew.', null, { values: 'autoRenewStatusV1' }),
  field('auto_renew_status_change_date', 'string', 'When renewal was turned on or off.', null),
  field('auto_renew_status_change_date_ms', 'string', 'The same, milliseconds since 1970 as text.', null),
  field('auto_renew_status_change_date_pst', 'string', 'The same, in Pacific time.', null),
  field('expiration_intent', 'code', 'Why the subscription ended.', null, { values: 'expirationIntent' }),
  field('deprecation', 'string', 'Notice that version 1 is deprecated.', null),
  field('unified_receipt', 'object', 'Latest purchases of the customer.', null, { of: 'unifiedReceipt' }),
  field('latest_receipt', 'string', 'Removed in March 2021.', null),
  field('latest_receipt_info', 'object', 'Removed in March 2021.', null),
  field('latest_expired_receipt', 'string', 'Removed in March 2021.', null),
  field('latest_expired_receipt_info', 'object', 'Removed in March 2021.', null),
];

export const UNIFIED_RECEIPT: readonly FieldEntry[] = [
  field('environment', 'enum', 'Where it was bought.', null, { values: 'environmentV1' }),
  field('latest_receipt', 'string', 'The latest receipt, base64.', null),
  field('latest_receipt_info', 'array', 'The latest purchases, at most 100.', null),
  field('pending_renewal_info', 'array', 'What comes next for each subscription.', null),
  field('status', 'integer', '0 where the receipt is good.', null),
];
