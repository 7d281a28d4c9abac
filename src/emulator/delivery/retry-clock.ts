interface RetryClockOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Speed as a multiple of real time. */
  readonly timeScale: number;
  /** The clock moves only by {@link RetryClock.advance}. */
  readonly step: boolean;
}

interface Job {
  readonly atMs: number;
  readonly run: () => Promise<void>;
}

/**
 * Virtual clock of the retry schedule, in milliseconds since the start of the emulator, so that tests need not wait for
 * 72 hours. Retries and repeated consumption requests use it; everything else has the real clock.
 */
export class RetryClock {
  readonly #options: RetryClockOptions;
  readonly #startedMs: number;
  readonly #stopped = new AbortController();
  #skippedMs = 0;
  /** By time; of equal ones the older first. */
  #due: Job[] = [];
  #wake = new AbortController();
  #watching = false;

  constructor(options: RetryClockOptions) {
    this.#options = options;
    this.#startedMs = options.now();
  }

  /** Monotonic. */
  get elapsedMs(): number {
    const { now, timeScale, step } = this.#options;
    return this.#skippedMs + (step ? 0 : (now() - this.#startedMs) * timeScale);
  }

  /** Schedules `run` for `atMs`, and returns a function that cancels it; `run` must not throw. */
  at(atMs: number, run: () => Promise<void>): () => void {
    const job = { atMs, run };
    this.#due.splice(this.#indexAfter(atMs), 0, job);
    if (!this.#options.step) this.#watch();
    return () => {
      const index = this.#due.indexOf(job);
      if (index !== -1) this.#due.splice(index, 1);
    };
  }

  /**
   * Advances the clock by `ms`: runs due jobs in order, those they schedule included, and resolves when all have
   * finished. Jobs of the same time run in parallel.
   */
  async advance(ms: number): Promise<void> {
    const target = this.elapsedMs + ms;
    for (let next = this.#due[0]; next !== undefined && next.atMs <= target; next = this.#due[0]) {
      this.#skipTo(next.atMs);
      await Promise.all(this.#takeDue(next.atMs).map((job) => job.run()));
      if (this.#stopped.signal.aborted) return;
    }
    this.#skipTo(target);
    this.#wake.abort();
  }

  /** Cancels all jobs. */
  stop(): void {
    this.#due = [];
    this.#stopped.abort();
    this.#wake.abort();
  }

  #skipTo(atMs: number): void {
    this.#skippedMs += Math.max(0, atMs - this.elapsedMs);
  }

  #takeDue(untilMs: number): readonly Job[] {
    return this.#due.splice(0, this.#indexAfter(untilMs));
  }

  /** Number of jobs until `atMs`, by binary search. */
  #indexAfter(atMs: number): number {
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#due[middle]!.atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #watch(): void {
    this.#wake.abort();
    if (this.#watching) return;
    void this.#runWhenDue();
  }

  /** Sleeps until the next job; woken when the schedule changes. */
  async #runWhenDue(): Promise<void> {
    const { sleep, timeScale } = this.#options;
    this.#watching = true;
    while (this.#due.length > 0) {
      this.#wake = new AbortController();
      const waitMs = (this.#due[0]!.atMs - this.elapsedMs) / timeScale;
      if (waitMs > 0)
        await sleep(Math.min(Math.ceil(waitMs), LONGEST_SLEEP_MS), this.#wake.signal).catch(() => undefined);
      for (const job of this.#takeDue(this.elapsedMs)) void job.run();
    }
    this.#watching = false;
  }
}

/** Maximum of Node's timers: a longer one fires immediately. */
const LONGEST_SLEEP_MS = 2_147_483_647;
