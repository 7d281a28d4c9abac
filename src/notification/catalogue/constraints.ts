/** Limits of a field beyond its JSON type. Lengths are in UTF-16 code units. */
export interface Limit {
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
}

/** Constraints of an object beyond the types of its fields. */
export interface FieldConstraints {
  readonly required?: readonly string[];
  readonly limits?: Readonly<Record<string, Limit>>;
  /** Undocumented fields that Apple's library requires to be strings. */
  readonly alsoStrings?: readonly string[];
  /** Documented fields that it does not check where they occur here, so that no type of theirs is refused. */
  readonly unchecked?: readonly string[];
}

/** Seen in transactions and renewal info from devices; Apple documents them for app transactions alone. */
const DEVICE_FIELDS = ['deviceVerification', 'deviceVerificationNonce'];

/**
 * Constraints that Apple's node library 3.1.0 enforces beyond types. They are enforced here too, so that a verdict is never
 * laxer than Apple's. Source: its `dist/models/*.js` and `dist/helper_validation_utils.js`.
 */
export const FIELD_CONSTRAINTS: Readonly<Record<string, FieldConstraints>> = {
  realtimeRequest: {
    required: [
      'originalTransactionId',
      'appAppleId',
      'productId',
      'userLocale',
      'requestIdentifier',
      'signedDate',
      'environment',
    ],
  },
  transaction: { unchecked: DEVICE_FIELDS },
  renewalInfo: { unchecked: DEVICE_FIELDS },
  appTransaction: { alsoStrings: ['environment'], unchecked: ['storeType', 'requestDate'] },
  transactionCommitmentInfo: { limits: { billingPeriodNumber: { min: 1, max: 12 } } },
  advancedCommerceDescriptors: {
    required: ['description', 'displayName'],
    limits: { description: { maxLength: 45 }, displayName: { maxLength: 30 } },
  },
  advancedCommerceOffer: {
    required: ['period', 'periodCount', 'price', 'reason'],
    limits: { periodCount: { min: 1, max: 12 } },
  },
};
