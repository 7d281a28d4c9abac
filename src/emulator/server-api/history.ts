import { type Json, type JsonObject, parseJsonObject } from '../../jws/json.js';
import { eventsOfType, findEvent } from '../../notification/catalogue/events.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import { type NotificationRecord, wasAccepted } from '../delivery/notification-log.js';
import type { ServerApiErrorCode } from './errors.js';
import { openSealedToken, sealToken } from './sealed-token.js';

/** Records on one page. Source: docs, Get Notification History. */
const PAGE_SIZE = 20;

/** One page of records that match a query, oldest first. */
interface SelectedPage {
  readonly page: readonly NotificationRecord[];
  readonly hasMore: boolean;
}

/**
 * Selects the page after this sequence (-1: the first), and reads no further than it must; error 4040010 if no notification has the
 * transaction. `attempted` gives the records after a sequence, oldest first.
 */
export function selectPage(
  attempted: (after: number) => Iterable<NotificationRecord>,
  query: HistoryQuery,
  after: number,
): SelectedPage | ServerApiErrorCode {
  const { transactionId } = query;
  const ofCustomer = transactionId === null ? () => true : customerFilter([...attempted(-1)], transactionId);
  if (ofCustomer === null) return 4040010;
  const page: NotificationRecord[] = [];
  for (const record of attempted(after)) {
    if (!ofCustomer(record) || !matches(record, query)) continue;
    if (page.length === PAGE_SIZE) return { page, hasMore: true };
    page.push(record);
  }
  return { page, hasMore: false };
}

function matches(record: NotificationRecord, { startMs, endMs, type, subtype, onlyFailures }: HistoryQuery): boolean {
  if (record.createdMs < startMs || record.createdMs > endMs) return false;
  if (type !== null && record.notificationType !== type) return false;
  if (subtype !== null && record.subtype !== subtype) return false;
  return !onlyFailures || !wasAccepted(record);
}

/**
 * Filter for all notifications of the customer who owns a transaction. The customer is identified by appTransactionId,
 * or by the original transaction if the payload has none. Null if no notification has this transaction.
 */
function customerFilter(
  records: readonly NotificationRecord[],
  id: string,
): ((record: NotificationRecord) => boolean) | null {
  const named = records.filter((record) => record.transactionId === id || record.originalTransactionId === id);
  if (named.length === 0) return null;
  const originals = new Set(named.map((record) => record.originalTransactionId));
  const customers = new Set(named.map((record) => record.appTransactionId).filter((known) => known !== null));
  return (record) =>
    originals.has(record.originalTransactionId) ||
    (record.appTransactionId !== null && customers.has(record.appTransactionId));
}

/** Record in the API's format. `firstSendAttemptResult` is deprecated, but Apple still sends it. */
export function describeRecord({ signedPayload, attempts }: NotificationRecord): object {
  const sendAttempts = attempts.map(({ attemptDate, sendAttemptResult }) => ({ attemptDate, sendAttemptResult }));
  return { signedPayload, firstSendAttemptResult: attempts[0]?.sendAttemptResult, sendAttempts };
}

/** Validated history request. Times are in milliseconds since the epoch. */
interface HistoryQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly type: string | null;
  readonly subtype: string | null;
  readonly transactionId: string | null;
  readonly onlyFailures: boolean;
}

const DAY_MS = 86_400_000;

/** Age limit of history. A start exactly at the limit is too old by the time it arrives. Source: docs, Get Notification History. */
const WINDOW_MS: Readonly<Record<AppEnvironment, number>> = { Production: 180 * DAY_MS, Sandbox: 30 * DAY_MS };

/** Parses the body of a history request, or returns Apple's error code. */
export function parseHistoryQuery(
  body: Uint8Array,
  environment: AppEnvironment,
  nowMs: number,
): HistoryQuery | ServerApiErrorCode {
  const fields = parseJsonObject(body);
  if (fields === null) return 4000000;
  const { startDate, endDate } = fields;
  if (!isTimestamp(startDate)) return 4000015;
  if (!isTimestamp(endDate)) return 4000016;
  const endMs = Math.min(endDate, nowMs);
  if (startDate < nowMs - WINDOW_MS[environment]) return 4000012;
  if (startDate >= endDate) return 4000013;
  const filters = parseFilters(fields);
  return typeof filters === 'number' ? filters : { startMs: startDate, endMs, ...filters };
}

type Filters = Pick<HistoryQuery, 'type' | 'subtype' | 'transactionId' | 'onlyFailures'>;

function parseFilters(fields: JsonObject): Filters | ServerApiErrorCode {
  const { notificationType: type = null, notificationSubtype: subtype = null, onlyFailures = null } = fields;
  const transactionId = fields.transactionId ?? fields.originalTransactionId ?? null;
  if (onlyFailures !== null && typeof onlyFailures !== 'boolean') return 4000000;
  if (type !== null && transactionId !== null) return 4000019;
  if (!isKnownPair(type, subtype)) return 4000018;
  if (transactionId !== null && !(typeof transactionId === 'string' && /^\d{1,20}$/.test(transactionId)))
    return 4000006;
  return { type, subtype, transactionId, onlyFailures: onlyFailures === true } as Filters;
}

/** A type alone selects all of its subtypes; a subtype requires a type. */
function isKnownPair(type: Json, subtype: Json): boolean {
  if (type === null) return subtype === null;
  if (typeof type !== 'string') return false;
  if (subtype === null) return eventsOfType(type).length > 0;
  return typeof subtype === 'string' && findEvent(type, subtype) !== undefined;
}

function isTimestamp(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Start of the next page of a history. */
interface PagePosition {
  /** Log sequence of the last returned record: records that stop matching in between do not shift the page. */
  readonly after: number;
  /** End of the query as of the first page, so that later records do not appear on later pages. */
  readonly endMs: number;
  readonly issuedMs: number;
}

export interface PageTokens {
  /** Lifetime of a token in milliseconds. Apple documents that tokens expire, not when. */
  readonly lifetimeMs: number;
  /** Secret of this process: tokens of another one are invalid. */
  readonly secret: Uint8Array;
}

/** Issues an opaque token for the next page, valid for the same request body only. */
export function issuePageToken(
  { after, endMs, issuedMs }: PagePosition,
  body: Uint8Array,
  { secret }: PageTokens,
): string {
  return sealToken([after, endMs, issuedMs], body, secret);
}

/** Reads a page token. Error 4000014 if it is invalid or of another request body, 4000017 if it has expired. */
export function readPageToken(
  token: string,
  body: Uint8Array,
  nowMs: number,
  { lifetimeMs, secret }: PageTokens,
): PagePosition | ServerApiErrorCode {
  const values = openSealedToken(token, body, secret);
  if (values === null) return 4000014;
  const [after, endMs, issuedMs] = values as [number, number, number];
  return nowMs - issuedMs > lifetimeMs ? 4000017 : { after, endMs, issuedMs };
}
