import { createHash } from 'node:crypto';
import { interrupted, ToolError } from '../errors.js';
import { openJws } from '../jws/compact.js';
import { EVENTS, eventsOfType, findEvent } from '../notification/catalogue/events.js';
import type { ServerApi } from './client.js';
import { ServerApiError } from './refusal.js';
import type { HistoryBody, HistoryPage, SentNotification } from './responses.js';

interface PagesOptions {
  readonly api: Pick<ServerApi, 'history'>;
  readonly body: HistoryBody;
  /** Least time (ms) from one request to the next: Apple's limit, kept from our side. */
  readonly spacingMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called when a page token expired and the history is read again from its start. */
  readonly onRestart: () => void;
}

/** Requests a second that Apple allows for history, by environment. Source: apple.md 6.5. */
export const HISTORY_SPACING_MS = { production: 1_000 / 50, sandbox: 1_000 / 5 } as const;

const TOKEN_EXPIRED = 4000017;

/** Starting over without having got any further: as often as this, then it is told. */
const MOST_RESTARTS = 3;

/**
 * The history page by page: the same body each time, and where Apple lets a page token expire, from the start again with what was given
 * already left out. Throws what `history` throws, and `ERR_HISTORY_LOOP` (remote) where pages do not move on.
 */
export async function* readHistory(options: PagesOptions): AsyncGenerator<readonly SentNotification[]> {
  const given = createMemory();
  let restarts = 0;
  let token: string | null = null;
  let askedMs = Number.NEGATIVE_INFINITY;
  while (!options.signal.aborted) {
    await keepSpacing(askedMs, options);
    askedMs = options.now();
    const page = await askPage(options, token);
    if (page === null) {
      restarts += 1;
      if (restarts > MOST_RESTARTS) throw endlessRestarts();
      options.onRestart();
      given.startOver();
      token = null;
      continue;
    }
    const fresh = page.items.filter((item) => given.add(item));
    if (fresh.length > 0) {
      restarts = 0;
      yield fresh;
    }
    if (page.paginationToken === null) return;
    if (page.paginationToken === token) throw samePage();
    token = page.paginationToken;
  }
  throw interrupted('stopped before the end of the history');
}

/** A page, or null where the token has expired. The first page has none that could. */
async function askPage({ api, body }: PagesOptions, token: string | null): Promise<HistoryPage | null> {
  if (token === null) return api.history(body);
  try {
    return await api.history(body, token);
  } catch (error) {
    if (error instanceof ServerApiError && error.errorCode === TOKEN_EXPIRED) return null;
    throw error;
  }
}

interface Memory {
  /** Notes an item; false where it was given before the history was started over. */
  add(item: SentNotification): boolean;
  startOver(): void;
}

/** Counts, and not only notes: a server that lists an item twice is shown as it is, once over and again after starting over. */
function createMemory(): Memory {
  const given = new Map<string, number>();
  let owed = new Map<string, number>();
  return {
    add(item) {
      const identity = identityOf(item);
      const left = owed.get(identity) ?? 0;
      if (left > 0) owed.set(identity, left - 1);
      else given.set(identity, (given.get(identity) ?? 0) + 1);
      return left === 0;
    },
    startOver() {
      owed = new Map(given);
    },
  };
}

/** The UUID, the same for every attempt; what cannot be opened goes by its bytes, and items without payload count as one. */
function identityOf({ signedPayload }: SentNotification): string {
  const { payload } = openJws(signedPayload ?? '', noHeader);
  if (typeof payload?.notificationUUID === 'string') return payload.notificationUUID;
  return createHash('sha256')
    .update(signedPayload ?? '')
    .digest('base64');
}

/** Only the payload is wanted, and headers are 5 KB. */
function noHeader(): string {
  return 'not read';
}

async function keepSpacing(askedMs: number, { spacingMs, now, sleep, signal }: PagesOptions): Promise<void> {
  const waitMs = Math.ceil(askedMs + spacingMs - now());
  if (waitMs > 0) await sleep(waitMs, signal);
}

function endlessRestarts(): ToolError {
  const message = `Apple let the page token expire ${MOST_RESTARTS + 1} times before anything new came`;
  return new ToolError('remote', 'ERR_HISTORY_LOOP', message, {
    hint: 'Ask for a shorter time with --since and --until.',
  });
}

function samePage(): ToolError {
  const message = 'Apple gave the same page token twice, so the history does not move on';
  return new ToolError('remote', 'ERR_HISTORY_LOOP', message, { hint: 'Try again in a while.' });
}

/** What a user asks of the history. Dates are ms. */
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

/** Apple keeps 180 days; newer text says 30 for the sandbox, older does not: what lies between, Apple decides. */
const MOST_DAYS = 180;

/** The oldest moment is gone by the time the request arrives: a start up to this much too early is moved by as much. */
const SLACK_MS = 60_000;

/**
 * The body of a history request; an end in the future becomes now, as Apple takes it, so that pages stand still while they are read. Refuses (usage) what Apple would: `ERR_HISTORY_DATES`, `ERR_HISTORY_TOO_FAR`, `ERR_HISTORY_FILTERS`
 * (type and transaction id together), `ERR_HISTORY_TYPE` (a subtype without type, or of another type), `ERR_HISTORY_TRANSACTION_ID`.
 * A type or subtype that is not in the catalogue goes to Apple as it is: there may be newer ones.
 */
export function planHistory(wish: HistoryFilter, nowMs: number): HistoryBody {
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

function planDates({ startMs, endMs }: HistoryFilter, nowMs: number): Pick<HistoryBody, 'startDate' | 'endDate'> {
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

function splitType({ type, subtype }: HistoryFilter): { readonly type?: string; readonly subtype?: string } {
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
