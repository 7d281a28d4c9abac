import { ToolError } from '../errors.js';
import { ServerApiError } from './refusal.js';

export interface RetryState {
  /** Tries made so far that failed, this one included; waits for the rate limit are counted apart. */
  readonly failures: number;
  readonly rateLimits: number;
  readonly nowMs: number;
  /** Moment (ms) the command ends; Infinity where it has no deadline. */
  readonly deadlineMs: number;
  /** From 0 to 1: spreads clients that failed at the same moment. */
  readonly jitter: number;
}

/** Apple names no number: four tries within about seven seconds pass over a hiccup and do not hide a failure. */
const MOST_TRIES = 4;
const FIRST_WAIT_MS = 1_000;
/** A server that keeps answering 429 is obeyed, but not for ever. */
const MOST_RATE_LIMITS = 20;
/** A moment that has passed, as clocks differ, is waited for this long. */
const LEAST_RATE_WAIT_MS = 500;

/**
 * How long (ms) to wait before the same request is made again; null where that is no use, or would end after the deadline.
 * Retried are: no answer at all, 5000000 and 5000001 and other 5xx, what Apple calls retryable, and 429 once its time has come.
 */
export function planRetry(error: unknown, state: RetryState): number | null {
  const wait = error instanceof ServerApiError && error.status === 429 ? rateWait(error, state) : backoff(error, state);
  return wait === null || state.nowMs + wait > state.deadlineMs ? null : wait;
}

function rateWait({ retryAtMs }: ServerApiError, state: RetryState): number | null {
  if (state.rateLimits > MOST_RATE_LIMITS) return null;
  if (retryAtMs === null) return spread(FIRST_WAIT_MS * 2 ** Math.min(state.rateLimits, 6), state.jitter);
  return Math.ceil(Math.max(LEAST_RATE_WAIT_MS, retryAtMs - state.nowMs));
}

function backoff(error: unknown, { failures, jitter }: RetryState): number | null {
  if (failures >= MOST_TRIES || !isPassing(error)) return null;
  return spread(FIRST_WAIT_MS * 2 ** (failures - 1), jitter);
}

/** What took too long already or was too large stays so; a name that does not resolve may be a network that is just waking up. */
function isPassing(error: unknown): boolean {
  if (error instanceof ServerApiError) return error.retryable;
  return error instanceof ToolError && (error.code === 'ERR_HTTP_UNREACHABLE' || error.code === 'ERR_HTTP_TIMEOUT');
}

/** Between half of it and the whole. */
function spread(ms: number, jitter: number): number {
  return Math.round(ms * (0.5 + jitter / 2));
}
