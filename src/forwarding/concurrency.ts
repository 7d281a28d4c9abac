/** Counting semaphore; waiters first. Bounds the concurrent deliveries of one or several targets. */
export class Semaphore {
  readonly #limit: number;
  #used = 0;
  readonly #waiters: (() => void)[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Number of callers waiting in {@link Semaphore.acquire}. */
  get waiting(): number {
    return this.#waiters.length;
  }

  get isFull(): boolean {
    return this.#used >= this.#limit;
  }

  /** Takes a slot and returns true, or returns false when all are in use. Each slot is returned once with {@link Semaphore.release}. */
  tryAcquire(): boolean {
    if (this.isFull) return false;
    this.#used += 1;
    return true;
  }

  /** Resolves with a slot; waiters are served in order, before any {@link Semaphore.tryAcquire}. */
  acquire(): Promise<void> {
    if (this.tryAcquire()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) {
      this.#used -= 1;
      this.#notify();
    } else next();
  }

  /** Registers a listener that is called each time a slot becomes free. */
  onAvailable(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Rotates the listeners, so that none starves. */
  #notify(): void {
    const first = this.#listeners.shift();
    if (first !== undefined) this.#listeners.push(first);
    for (const listener of this.#listeners) listener();
  }
}

/** Runs tasks of the same key one after another, others concurrently; a null key never waits. */
export type KeyedMutex = <T>(key: string | null, task: () => Promise<T>) => Promise<T>;

/** Keyed by notificationUUID it makes the second of two concurrent posts a repeat, and gives a target one of them. */
export function createKeyedMutex(): KeyedMutex {
  const lastByKey = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    if (key === null) return task();
    const previous = lastByKey.get(key);
    const current = previous === undefined ? task() : previous.then(task, task);
    lastByKey.set(key, current);
    try {
      return await current;
    } finally {
      if (lastByKey.get(key) === current) lastByKey.delete(key);
    }
  };
}
