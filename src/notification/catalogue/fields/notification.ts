import { type FieldEntry, field } from '../entry.js';

const APP_APPLE_ID = 'App Apple ID, the number of the app; may be absent in Sandbox.';

const BUNDLE_ID = 'Bundle id of the app.';

const ENVIRONMENT = 'Environment of the event: Production or Sandbox.';

/** Fields of the decoded outer payload. Exactly one of its objects is present. Source: apple.md section 3. */
export const NOTIFICATION: readonly FieldEntry[] = [
  field('notificationType', 'enum', 'Type of the event.', '2.0', { values: 'notificationType' }),
  field('subtype', 'enum', 'Detail of the type; only for types that have subtypes.', '2.0', { values: 'subtype' }),
  field('notificationUUID', 'uuid', 'Identifies the notification; the same on every retry.', '2.0'),
  field('version', 'string', 'Format version; stays 2.0.', '2.5'),
  field('signedDate', 'date', 'When the App Store signed it.', '2.5'),
  field('data', 'object', 'The app and the signed purchase information.', '2.0', { of: 'data' }),
  field('summary', 'object', 'Result of a mass extension of renewal dates.', '2.7', { of: 'summary' }),
  field('externalPurchaseToken', 'object', 'A token for purchases outside the App Store.', '2.10', {
    of: 'externalPurchaseToken',
  }),
  field('appData', 'object', 'The app and its signed app transaction.', '2.19', { of: 'appData' }),
  field('unclaimInfo', 'object', 'Seats that were unclaimed.', '2.23', { of: 'unclaimInfo' }),
];

export const DATA: readonly FieldEntry[] = [
  field('appAppleId', 'integer', APP_APPLE_ID, '2.0'),
  field('bundleId', 'string', BUNDLE_ID, '2.0'),
  field('bundleVersion', 'string', 'Build of the app that the purchase belongs to.', '2.0'),
  field('environment', 'enum', ENVIRONMENT, '2.0', { values: 'environment' }),
  field('signedTransactionInfo', 'jws', 'Signed transaction: the purchase.', '2.0'),
  field('signedRenewalInfo', 'jws', 'Signed renewal info; subscriptions only.', '2.0'),
  field('status', 'code', 'State of the subscription when this was signed.', '2.8', { values: 'status' }),
  field('consumptionRequestReason', 'enum', 'Why the customer asks for a refund.', '2.11', {
    values: 'consumptionRequestReason',
  }),
];

export const SUMMARY: readonly FieldEntry[] = [
  field('requestIdentifier', 'uuid', 'Your id for the mass extension.', '2.7'),
  field('environment', 'enum', ENVIRONMENT, '2.7', { values: 'environment' }),
  field('appAppleId', 'integer', APP_APPLE_ID, '2.7'),
  field('bundleId', 'string', BUNDLE_ID, '2.7'),
  field('productId', 'string', 'Product whose renewal dates were extended.', '2.7'),
  field('storefrontCountryCodes', 'strings', 'Storefronts the extension was limited to; absent means all.', '2.7'),
  field('succeededCount', 'integer', 'Subscriptions that were extended.', '2.7'),
  field('failedCount', 'integer', 'Subscriptions that could not be extended.', '2.7'),
];

export const EXTERNAL_PURCHASE_TOKEN: readonly FieldEntry[] = [
  field('externalPurchaseId', 'string', 'Identifies the token; begins with SANDBOX in Sandbox.', '2.10'),
  field('tokenCreationDate', 'date', 'When the token was created.', '2.10'),
  field('appAppleId', 'integer', APP_APPLE_ID, '2.10'),
  field('bundleId', 'string', BUNDLE_ID, '2.10'),
  field('tokenType', 'enum', 'What the token covers; custom links only.', '2.17', { values: 'tokenType' }),
  field('tokenExpirationDate', 'date', 'When the token expires; custom links only.', '2.17'),
];

export const APP_DATA: readonly FieldEntry[] = [
  field('appAppleId', 'integer', APP_APPLE_ID, '2.19'),
  field('bundleId', 'string', BUNDLE_ID, '2.19'),
  field('environment', 'enum', ENVIRONMENT, '2.19', { values: 'environment' }),
  field('signedAppTransactionInfo', 'jws', 'Signed app transaction.', '2.19'),
];

/** Only unclaimSeatIds appears in the documentation available to us; the other three are presumed, as in every other container. */
export const UNCLAIM_INFO: readonly FieldEntry[] = [
  field('unclaimSeatIds', 'strings', 'Claim ids (seatClaimId) of the seats, new for every claim.', '2.23'),
  field('appAppleId', 'integer', APP_APPLE_ID, '2.23'),
  field('bundleId', 'string', BUNDLE_ID, '2.23'),
  field('environment', 'enum', ENVIRONMENT, '2.23', { values: 'environment' }),
];

/**
 * JWSAppTransaction: the purchase or download of the app itself. It has no signedDate, and it is not versioned with App Store
 * Server Notifications, which carry it since 2.19. Source: apple.md section 4.4.
 */
export const APP_TRANSACTION: readonly FieldEntry[] = [
  field('receiptType', 'enum', 'Environment that signed it.', null, { values: 'environment' }),
  field('appAppleId', 'integer', 'App Apple ID, the number of the app.', null),
  field('bundleId', 'string', 'Bundle id of the app.', null),
  field('applicationVersion', 'string', 'App version the transaction applies to.', null),
  field('versionExternalIdentifier', 'integer', "Apple's identifier of that version.", null),
  field('receiptCreationDate', 'date', 'When the App Store signed it.', null),
  field('originalPurchaseDate', 'date', 'When the customer first purchased the app.', null),
  field('originalApplicationVersion', 'string', 'App version the customer first purchased.', null),
  field('deviceVerification', 'string', 'Binds it to one device, base64.', null),
  field('deviceVerificationNonce', 'uuid', 'Used to compute deviceVerification.', null),
  field('preorderDate', 'date', 'When the app was pre-ordered.', null),
  field('appTransactionId', 'string', "Identifies the customer's copy of the app.", null),
  field('originalPlatform', 'enum', 'Platform of the first purchase of the app.', null, { values: 'originalPlatform' }),
  // Added with version 1.22 of the App Store Server API.
  field('storeType', 'enum', 'Store that the app was obtained from.', null, { values: 'storeType' }),
  // Seen in app transactions that Xcode signs.
  field('requestDate', 'date', 'When Xcode created it; Xcode only.', null),
];

/** Request of the Retention Messaging API, sent to a separate endpoint. Source: apple.md section 4.5. */
export const REALTIME_REQUEST: readonly FieldEntry[] = [
  field('originalTransactionId', 'string', 'Subscription the customer may be about to cancel.', null),
  field('appAppleId', 'integer', 'App Apple ID, the number of the app.', null),
  field('productId', 'string', 'Product of the subscription.', null),
  field('userLocale', 'string', 'Locale to respond in.', null),
  field('requestIdentifier', 'uuid', 'Identifies the request.', null),
  field('signedDate', 'date', 'When the App Store signed it.', null),
  field('environment', 'enum', 'Environment of the subscription.', null, { values: 'environment' }),
];

/** Body of a version 1 notification: plain JSON without a signature, deprecated on 5 June 2023. Source: apple.md section 8. */
export const NOTIFICATION_V1: readonly FieldEntry[] = [
  field('notification_type', 'enum', 'Type of the event.', null, { values: 'notificationTypeV1' }),
  field('environment', 'enum', 'Environment of the event.', null, { values: 'environmentV1' }),
  field('bid', 'string', 'Bundle id of the app.', null),
  field('bvrs', 'string', 'Build of the app.', null),
  field('password', 'string', "The app's shared secret: never shown.", null),
  field('original_transaction_id', 'string', 'Identifies the original purchase.', null),
  field('auto_renew_product_id', 'string', 'Product that will renew.', null),
  field('auto_renew_adam_id', 'string', "Apple's identifier of that product.", null),
  field('auto_renew_status', 'enum', 'Auto-renewal, on or off.', null, { values: 'autoRenewStatusV1' }),
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
  field('environment', 'enum', 'Environment of the purchase.', null, { values: 'environmentV1' }),
  field('latest_receipt', 'string', 'The latest receipt, base64.', null),
  field('latest_receipt_info', 'array', 'The latest purchases, at most 100.', null),
  field('pending_renewal_info', 'array', 'Renewal info of each subscription.', null),
  field('status', 'integer', '0 if the receipt is valid.', null),
];
