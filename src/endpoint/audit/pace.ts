/** Most requests a second that an audit sends, whatever the endpoint can take. */
export const MOST_PER_SECOND = 20;

const APART_MS = 1_000 / MOST_PER_SECOND;

export interface PaceDeps {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Gives out turns, each at least 50 ms after the one before: no second holds more than twenty. */
export function createPace({ now, sleep, signal }: PaceDeps): () => Promise<void> {
  let nextMs = 0;
  return async () => {
    const atMs = Math.max(now(), nextMs);
    nextMs = atMs + APART_MS;
    const leftMs = atMs - now();
    // A timer may be a millisecond early.
    if (leftMs > 0) await sleep(leftMs + 1, signal);
  };
}
