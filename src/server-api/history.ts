import { createHash } from 'node:crypto';
import { interrupted, ToolError } from '../errors.js';
import { openJws } from '../jws/compact.js';
import { EVENTS, eventsOfType, findEvent } from '../notification/catalogue/events.js';
import type { ServerApi } from './client.js';
import { keepSpacing } from './rate-limits.js';
import { ServerApiError } from './refusal.js';
import type { HistoryBody, HistoryPage, SentNotification } from './responses.js';

interface PagesOptions {
  readonly api: Pick<ServerApi, 'history'>;
  readonly body: HistoryBody;
  /** Minimum time (ms) between requests, to stay below Apple's rate limit. */
  readonly spacingMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called if a page token expired and the history is read from the start again. */
  readonly onRestart: () => void;
}

const TOKEN_EXPIRED = 4000017;

/** Restarts without new notifications before giving up. */
const MOST_RESTARTS = 3;

/**
 * Reads the history page by page. If a page token expires, it starts again and leaves out what was already yielded. Throws what `history`
 * throws, and ToolError (remote) `ERR_HISTORY_LOOP` if paging makes no progress.
 */
export async function* readHistory(options: PagesOptions): AsyncGenerator<readonly SentNotification[]> {
  const yielded = createMemory();
  let restarts = 0;
  let token: string | null = null;
  let requestedMs = Number.NEGATIVE_INFINITY;
  while (!options.signal.aborted) {
    await keepSpacing(requestedMs, options.spacingMs, options);
    requestedMs = options.now();
    const page = await requestPage(options, token);
    if (page === null) {
      restarts += 1;
      if (restarts > MOST_RESTARTS) throw endlessRestarts();
      options.onRestart();
      yielded.startOver();
      token = null;
      continue;
    }
    const fresh = page.items.filter((item) => yielded.add(item));
    if (fresh.length > 0) {
      restarts = 0;
      yield fresh;
    }
    if (page.paginationToken === null) return;
    if (page.paginationToken === token) throw samePage();
    token = page.paginationToken;
  }
  throw interrupted('interrupted before the end of the history');
}

/** Requests a page; null if the page token has expired. */
async function requestPage({ api, body }: PagesOptions, token: string | null): Promise<HistoryPage | null> {
  if (token === null) return api.history(body);
  try {
    return await api.history(body, token);
  } catch (error) {
    if (error instanceof ServerApiError && error.errorCode === TOKEN_EXPIRED) return null;
    throw error;
  }
}

interface Memory {
  /** Records an item; false if it was yielded before the restart. */
  add(item: SentNotification): boolean;
  startOver(): void;
}

/** Counts items by identity, so that an item listed twice is yielded twice, with or without a restart. */
function createMemory(): Memory {
  const counts = new Map<string, number>();
  let repeated = new Map<string, number>();
  return {
    add(item) {
      const identity = identityOf(item);
      const left = repeated.get(identity) ?? 0;
      if (left > 0) repeated.set(identity, left - 1);
      else counts.set(identity, (counts.get(identity) ?? 0) + 1);
      return left === 0;
    },
    startOver() {
      repeated = new Map(counts);
    },
  };
}

/** UUID of the notification; a hash of the bytes if it cannot be decoded. Items without a payload share one identity. */
function identityOf({ signedPayload }: SentNotification): string {
  const { payload } = openJws(signedPayload ?? '', noHeader);
  if (typeof payload?.notificationUUID === 'string') return payload.notificationUUID;
  return createHash('sha256')
    .update(signedPayload ?? '')
    .digest('base64');
}

/** Skips the header, which is 5 KB. */
function noHeader(): string {
  return 'not read';
}

function endlessRestarts(): ToolError {
  const message = `the page token expired ${MOST_RESTARTS + 1} times without new notifications`;
  return new ToolError('remote', 'ERR_HISTORY_LOOP', message, {
    hint: 'Select a shorter period with --since and --until.',
  });
}

function samePage(): ToolError {
  const message = 'Apple returned the same page token twice, so the history cannot be read further';
  return new ToolError('remote', 'ERR_HISTORY_LOOP', message, { hint: 'Try again later.' });
}

/** Filter of a history request. Dates are ms. */
export interface HistoryFilter {
  readonly startMs: number;
  readonly endMs: number;
  /** `DID_RENEW`, or with its subtype `DID_RENEW.BILLING_RECOVERY`; in any letter case. */
  readonly type?: string;
  readonly subtype?: string;
  readonly transactionId?: string;
  readonly onlyFailures: boolean;
}

const DAY_MS = 86_400_000;

/** Days of history that Apple keeps. Source: docs, Get Notification History. */
const MOST_DAYS = { production: 180, sandbox: 30 } as const;

/** A start exactly at the limit is too old when the request arrives (4000012), so it is moved forward by this much. */
const SLACK_MS = 60_000;

/**
 * Builds the body of a history request. An end in the future becomes now, so that pages do not shift while they are read. Throws ToolError
 * (usage) for what Apple rejects: `ERR_HISTORY_DATES`, `ERR_HISTORY_TOO_FAR`, `ERR_HISTORY_FILTERS` (type and transaction id together),
 * `ERR_HISTORY_TYPE` (a subtype without type, or of another type), `ERR_HISTORY_TRANSACTION_ID`. Unknown types are passed on, as Apple adds
 * new ones.
 */
export function planHistory(filter: HistoryFilter, environment: keyof typeof MOST_DAYS, nowMs: number): HistoryBody {
  const { type, subtype } = splitType(filter);
  if (type !== undefined && filter.transactionId !== undefined) {
    throw refusal(
      'FILTERS',
      '--type and --transaction-id cannot be combined',
      'Apple filters by one of them: omit the other.',
    );
  }
  checkPair(type, subtype);
  return {
    ...planDates(filter, environment, nowMs),
    ...(type === undefined ? {} : { notificationType: type }),
    ...(subtype === undefined ? {} : { notificationSubtype: subtype }),
    ...(filter.transactionId === undefined ? {} : { transactionId: checkTransactionId(filter.transactionId) }),
    ...(filter.onlyFailures ? { onlyFailures: true } : {}),
  };
}

/** Types and subtypes in a request that are not in the catalogue. */
export function unknownWords({ notificationType: type, notificationSubtype: subtype }: HistoryBody): readonly string[] {
  if (type === undefined) return [];
  if (eventsOfType(type).length === 0) return [type];
  return subtype === undefined || findEvent(type, subtype) !== undefined ? [] : [`${type}.${subtype}`];
}

function planDates(
  { startMs, endMs }: HistoryFilter,
  environment: keyof typeof MOST_DAYS,
  nowMs: number,
): Pick<HistoryBody, 'startDate' | 'endDate'> {
  const days = MOST_DAYS[environment];
  const oldestMs = nowMs - days * DAY_MS;
  if (startMs < oldestMs - SLACK_MS) {
    const hint = `The oldest available day is ${day(oldestMs)}: pass --since ${days}d or less.`;
    const message = `--since is more than ${days} days ago, and Apple keeps ${days} days in ${environment}`;
    throw refusal('TOO_FAR', message, hint);
  }
  if (startMs >= nowMs) throw refusal('DATES', '--since is in the future', 'Pass a past time, for example 7d.');
  const startDate = Math.floor(Math.max(startMs, oldestMs + SLACK_MS));
  const endDate = Math.floor(Math.min(endMs, nowMs));
  if (startMs >= endMs || startDate >= endDate) {
    throw refusal('DATES', '--since must be before --until', 'For example: --since 7d --until 1d');
  }
  return { startDate, endDate };
}

function splitType({ type, subtype }: HistoryFilter): { readonly type?: string; readonly subtype?: string } {
  const [first, second, ...rest] = type?.split('.') ?? [];
  const joined = second !== undefined;
  if (rest.length > 0 || first === '' || second === '' || (joined && subtype !== undefined)) {
    throw refusal(
      'TYPE',
      `--type "${type}" is not a notification type`,
      'For example: --type DID_RENEW or DID_RENEW.BILLING_RECOVERY',
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
  return types.length === 0 ? '' : `; ${subtype} belongs to ${types.join(', ')}`;
}

function checkTransactionId(text: string): string {
  if (/^\d{1,32}$/.test(text)) return text;
  throw refusal('TRANSACTION_ID', '--transaction-id must be digits', 'Use any transaction id of the customer.');
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function refusal(defect: string, message: string, hint: string): ToolError {
  return new ToolError('usage', `ERR_HISTORY_${defect}`, message, { hint });
}
