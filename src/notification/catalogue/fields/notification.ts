import type { FieldEntry } from '../entry.js';
import { field } from '../rows.js';

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
