import type { SentNotification } from './wire.js';

/** Nothing is known yet. */
export const PENDING = 'PENDING';
export const SUCCESS = 'SUCCESS';

/**
 * What came of a TEST: SUCCESS where any attempt was one, else the result of the first attempt, else {@link PENDING}. Apple may add
 * results; a word that is not known here is passed on.
 */
export function outcomeOf({ sendAttempts, firstResult }: SentNotification): string {
  const results = sendAttempts.map((attempt) => attempt.sendAttemptResult);
  if (results.includes(SUCCESS)) return SUCCESS;
  return results[0] ?? firstResult ?? PENDING;
}
