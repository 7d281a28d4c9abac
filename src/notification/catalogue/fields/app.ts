import type { FieldEntry } from '../entry.js';
import { field } from '../rows.js';

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
