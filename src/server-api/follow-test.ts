import { interrupted } from '../errors.js';
import type { SendAttempt } from '../notification/document.js';
import type { ServerApi } from './client.js';
import { ServerApiError } from './refusal.js';
import { outcomeOf, PENDING, type SentNotification } from './responses.js';

interface FollowOptions {
  readonly api: Pick<ServerApi, 'testStatus'>;
  readonly token: string;
  /** Ask until the outcome is known or the deadline has come; else once. */
  readonly wait: boolean;
  /** Milliseconds between two questions; null: 2 s for the first 20 s, then 10 s. */
  readonly intervalMs: number | null;
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called once for each attempt, when it is first seen; `index` counts from 0. */
  readonly onAttempt: (attempt: SendAttempt, index: number) => void;
  /** Called before each pause, with the milliseconds since the first question. */
  readonly onPending?: (elapsedMs: number) => void;
}

/** What is known of a TEST in the end. */
export interface Followed extends SentNotification {
  /** `SUCCESS`, another sendAttemptResult, or `PENDING`. */
  readonly outcome: string;
}

const NOTHING: SentNotification = { signedPayload: null, sendAttempts: [], firstResult: null };

/**
 * Follows a TEST until something is known. "Not there" means "not yet": Apple has it a while after it was asked for. A rate limit that
 * lasts beyond the deadline leaves it pending, as the token can be asked about later. Throws what `testStatus` throws otherwise.
 */
export async function followTest(options: FollowOptions): Promise<Followed> {
  const startedMs = options.now();
  let seen = 0;
  for (;;) {
    const sent = await askStatus(options);
    sent.sendAttempts.slice(seen).forEach((attempt, index) => {
      options.onAttempt(attempt, seen + index);
    });
    seen = Math.max(seen, sent.sendAttempts.length);
    const outcome = outcomeOf(sent);
    const leftMs = options.deadlineMs - options.now();
    if (outcome !== PENDING || !options.wait || leftMs <= 0) return { ...sent, outcome };
    const elapsedMs = options.now() - startedMs;
    options.onPending?.(elapsedMs);
    await options.sleep(Math.min(leftMs, pauseOf(options, elapsedMs)), options.signal);
    if (options.signal.aborted) throw interrupted('stopped before an answer came');
  }
}

async function askStatus({ api, token }: FollowOptions): Promise<SentNotification> {
  try {
    return (await api.testStatus(token)) ?? NOTHING;
  } catch (error) {
    if (error instanceof ServerApiError && error.status === 429) return NOTHING;
    throw error;
  }
}

/** A slip such as `--interval 0s` must not hammer Apple. */
const LEAST_PAUSE_MS = 100;

/** Most results are there within seconds; the sandbox allows one question in ten seconds on average. Source: apple.md 6.5. */
function pauseOf({ intervalMs }: FollowOptions, elapsedMs: number): number {
  return Math.max(LEAST_PAUSE_MS, intervalMs ?? (elapsedMs < 20_000 ? 2_000 : 10_000));
}
