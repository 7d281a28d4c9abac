/** Requests in flight at most: enough for 20 a second to an endpoint that takes 400 ms. */
const MOST_IN_FLIGHT = 8;

/**
 * Number of requests in flight for an endpoint that took this long for the requests before: few enough that one that handles them one by
 * one still answers each within half of `timeoutMs`.
 */
export function inFlightFor(before: readonly { readonly ms: number }[], timeoutMs: number): number {
  const slowestMs = Math.max(1, ...before.map(({ ms }) => ms));
  return Math.min(MOST_IN_FLIGHT, Math.max(1, Math.floor(timeoutMs / 2 / slowestMs)));
}

/** Prepares job 0, 1, 2 …; null ends them. */
type NextJob = (index: number) => Promise<(() => Promise<void>) | null>;

/**
 * Runs jobs in turn, at most `limit` at a time, until there is none, and resolves when all have ended. After a failure none is
 * started; it is thrown once the others have ended.
 */
export async function keepInFlight(limit: number, next: NextJob): Promise<void> {
  const running = new Set<Promise<void>>();
  try {
    for (let index = 0; ; index += 1) {
      if (running.size >= limit) await Promise.race(running);
      const start = await next(index);
      if (start === null) break;
      const job = start();
      running.add(job);
      const remove = (): void => void running.delete(job);
      job.then(remove, remove);
    }
    await Promise.all(running);
  } finally {
    await Promise.allSettled(running);
  }
}
