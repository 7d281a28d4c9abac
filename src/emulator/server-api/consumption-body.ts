import type { Json, JsonObject } from '../../jws/json.js';
import type { ServerApiErrorCode } from './errors.js';

/** Defect of a consumption request. `name`: Apple's error whose number none of our sources has; answered as 4000000. */
export interface ConsumptionDefect {
  readonly code: ServerApiErrorCode;
  readonly name?: string;
}

/** The transaction that a consumption request is about, as decoded. */
type Transaction = JsonObject;

const SUBSCRIPTION = 'Auto-Renewable Subscription';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Required fields of version 1 that are numbers from 0: the highest, and the error. */
const NUMBERS: readonly (readonly [field: string, highest: number, code: ServerApiErrorCode])[] = [
  ['accountTenure', 7, 4000032],
  ['consumptionStatus', 3, 4000034],
  ['deliveryStatus', 5, 4000036],
  ['lifetimeDollarsPurchased', 7, 4000037],
  ['lifetimeDollarsRefunded', 7, 4000038],
  ['platform', 2, 4000039],
  ['playTime', 7, 4000040],
  ['userStatus', 4, 4000042],
];

/** Highest refundPreference of version 1. */
const HIGHEST_PREFERENCE = 3;

/** Checks a ConsumptionRequestV1; null if it is valid. Unconfirmed: the order of the checks. Source: docs, ConsumptionRequestV1. */
export function checkConsumptionV1(body: JsonObject, { type }: Transaction): ConsumptionDefect | null {
  if (type !== 'Consumable' && type !== SUBSCRIPTION) return { code: 4000047 };
  if (body.customerConsented !== true) return { code: 4000035 };
  const { appAccountToken, sampleContentProvided, refundPreference } = body;
  if (typeof appAccountToken !== 'string' || !(appAccountToken === '' || UUID.test(appAccountToken))) {
    return { code: 4000033 };
  }
  if (typeof sampleContentProvided !== 'boolean') return { code: 4000041 };
  const wrong = NUMBERS.find(([field, highest]) => !isNumberTo(highest, body[field]));
  if (wrong !== undefined) return { code: wrong[2] };
  return refundPreference === undefined || isNumberTo(HIGHEST_PREFERENCE, refundPreference) ? null : { code: 4000044 };
}

function isNumberTo(highest: number, value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= highest;
}

const DELIVERED = 'DELIVERED';

const DELIVERY_STATUSES: readonly Json[] = [
  DELIVERED,
  'UNDELIVERED_QUALITY_ISSUE',
  'UNDELIVERED_WRONG_ITEM',
  'UNDELIVERED_SERVER_OUTAGE',
  'UNDELIVERED_OTHER',
];

const PRORATED = 'GRANT_PRORATED';

const PREFERENCES: readonly Json[] = ['DECLINE', 'GRANT_FULL', PRORATED];

/** All of it, in milliunits of a percent. */
const WHOLE = 100_000;

/** Checks a ConsumptionRequest, version 2; null if it is valid. Unconfirmed: the order of the checks. Source: docs, ConsumptionRequest, consumptionPercentage. */
export function checkConsumptionV2(body: JsonObject, transaction: Transaction): ConsumptionDefect | null {
  if (transaction.inAppOwnershipType === 'FAMILY_SHARED') return { code: 4000185 };
  if (transaction.advancedCommerceInfo !== undefined) return unnumbered('AdvancedCommerceTransactionNotSupportedError');
  if (body.customerConsented !== true) return { code: 4000035 };
  const { deliveryStatus = null, sampleContentProvided, refundPreference } = body;
  if (!DELIVERY_STATUSES.includes(deliveryStatus)) return { code: 4000036 };
  if (typeof sampleContentProvided !== 'boolean') return { code: 4000041 };
  if (refundPreference !== undefined && !PREFERENCES.includes(refundPreference)) return { code: 4000044 };
  return checkPercentage(body, transaction);
}

function checkPercentage(
  { consumptionPercentage: percentage, deliveryStatus, refundPreference }: JsonObject,
  { type }: Transaction,
): ConsumptionDefect | null {
  if (type === SUBSCRIPTION) return percentage === undefined ? null : { code: 4000209 };
  const isProrated = refundPreference === PRORATED;
  if (percentage === undefined) return isProrated ? unnumbered('ConsumptionPercentageOutOfRangeError') : null;
  if (!isNumberTo(WHOLE, percentage)) return unnumbered('ConsumptionPercentageOutOfRangeError');
  if (deliveryStatus !== DELIVERED && percentage !== 0) {
    return unnumbered('UndeliveredConsumptionPercentageNonZeroError');
  }
  return isProrated && (percentage === 0 || percentage === WHOLE)
    ? unnumbered('ConsumptionPercentageOutOfRangeError')
    : null;
}

function unnumbered(name: string): ConsumptionDefect {
  return { code: 4000000, name };
}
