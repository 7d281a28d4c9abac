import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';
import { RETRY_DELAYS_MS } from '../notification/late-arrival.js';

/** Spelled as in the settings or as in Apple's payloads. */
type SenderEnvironment = 'sandbox' | 'production' | 'Sandbox' | 'Production';

/** Decision after an attempt. `afterMs` counts from that attempt; null where no retry follows. */
export interface Retry {
  readonly retry: boolean;
  readonly afterMs: number | null;
}

const NO_RETRY: Retry = { retry: false, afterMs: null };

/**
 * Decides if Apple retries after an attempt, and after which time. `attempt` counts from 1.
 *
 * The status does not decide: Apple asks endpoints for 40x or 50x when they want a retry and calls every other status outside
 * 200 to 206 unsuccessful as well, so every result but SUCCESS is retried [U for 1xx, 3xx and 207 up].
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
