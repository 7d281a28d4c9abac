import { type Answer, jsonAnswer, textAnswer } from '../http.js';

/** Every error the Server API documents for its notification calls, with a message. Source: apple.md section 6.4; the words are ours. */
const SERVER_API_ERRORS = {
  4000000: 'Bad request.',
  4000002: 'The app identifier is invalid.',
  4000006: 'The transaction identifier is invalid.',
  4000012: 'The start date is too far in the past.',
  4000013: 'The start date is not before the end date.',
  4000014: 'The pagination token is invalid.',
  4000015: 'The start date is invalid.',
  4000016: 'The end date is invalid.',
  4000017: 'The pagination token has expired.',
  4000018: 'The notification type or subtype is invalid.',
  4000019: 'The request has more filters than one.',
  4000020: 'The test notification token is invalid.',
  4040001: 'The account is not found.',
  4040002: 'The account is not found; try again.',
  4040003: 'The app is not found.',
  4040004: 'The app is not found; try again.',
  4040005: 'The original transaction identifier is not found.',
  4040006: 'The original transaction identifier is not found; try again.',
  4040007: 'No App Store Server Notifications URL is set for this environment.',
  4040008: 'The test notification is not found: not there yet, or expired.',
  4040010: 'The transaction identifier is not found.',
  4290000: 'The rate limit is exceeded.',
  5000000: 'A general internal error.',
  5000001: 'A general internal error; try again.',
} as const;

export type ServerApiErrorCode = keyof typeof SERVER_API_ERRORS;

export function isServerApiErrorCode(code: unknown): code is ServerApiErrorCode {
  return typeof code === 'number' && Object.hasOwn(SERVER_API_ERRORS, code);
}

/** The first three digits of a code are its HTTP status. */
export function errorAnswer(errorCode: ServerApiErrorCode, extra: Pick<Answer, 'cause' | 'headers'> = {}): Answer {
  const status = Math.floor(errorCode / 10_000);
  return jsonAnswer(status, { errorCode, errorMessage: SERVER_API_ERRORS[errorCode] }, { ...extra, errorCode });
}

/** `Retry-After` is the moment to try again, in milliseconds since the epoch. Source: apple.md section 6.5. */
export function rateLimitAnswer(retryAtMs: number): Answer {
  return errorAnswer(4290000, { headers: { 'retry-after': String(retryAtMs) } });
}

/** Apple answers in plain text and does not say why. */
export function unauthenticated(cause: string, requestId: string): Answer {
  return textAnswer(401, `Unauthenticated\n\nRequest ID: ${requestId}\n`, {
    cause,
    // Apple never says why; storewire's own commands read it here, so that each mistake can be practised.
    headers: { 'storewire-cause': encodeURIComponent(cause) },
  });
}
