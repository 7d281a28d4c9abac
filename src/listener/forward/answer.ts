import type { Attempt } from './target.js';

/** The gateway's own statuses: nothing usable came from behind it, or nothing in time. */
const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;

/**
 * What Apple is answered where a target is asked first: the target's own status where Apple reads one in it (200–206 done, 4xx and 5xx
 * again), else 502, as for a target that cannot be reached. 504 where it was too slow. Pure.
 */
export function answerOf({ outcome, httpStatus }: Pick<Attempt, 'outcome' | 'httpStatus'>): number {
  if (outcome === 'timed-out') return GATEWAY_TIMEOUT;
  return httpStatus !== null && appleReads(httpStatus) ? httpStatus : BAD_GATEWAY;
}

function appleReads(status: number): boolean {
  return (status >= 200 && status <= 206) || (status >= 400 && status <= 599);
}
