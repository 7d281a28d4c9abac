const HOUR_MS = 3_600_000;

/**
 * Waits between Apple's attempts to deliver one V2 notification: milliseconds, counted from the previous attempt.
 * Production only; the sandbox sends once. Source: docs, "Responding to App Store Server Notifications" (apple.md 1).
 */
export const RETRY_DELAYS_MS: readonly number[] = [1, 12, 24, 48, 72].map((hours) => hours * HOUR_MS);

/** A notification that arrived long after it was signed. */
export interface LateArrival {
  /** Time from `signedDate` to the arrival. */
  readonly ageMs: number;
  /** Number of Apple's attempt that is due at this age, from 2; null where none is, and outside Production, which is never retried. */
  readonly attempt: number | null;
}

/** Ordinary delays stay far below; Apple's first retry comes after an hour. */
const LATE_MS = 45 * 60_000;

/** Apple's schedule is not kept to the minute; the share covers the delays of the attempts before. */
const TOLERANCE = { ms: 15 * 60_000, share: 0.04 } as const;

/** Ages of Apple's retries: 1, 13, 37, 85 and 157 hours after the first attempt. */
const RETRY_AGES_MS = RETRY_DELAYS_MS.map((_, at) => RETRY_DELAYS_MS.slice(0, at + 1).reduce((sum, ms) => sum + ms, 0));

/** Time until which Apple may attempt to deliver a notification of Production that has had these attempts; null where it sends nothing more. Pure. */
export function retriedUntilMs(attemptsMs: readonly number[], nowMs: number): number | null {
  if (attemptsMs.length === 0 || attemptsMs.length > RETRY_DELAYS_MS.length) return null;
  const untilMs = Math.min(...attemptsMs) + (RETRY_AGES_MS.at(-1) ?? 0);
  return nowMs < untilMs ? untilMs : null;
}

/** Null for a notification that arrived in time, or whose `signedDate` is unknown. Pure. */
export function lateArrival(
  { signedAtMs, environment }: { readonly signedAtMs: number | null; readonly environment: string | null },
  atMs: number,
): LateArrival | null {
  const ageMs = signedAtMs === null ? 0 : atMs - signedAtMs;
  if (!(ageMs >= LATE_MS)) return null;
  if (environment !== 'Production') return { ageMs, attempt: null };
  const at = RETRY_AGES_MS.findIndex(
    (dueMs) => Math.abs(ageMs - dueMs) <= Math.max(TOLERANCE.ms, TOLERANCE.share * dueMs),
  );
  return { ageMs, attempt: at === -1 ? null : at + 2 };
}
