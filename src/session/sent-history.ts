import { momentOf, type Since } from '../cli/options.js';
import type { Reporter } from '../cli/reporter.js';
import type { VerifiedDocument } from '../notification/verified-document.js';
import { planHistory, readHistory, unknownWords } from '../server-api/history.js';
import { spacingOf } from '../server-api/rate-limits.js';
import type { HistoryBody, SentNotification } from '../server-api/responses.js';
import type { Environment } from '../settings/setting.js';
import { openServer, openServerSettings, requireEnvironment, type ServerDeps, type ServerFlags } from './server.js';

/** The query of Apple's history, and the flags of the API. */
export interface SentHistoryFlags extends ServerFlags {
  readonly environment?: string;
  /** Seven days where left out. */
  readonly since?: Since;
  readonly until?: Since;
  readonly type?: string;
  readonly subtype?: string;
  readonly transactionId?: string;
  readonly onlyFailures: boolean;
}

/** The result of one query. */
export interface SentHistory {
  readonly body: HistoryBody;
  readonly environment: Environment;
  /** Page by page, until the end or the deadline (Infinity for none). Throws what {@link readHistory} throws. */
  pages(deadlineMs: number, body?: HistoryBody): AsyncGenerator<readonly SentNotification[]>;
  /** Verifies one notification. */
  verify(item: SentNotification): VerifiedDocument;
}

const DEFAULT_SINCE: Since = { agoMs: 7 * 86_400_000 };

/** Prepares the query; prints warnings, sends no request. Throws the errors of `planHistory` and of `openServer`. */
export async function openSentHistory(
  flags: SentHistoryFlags,
  notes: Reporter,
  deps: ServerDeps,
): Promise<SentHistory> {
  const nowMs = deps.now();
  const open = openServerSettings(flags, flags.environment, deps);
  const environment = requireEnvironment(open, deps);
  const body = planHistory(queryOf(flags, nowMs), environment, nowMs);
  const server = await openServer(open, [environment], flags, deps);
  for (const word of unknownWords(body)) notes.say(`${word} is unknown to this version; Apple decides.`);
  const { now, sleep, signal } = deps;
  return {
    body,
    environment,
    pages: (deadlineMs, other = body) =>
      readHistory({
        api: server.connect(environment, deadlineMs, notes.waiting),
        body: other,
        spacingMs: spacingOf('notificationHistory', environment),
        now,
        sleep,
        signal,
        onRestart: () => notes.say('The page token has expired: reading from the start again, past what was shown.'),
      }),
    verify: ({ signedPayload, sendAttempts }) =>
      server.verify(signedPayload ?? '', environment, 'history', sendAttempts),
  };
}

function queryOf({ since, until, ...rest }: SentHistoryFlags, nowMs: number): Parameters<typeof planHistory>[0] {
  const { type, subtype, transactionId, onlyFailures } = rest;
  return {
    startMs: momentOf(since ?? DEFAULT_SINCE, nowMs),
    endMs: until === undefined ? nowMs : momentOf(until, nowMs),
    onlyFailures,
    ...(type === undefined ? {} : { type }),
    ...(subtype === undefined ? {} : { subtype }),
    ...(transactionId === undefined ? {} : { transactionId }),
  };
}
