import { encodeUriPart } from '../../address/encode.js';
import { type EmulatorResponse, jsonResponse, textResponse } from '../http.js';

/** Documented errors of the Server API's notification calls. Sources: docs, "Error codes", and observed responses; other messages are not Apple's. */
const SERVER_API_ERRORS = {
  4000000: 'Bad request.',
  4000002: 'The app identifier is invalid.',
  4000006: 'Invalid transaction id.',
  4000012: 'The start date is too far in the past.',
  4000013: 'The start date is not before the end date.',
  4000014: 'The pagination token is invalid.',
  4000015: 'The start date is invalid.',
  4000016: 'The end date is invalid.',
  4000017: 'Invalid request. The pagination token is expired.',
  4000018: 'The notification type or subtype is invalid.',
  4000019: 'The request has more than one filter.',
  4000020: 'The test notification token is invalid.',
  4040001: 'Account not found.',
  4040002: 'Account not found. Please try again.',
  4040003: 'App not found.',
  4040004: 'App not found. Please try again.',
  4040005: 'Original transaction id not found.',
  4040006: 'Original transaction id not found. Please try again.',
  4040007: 'No App Store Server Notifications URL is set for this environment.',
  4040008: 'Either the test notification token is expired or the notification and status are not yet available.',
  4040010: 'Transaction id not found.',
  4290000: 'Rate limit exceeded.',
  5000000: 'A general internal error.',
  5000001: 'A general internal error; try again.',
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
