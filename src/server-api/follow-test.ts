import { interrupted } from '../errors.js';
import type { SendAttempt } from '../notification/document.js';
import type { ServerApi } from './client.js';
import { ServerApiError } from './refusal.js';
import { outcomeOf, PENDING, type SentNotification } from './responses.js';

interface FollowOptions {
  readonly api: Pick<ServerApi, 'testStatus'>;
  readonly token: string;
  /** Polls until the outcome is known or the deadline is reached; false: one request. */
  readonly wait: boolean;
  /** Polls also while Apple answers "not found", as it does right after the request. */
  readonly waitForUnknown?: boolean;
  /** Polling interval in ms; null: 2 s for the first 20 s, then 10 s. */
  readonly intervalMs: number | null;
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called once per attempt, in order; `index` starts at 0. */
  readonly onAttempt: (attempt: SendAttempt, index: number) => void;
  /** Called before each pause, with the ms since the first request. */
  readonly onPending?: (elapsedMs: number) => void;
}

/** Final state of a TEST. */
export interface TestFollowUp extends SentNotification {
  /** False if the last response was "not found" (4040008). */
  readonly isKnown: boolean;
  /** `SUCCESS`, another sendAttemptResult, or `PENDING`. */
  readonly outcome: string;
}

const NO_STATUS: SentNotification = { signedPayload: null, sendAttempts: [], firstResult: null };

/**
 * Polls the status of a TEST. "Not found" means pending: the status appears some time after the request. A rate limit beyond the deadline
 * leaves it pending as well, as the status can be read later. Throws what `testStatus` throws otherwise.
 */
export async function followTest(options: FollowOptions): Promise<TestFollowUp> {
  const startedMs = options.now();
  let seen = 0;
  for (;;) {
    const found = await readStatus(options);
    const sent = found ?? NO_STATUS;
    const isKnown = found !== null;
    sent.sendAttempts.slice(seen).forEach((attempt, index) => {
      options.onAttempt(attempt, seen + index);
    });
    seen = Math.max(seen, sent.sendAttempts.length);
    const outcome = outcomeOf(sent);
    const leftMs = options.deadlineMs - options.now();
    const isWorthWaiting = options.wait && (isKnown || options.waitForUnknown !== false);
    if (outcome !== PENDING || !isWorthWaiting || leftMs <= 0) return { ...sent, outcome, isKnown };
    const elapsedMs = options.now() - startedMs;
    options.onPending?.(elapsedMs);
    await options.sleep(Math.min(leftMs, pauseOf(options, elapsedMs)), options.signal);
    if (options.signal.aborted) throw interrupted('stopped before a response arrived');
  }
}

/** Null for "not found"; a rate limit says nothing about the TEST. */
async function readStatus({ api, token }: FollowOptions): Promise<SentNotification | null> {
  try {
    return await api.testStatus(token);
  } catch (error) {
    if (error instanceof ServerApiError && error.status === 429) return NO_STATUS;
    throw error;
  }
}

/** Lower limit of the interval, so that `--interval 0s` does not flood Apple. */
const LEAST_PAUSE_MS = 100;

/** Most results arrive within seconds; the sandbox allows one request in ten seconds on average. Source: apple.md 6.5. */
function pauseOf({ intervalMs }: FollowOptions, elapsedMs: number): number {
  return Math.max(LEAST_PAUSE_MS, intervalMs ?? (elapsedMs < 20_000 ? 2_000 : 10_000));
}
