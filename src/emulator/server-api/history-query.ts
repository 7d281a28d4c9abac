import { type Json, type JsonObject, parseJsonObject } from '../../jws/json.js';
import { eventsOfType, findEvent } from '../../notification/catalogue/events.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { ServerApiErrorCode } from './errors.js';

/** A request for history, checked. Times are milliseconds since the epoch. */
export interface HistoryQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly type: string | null;
  readonly subtype: string | null;
  readonly transactionId: string | null;
  readonly onlyFailures: boolean;
}

const DAY_MS = 86_400_000;

/**
 * How far back history goes. Docs of June 2025 say 180 days for both; newer text has 30 for the sandbox (apple.md section
 * 6.2, unconfirmed), which is what is taken here: what passes under the stricter rule passes under both.
 */
const WINDOW_MS: Readonly<Record<AppEnvironment, number>> = { Production: 180 * DAY_MS, Sandbox: 30 * DAY_MS };

/** The moment a request is sent and the one it is read differ: a window asked for whole is not to be refused for that. */
const WINDOW_SLACK_MS = 3_600_000;

/** Reads the body of a history request, or says with which error Apple refuses it. */
export function parseHistoryQuery(
  body: Uint8Array,
  environment: AppEnvironment,
  nowMs: number,
): HistoryQuery | ServerApiErrorCode {
  const fields = parseJsonObject(body);
  if (fields === null) return 4000000;
  const { startDate, endDate } = fields;
  if (!isMoment(startDate)) return 4000015;
  if (!isMoment(endDate)) return 4000016;
  const endMs = Math.min(endDate, nowMs);
  if (startDate < nowMs - WINDOW_MS[environment] - WINDOW_SLACK_MS) return 4000012;
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

/** A type alone means all of its subtypes; a subtype needs its type. */
function isKnownPair(type: Json, subtype: Json): boolean {
  if (type === null) return subtype === null;
  if (typeof type !== 'string') return false;
  if (subtype === null) return eventsOfType(type).length > 0;
  return typeof subtype === 'string' && findEvent(type, subtype) !== undefined;
}

function isMoment(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
