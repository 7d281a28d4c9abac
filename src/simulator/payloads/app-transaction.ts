import type { JsonObject } from '../../jws/json.js';
import { digitsFrom, uuidFrom } from '../random.js';
import { days } from './period.js';
import type { Scene } from './scene.js';

const DEVICE_VERIFICATION_BYTES = 48;

/** The payload of a signed app transaction: no `signedDate`, its moment is `receiptCreationDate`. */
export function appTransactionPayload({ app, customer, random, eventMs }: Scene): JsonObject {
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
