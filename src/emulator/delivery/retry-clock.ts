interface RetryClockOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** How many milliseconds of the schedule pass in one. */
  readonly timeScale: number;
  /** Time stands still but for {@link RetryClock.advance}. */
  readonly step: boolean;
}

interface Due {
  readonly atMs: number;
  readonly run: () => Promise<void>;
}

/**
 * The time of the retry schedule, in milliseconds since the start of the emulator: 72 hours need not be waited for.
 * Nothing else runs on it.
 */
export class RetryClock {
  readonly #options: RetryClockOptions;
  readonly #startedMs: number;
  readonly #stopped = new AbortController();
  #skippedMs = 0;
  #due: readonly Due[] = [];
  #wake = new AbortController();
  #watching = false;

  constructor(options: RetryClockOptions) {
    this.#options = options;
    this.#startedMs = options.now();
  }

  /** Never goes back. */
  get elapsedMs(): number {
    const { now, timeScale, step } = this.#options;
    return this.#skippedMs + (step ? 0 : (now() - this.#startedMs) * timeScale);
  }

  /** Has `run` called once `atMs` has come; `run` must not throw. */
  at(atMs: number, run: () => Promise<void>): void {
    this.#due = [...this.#due, { atMs, run }].sort((a, b) => a.atMs - b.atMs);
    if (!this.#options.step) this.#watch();
  }

  /**
   * Lets `ms` pass at once: whatever becomes due is run in order, what that makes due in turn included, and has ended when this
   * resolves. Work that is due at the same moment runs side by side.
   */
  async advance(ms: number): Promise<void> {
    const target = this.elapsedMs + ms;
    for (let next = this.#due[0]; next !== undefined && next.atMs <= target; next = this.#due[0]) {
      this.#skipTo(next.atMs);
      await Promise.all(this.#takeDue(next.atMs).map((due) => due.run()));
      if (this.#stopped.signal.aborted) return;
    }
    this.#skipTo(target);
    this.#wake.abort();
  }

  /** Nothing is run any more. */
  stop(): void {
    this.#due = [];
    this.#stopped.abort();
    this.#wake.abort();
  }

  #skipTo(atMs: number): void {
    this.#skippedMs += Math.max(0, atMs - this.elapsedMs);
  }

  #takeDue(untilMs: number): readonly Due[] {
    const taken = this.#due.filter(({ atMs }) => atMs <= untilMs);
    this.#due = this.#due.filter(({ atMs }) => atMs > untilMs);
    return taken;
  }

  #watch(): void {
    this.#wake.abort();
    if (this.#watching) return;
    void this.#runWhenDue();
  }

  /** Sleeps to the next moment that is due; woken where that may have changed. */
  async #runWhenDue(): Promise<void> {
    const { sleep, timeScale } = this.#options;
    this.#watching = true;
    while (this.#due.length > 0) {
      this.#wake = new AbortController();
      const waitMs = (this.#due[0]!.atMs - this.elapsedMs) / timeScale;
      if (waitMs > 0)
        await sleep(Math.min(Math.ceil(waitMs), LONGEST_SLEEP_MS), this.#wake.signal).catch(() => undefined);
      for (const due of this.#takeDue(this.elapsedMs)) void due.run();
    }
    this.#watching = false;
  }
}

/** Node's timers hold 31 bits and fire at once beyond. */
const LONGEST_SLEEP_MS = 2_147_483_647;
