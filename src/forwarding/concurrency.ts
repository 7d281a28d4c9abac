/** So many at a time, and no more: what one or several targets are sent through. */
export class Semaphore {
  readonly #width: number;
  #used = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor(width: number) {
    this.#width = width;
  }

  /** How many wait in {@link Lane.wait}. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#used >= this.#width;
  }

  /** Whether there was room; whoever got in calls {@link Lane.leave} once. */
  enter(): boolean {
    if (this.isFull) return false;
    this.#used += 1;
    return true;
  }

  /** As {@link Lane.enter}, but resolves when there is room: those who wait go before all others. */
  wait(): Promise<void> {
    if (this.enter()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#used -= 1;
      this.#tell();
    } else next();
  }

  /** `listener` is called each time there is room again. */
  onRoom(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Another one first each time: nobody is left out. */
  #tell(): void {
    const first = this.#listeners.shift();
    if (first !== undefined) this.#listeners.push(first);
    for (const listener of this.#listeners) listener();
  }
}

/** One after another for the same key, side by side for others; null is no key. */
export type KeyedMutex = <T>(key: string | null, work: () => Promise<T>) => Promise<T>;

/** Two posts of one notificationUUID at once are a first and a repeat, and a target gets one of them. */
export function createKeyedMutex(): KeyedMutex {
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
