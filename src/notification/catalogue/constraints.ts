/** What a field must hold beyond its JSON type. Lengths are in UTF-16 code units, as JavaScript counts them. */
export interface Limit {
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
}

/** What an object must hold beyond the types of the fields it has. */
export interface FieldConstraints {
  readonly required?: readonly string[];
  readonly limits?: Readonly<Record<string, Limit>>;
  /** Strings that Apple's library checks although no documentation has the field. */
  readonly alsoStrings?: readonly string[];
}

/**
 * What Apple's node library 3.1.0 refuses beyond wrong types: what it refuses we refuse, so that a verdict of ours is never
 * laxer. Source: its `dist/models/*.js` and `dist/helper_validation_utils.js`.
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
  appTransaction: { alsoStrings: ['environment'] },
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
