/** Most requests a second that an audit sends, whatever the endpoint can take. */
export const MOST_PER_SECOND = 20;

const APART_MS = 1_000 / MOST_PER_SECOND;

export interface PaceDeps {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Gives out turns, each at least 50 ms after the one before was taken: no second holds more than twenty. Counted from when it was taken
 * and not from when it was due, since a timer that wakes late would bring the next ones too close.
 */
export function createPace({ now, sleep, signal }: PaceDeps): () => Promise<void> {
  let nextMs = 0;
  let before: Promise<void> = Promise.resolve();
  const take = async (): Promise<void> => {
    const leftMs = nextMs - now();
    // A timer may be a millisecond early.
    if (leftMs > 0) await sleep(leftMs + 1, signal);
    nextMs = now() + APART_MS;
  };
  return () => {
    before = before.then(take);
    return before;
  };
}
