import { ToolError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { SendAttempt } from '../notification/document.js';

/** An entry of `notificationHistory[]`, or the status of a TEST. */
export interface SentNotification {
  /** The JWS sent or to be sent; null if the response has none yet. */
  readonly signedPayload: string | null;
  /** Attempts with a result, in Apple's order; at most six. */
  readonly sendAttempts: readonly SendAttempt[];
  /** The deprecated `firstSendAttemptResult`, for responses without a list of attempts. */
  readonly firstResult: string | null;
}

/** One page of history. `paginationToken` is null on the last one. */
export interface HistoryPage {
  readonly items: readonly SentNotification[];
  readonly paginationToken: string | null;
}

/** The body of a history request, Apple's spelling; dates are ms. */
export interface HistoryBody {
  readonly startDate: number;
  readonly endDate: number;
  readonly notificationType?: string;
  readonly notificationSubtype?: string;
  readonly transactionId?: string;
  readonly onlyFailures?: boolean;
}

/** Reads the token of a requested TEST; its format is not documented. Throws `ERR_API_ANSWER`. */
export function parseTestToken(body: JsonObject, host: string): string {
  const token = body.testNotificationToken;
  if (typeof token === 'string' && token !== '') return token;
  throw unexpectedAnswer(host, 'without testNotificationToken');
}

/** Reads attempts and payload of one notification; omits attempts without a result. */
export function parseSent(value: JsonObject): SentNotification {
  const { sendAttempts, firstSendAttemptResult: first, signedPayload } = value;
  return {
    signedPayload: typeof signedPayload === 'string' && signedPayload !== '' ? signedPayload : null,
    sendAttempts: Array.isArray(sendAttempts) ? sendAttempts.flatMap(parseAttempt) : [],
    firstResult: typeof first === 'string' && first !== '' ? currentName(first) : null,
  };
}

/** Reads one page. Throws `ERR_API_ANSWER` if the list is missing, or the token of a further page. */
export function parseHistoryPage(body: JsonObject, host: string): HistoryPage {
  const { notificationHistory: history, hasMore, paginationToken: token } = body;
  if (history !== undefined && !Array.isArray(history)) throw unexpectedAnswer(host, 'without notificationHistory');
  if (history === undefined && hasMore !== false) throw unexpectedAnswer(host, 'without notificationHistory');
  const next = typeof token === 'string' && token !== '' ? token : null;
  if (hasMore === true && next === null) throw unexpectedAnswer(host, 'with hasMore and no paginationToken');
  return {
    items: (history ?? []).filter(isJsonObject).map(parseSent),
    paginationToken: hasMore === true ? next : null,
  };
}

export function unexpectedAnswer(
  host: string,
  defect: string,
  hint = 'Check the base address in storewire config; a proxy may have answered.',
): ToolError {
  return new ToolError('remote', 'ERR_API_ANSWER', `unexpected response from ${host}: answered ${defect}`, { hint });
}

function parseAttempt(value: Json): readonly SendAttempt[] {
  if (!isJsonObject(value)) return [];
  const { attemptDate, sendAttemptResult: result } = value;
  if (typeof result !== 'string' || result === '') return [];
  return [{ attemptDate: typeof attemptDate === 'number' ? attemptDate : 0, sendAttemptResult: currentName(result) }];
}

/** Maps SSL_ISSUE to TLS_ISSUE, its name since API 1.6. */
function currentName(result: string): string {
  return result === 'SSL_ISSUE' ? 'TLS_ISSUE' : result;
}

/** Outcome of a TEST without a result. */
export const PENDING = 'PENDING';

export const SUCCESS = 'SUCCESS';

/**
 * Outcome of a TEST: SUCCESS if any attempt succeeded, else the result of the first attempt, else {@link PENDING}. Unknown results are
 * passed on, as Apple may add some.
 */
export function outcomeOf({ sendAttempts, firstResult }: SentNotification): string {
  const results = sendAttempts.map((attempt) => attempt.sendAttemptResult);
  if (results.includes(SUCCESS)) return SUCCESS;
  return results[0] ?? firstResult ?? PENDING;
}
