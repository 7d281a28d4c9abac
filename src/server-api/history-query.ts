import { ToolError } from '../errors.js';
import { EVENTS, eventsOfType, findEvent } from '../notification/catalogue/events.js';
import type { HistoryBody } from './wire.js';

/** What a user asks of the history. Dates are ms. */
export interface HistoryWish {
  readonly startMs: number;
  readonly endMs: number;
  /** `DID_RENEW`, or with its subtype `DID_RENEW.BILLING_RECOVERY`; in any letter case. */
  readonly type?: string;
  readonly subtype?: string;
  readonly transactionId?: string;
  readonly onlyFailures: boolean;
}

const DAY_MS = 86_400_000;
/** Apple keeps 180 days; newer text says 30 for the sandbox, older does not: what lies between, Apple decides. */
const MOST_DAYS = 180;
/** The oldest moment is gone by the time the request arrives: a start up to this much too early is moved by as much. */
const SLACK_MS = 60_000;

/**
 * The body of a history request; an end in the future becomes now, as Apple takes it, so that pages stand still while they are read. Refuses (usage) what Apple would: `ERR_HISTORY_DATES`, `ERR_HISTORY_TOO_FAR`, `ERR_HISTORY_FILTERS`
 * (type and transaction id together), `ERR_HISTORY_TYPE` (a subtype without type, or of another type), `ERR_HISTORY_TRANSACTION_ID`.
 * A type or subtype that is not in the catalogue goes to Apple as it is: there may be newer ones.
 */
export function planHistory(wish: HistoryWish, nowMs: number): HistoryBody {
  const { type, subtype } = splitType(wish);
  if (type !== undefined && wish.transactionId !== undefined) {
    throw refusal(
      'FILTERS',
      '--type and --transaction-id do not go together: Apple filters by one of them',
      'Leave out one.',
    );
  }
  checkPair(type, subtype);
  return {
    ...planDates(wish, nowMs),
    ...(type === undefined ? {} : { notificationType: type }),
    ...(subtype === undefined ? {} : { notificationSubtype: subtype }),
    ...(wish.transactionId === undefined ? {} : { transactionId: checkTransactionId(wish.transactionId) }),
    ...(wish.onlyFailures ? { onlyFailures: true } : {}),
  };
}

/** Types and subtypes of a request that the catalogue does not hold, as they go to Apple; empty where it knows them. */
export function unknownWords({ notificationType: type, notificationSubtype: subtype }: HistoryBody): readonly string[] {
  if (type === undefined) return [];
  if (eventsOfType(type).length === 0) return [type];
  return subtype === undefined || findEvent(type, subtype) !== undefined ? [] : [`${type}.${subtype}`];
}

function planDates({ startMs, endMs }: HistoryWish, nowMs: number): Pick<HistoryBody, 'startDate' | 'endDate'> {
  const oldestMs = nowMs - MOST_DAYS * DAY_MS;
  if (startMs < oldestMs - SLACK_MS) {
    const hint = `The oldest it has is of ${day(oldestMs)}: give --since ${MOST_DAYS}d or less.`;
    throw refusal('TOO_FAR', `--since lies more than ${MOST_DAYS} days back, and Apple keeps no more`, hint);
  }
  if (startMs >= nowMs)
    throw refusal('DATES', '--since lies in the future', 'Give a moment that has passed, such as 7d.');
  if (startMs >= endMs)
    throw refusal('DATES', '--since must be before --until', 'Give --since 7d --until 1d, for example.');
  return { startDate: Math.floor(Math.max(startMs, oldestMs + SLACK_MS)), endDate: Math.floor(Math.min(endMs, nowMs)) };
}

function splitType({ type, subtype }: HistoryWish): { readonly type?: string; readonly subtype?: string } {
  const [first, second, ...rest] = type?.split('.') ?? [];
  const joined = second !== undefined;
  if (rest.length > 0 || first === '' || second === '' || (joined && subtype !== undefined)) {
    throw refusal(
      'TYPE',
      `--type "${type}" is no notification type`,
      'Write --type DID_RENEW or DID_RENEW.BILLING_RECOVERY.',
    );
  }
  const chosen = second ?? subtype;
  return {
    ...(first === undefined ? {} : { type: first.toUpperCase() }),
    ...(chosen === undefined ? {} : { subtype: chosen.toUpperCase() }),
  };
}

function checkPair(type: string | undefined, subtype: string | undefined): void {
  if (subtype === undefined) return;
  if (type === undefined)
    throw refusal('TYPE', '--subtype needs --type', `Subtypes belong to a type${typesWith(subtype)}.`);
  const isNew = eventsOfType(type).length === 0 || !EVENTS.some((event) => event.subtype === subtype);
  if (isNew || findEvent(type, subtype) !== undefined) return;
  const own = eventsOfType(type).flatMap((event) => event.subtype ?? []);
  const hint = own.length === 0 ? `${type} has no subtypes.` : `${type} has ${own.join(', ')}.`;
  throw refusal('TYPE', `${type} has no subtype ${subtype}${typesWith(subtype)}`, hint);
}

function typesWith(subtype: string): string {
  const types = EVENTS.filter((event) => event.subtype === subtype).map((event) => event.type);
  return types.length === 0 ? '' : `; ${subtype} is one of ${types.join(', ')}`;
}

function checkTransactionId(text: string): string {
  if (/^\d{1,32}$/.test(text)) return text;
  throw refusal('TRANSACTION_ID', '--transaction-id must be digits', 'Any transaction id of the customer will do.');
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function refusal(defect: string, message: string, hint: string): ToolError {
  return new ToolError('usage', `ERR_HISTORY_${defect}`, message, { hint });
}
