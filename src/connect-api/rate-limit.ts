import { parseRetryAfter } from '../http/retry-after.js';

/** How many requests one key may make in a rolling hour, and how many are left of them. */
export interface RateLimit {
  readonly perHour: number;
  readonly remaining: number;
}

/**
 * The header `X-Rate-Limit: user-hour-lim:3500;user-hour-rem:500;`; null where it is missing or says something else.
 * Source: developer.apple.com/documentation/appstoreconnectapi, "Identifying Rate Limits".
 */
export function parseRateLimit(header: string | undefined): RateLimit | null {
  const perHour = /(?:^|;)\s*user-hour-lim:(\d+)/.exec(header ?? '')?.[1];
  const remaining = /(?:^|;)\s*user-hour-rem:(\d+)/.exec(header ?? '')?.[1];
  if (perHour === undefined || remaining === undefined) return null;
  return { perHour: Number(perHour), remaining: Number(remaining) };
}

/** Waits before the second and the third try, in ms. */
const BACKOFF_MS: readonly number[] = [1_000, 4_000];
/** A command that stands still for longer than this looks broken: it says what Apple said instead. */
const LONGEST_WAIT_MS = 60_000;

/** One try that gave no answer to use. `status` is null where none came at all (network). */
export interface FailedTry {
  readonly method: 'GET' | 'PATCH';
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** From 1. */
  readonly attempt: number;
  readonly nowMs: number;
}

/**
 * How long to wait before asking again, in ms; null: not at all. A PATCH that may have reached Apple (no answer, or a failure of
 * Apple's) is not sent twice: the caller reads what became of it. A limit that is used up for the hour is not waited for.
 */
export function retryAfterMs({ method, status, headers, attempt, nowMs }: FailedTry): number | null {
  const backoff = BACKOFF_MS[attempt - 1];
  if (backoff === undefined) return null;
  if (status !== 429) return method === 'GET' && (status === null || status >= 500) ? backoff : null;
  const atMs = parseRetryAfter(headers['retry-after'], nowMs);
  if (atMs !== null) return atMs - nowMs <= LONGEST_WAIT_MS ? Math.max(0, atMs - nowMs) : null;
  return parseRateLimit(headers['x-rate-limit'])?.remaining === 0 ? null : backoff;
}
