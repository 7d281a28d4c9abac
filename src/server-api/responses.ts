import { ToolError } from '../errors.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { SendAttempt } from '../notification/document.js';

/** `notificationHistory[]` and the status of a TEST, as far as Apple filled it in. */
export interface SentNotification {
  /** The JWS that was, or is to be, posted; null where the answer has none yet. */
  readonly signedPayload: string | null;
  /** Attempts with a result, as Apple lists them; at most six. */
  readonly sendAttempts: readonly SendAttempt[];
  /** The deprecated `firstSendAttemptResult`: all there is where an answer lists no attempts. */
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

/** The token of a requested TEST: opaque, its shape is not documented. Throws `ERR_API_ANSWER`. */
export function parseTestToken(body: JsonObject, host: string): string {
  const token = body.testNotificationToken;
  if (typeof token === 'string' && token !== '') return token;
  throw unexpectedAnswer(host, 'without testNotificationToken');
}

/** Attempts and payload of one notification. An attempt that has no result yet is left out. */
export function parseSent(value: JsonObject): SentNotification {
  const { sendAttempts, firstSendAttemptResult: first, signedPayload } = value;
  return {
    signedPayload: typeof signedPayload === 'string' && signedPayload !== '' ? signedPayload : null,
    sendAttempts: Array.isArray(sendAttempts) ? sendAttempts.flatMap(parseAttempt) : [],
    firstResult: typeof first === 'string' && first !== '' ? presentName(first) : null,
  };
}

/** Throws `ERR_API_ANSWER` where there is no list, or more to come and no way to ask for it. */
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

export function unexpectedAnswer(host: string, defect: string): ToolError {
  return new ToolError('remote', 'ERR_API_ANSWER', `${host} answered ${defect}, which is not what Apple documents`, {
    hint: 'Check the base address with storewire config; a proxy may answer in its place.',
  });
}

function parseAttempt(value: Json): readonly SendAttempt[] {
  if (!isJsonObject(value)) return [];
  const { attemptDate, sendAttemptResult: result } = value;
  if (typeof result !== 'string' || result === '') return [];
  return [{ attemptDate: typeof attemptDate === 'number' ? attemptDate : 0, sendAttemptResult: presentName(result) }];
}

/** Renamed with version 1.6 of the API. */
function presentName(result: string): string {
  return result === 'SSL_ISSUE' ? 'TLS_ISSUE' : result;
}

/** Nothing is known yet. */
export const PENDING = 'PENDING';

export const SUCCESS = 'SUCCESS';

/**
 * What came of a TEST: SUCCESS where any attempt was one, else the result of the first attempt, else {@link PENDING}. Apple may add
 * results; a word that is not known here is passed on.
 */
export function outcomeOf({ sendAttempts, firstResult }: SentNotification): string {
  const results = sendAttempts.map((attempt) => attempt.sendAttemptResult);
  if (results.includes(SUCCESS)) return SUCCESS;
  return results[0] ?? firstResult ?? PENDING;
}
