import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';

const HOUR_MS = 3_600_000;

/**
 * Waits between Apple's attempts to deliver one V2 notification: milliseconds, counted from the previous attempt.
 * Production only; the sandbox sends once. Source: docs, "Responding to App Store Server Notifications" (apple.md 1).
 */
export const RETRY_DELAYS_MS: readonly number[] = [1, 12, 24, 48, 72].map((hours) => hours * HOUR_MS);

/** In the spelling of the settings, or in that of Apple's payloads. */
type SenderEnvironment = 'sandbox' | 'production' | 'Sandbox' | 'Production';

/** `afterMs` counts from the attempt that failed; null where none follows. */
export interface Retry {
  readonly retry: boolean;
  readonly afterMs: number | null;
}

const NO_RETRY: Retry = { retry: false, afterMs: null };

/**
 * Whether Apple would send again after an attempt, and after how long. `attempt` counts from 1.
 *
 * The status does not decide: Apple asks endpoints for 40x or 50x when they want a retry and calls every other status outside
 * 200 to 206 unsuccessful as well, so everything but SUCCESS is taken to be sent again [U for 1xx, 3xx and 207 up].
 */
export function appleRetries(
  result: SendAttemptResult,
  _httpStatus: number | null,
  environment: SenderEnvironment,
  attempt: number,
): Retry {
  if (result === 'SUCCESS' || environment.toLowerCase() === 'sandbox') return NO_RETRY;
  const afterMs = RETRY_DELAYS_MS[attempt - 1];
  return afterMs === undefined ? NO_RETRY : { retry: true, afterMs };
}
