import { encodeUriPart } from '../../address/encode.js';
import { type EmulatorResponse, jsonResponse, textResponse } from '../http.js';

/** Errors of the calls served here, with Apple's messages. Source: docs, "Error codes" and the page of each error. */
const SERVER_API_ERRORS = {
  4000000: 'Bad request.',
  4000002: 'Invalid request app identifier.',
  4000005: 'Invalid request revision.',
  4000006: 'Invalid transaction id.',
  4000012: 'Invalid request. The start date is earlier than the allowed start date.',
  4000013: 'Invalid request. The end date precedes the start date or the dates are the same.',
  4000014: 'Invalid request. The pagination token is invalid.',
  4000015: 'Invalid request. The start date is not a timestamp value represented in milliseconds.',
  4000016: 'Invalid request. The end date is not a timestamp value represented in milliseconds.',
  4000017: 'Invalid request. The pagination token is expired.',
  4000018: 'Invalid request. The notification type or subtype is invalid.',
  4000019: 'Invalid request. Supply either a transaction id or a notification type, but not both.',
  4000020: 'Invalid request. The test notification token is invalid.',
  4000021: 'Invalid request. The sort parameter is invalid.',
  4000022: 'Invalid request. The product type parameter is invalid.',
  4000023: 'Invalid request. The product id parameter is invalid.',
  4000024: 'Invalid request. The subscription group identifier parameter is invalid.',
  // Apple's page of this deprecated parameter is not among our sources: worded like its neighbours.
  4000025: 'Invalid request. The exclude revoked parameter is invalid.',
  4000026: 'Invalid request. The in-app ownership type parameter is invalid.',
  4000030: 'Invalid request. The revoked parameter is invalid.',
  4000031: 'Invalid request. The status parameter is invalid.',
  4000032: 'Invalid request. The account tenure field is invalid.',
  4000033: 'Invalid request. The app account token field must contain a valid UUID or an empty string.',
  4000034: 'Invalid request. The consumption status field is invalid.',
  4000035: 'Invalid request. The customer consented field is required and must indicate the customer consented.',
  4000036: 'Invalid request. The delivery status field is invalid.',
  4000037: 'Invalid request. The lifetime dollars purchased field is invalid.',
  4000038: 'Invalid request. The lifetime dollars refunded field is invalid.',
  4000039: 'Invalid request. The platform field is invalid.',
  4000040: 'Invalid request. The playtime field is invalid.',
  4000041: 'Invalid request. The sample content provided field is invalid.',
  4000042: 'Invalid request. The user status field is invalid.',
  4000044: 'Invalid request. The refund preference field is invalid.',
  4000047: "Invalid request. The transaction id doesn't represent a supported in-app purchase type.",
  4000048: "Invalid request. App transactions aren't supported by this endpoint.",
  4000185: "Invalid request. Family Sharing transactions aren't supported by this endpoint.",
  4000209:
    'Invalid request. The consumption percentage field is not supported for auto-renewable subscription transactions.',
  4040001: 'Account not found.',
  4040002: 'Account not found. Please try again.',
  4040003: 'App not found.',
  4040004: 'App not found. Please try again.',
  4040005: 'Original transaction id not found.',
  4040006: 'Original transaction id not found. Please try again.',
  4040007:
    'No App Store Server Notification URL found for provided app. Check that a URL is configured in App Store Connect for this environment.',
  4040008: 'Either the test notification token is expired or the notification and status are not yet available.',
  4040010: 'Transaction id not found.',
  4290000: 'Rate limit exceeded.',
  5000000: 'An unknown error occurred.',
  5000001: 'An unknown error occurred. Please try again.',
} as const;

export type ServerApiErrorCode = keyof typeof SERVER_API_ERRORS;

export function isServerApiErrorCode(code: unknown): code is ServerApiErrorCode {
  return typeof code === 'number' && Object.hasOwn(SERVER_API_ERRORS, code);
}

/** The first three digits of a code are its HTTP status. */
export function errorResponse(
  errorCode: ServerApiErrorCode,
  extra: Pick<EmulatorResponse, 'cause' | 'headers'> = {},
): EmulatorResponse {
  const status = Math.floor(errorCode / 10_000);
  return jsonResponse(status, { errorCode, errorMessage: SERVER_API_ERRORS[errorCode] }, { ...extra, errorCode });
}

/** `Retry-After` is a time in milliseconds since the epoch. Source: docs, "Identifying rate limits". */
export function rateLimitResponse(retryAtMs: number): EmulatorResponse {
  return errorResponse(4290000, { headers: { 'retry-after': String(retryAtMs) } });
}

/** Claims may be long, and clients accept 16 KB of headers. */
const LONGEST_CAUSE = 500;

/** 401 in plain text, as Apple sends it. `cause` goes into the log and a header. */
export function unauthenticated(cause: string, requestId: string): EmulatorResponse {
  return textResponse(401, `Unauthenticated\n\nRequest ID: ${requestId}\n`, {
    cause,
    // Apple gives no reason; storewire's own commands read this header, so that every mistake can be tried out.
    headers: { 'storewire-cause': encodeUriPart(cause.slice(0, LONGEST_CAUSE)) },
  });
}
