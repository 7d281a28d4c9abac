/** One after another for the same key, side by side for others; null is no key. */
export type Turns = <T>(key: string | null, work: () => Promise<T>) => Promise<T>;

/** Two posts of one notificationUUID at once are a first and a repeat, and a target gets one of them. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    if (key === null) return work();
    const before = last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
