import { ToolError } from '../errors.js';
import { createKeyedMutex, type KeyedMutex, type Semaphore } from './concurrency.js';
import { DueQueue, type QueuedDelivery } from './due-queue.js';
import { CircuitBreaker, nextRetryAt } from './retry.js';
import type { DeliveryAttempt, ForwardedNotification, Target } from './target.js';

/** Context shared by the queues of one forwarder. */
export interface TargetQueueContext {
  readonly options: ForwarderOptions;
  /** Aborts when no further delivery may start. */
  readonly closing: AbortSignal;
  /** Aborts the deliveries in flight. */
  readonly aborting: AbortSignal;
  /** Called when a queue may have become idle. */
  readonly onIdle: () => void;
}

/** Node's timers hold 31 bits; longer ones fire at once. */
const MAX_SLEEP_MS = 2_147_483_647;

/** Queue of pending deliveries to one target: in order of due time, with bounded concurrency and a circuit breaker. */
export class TargetQueue {
  readonly target: Target;
  readonly #context: TargetQueueContext;
  readonly #semaphore: Semaphore;
  readonly #queue = new DueQueue();
  readonly #breaker: CircuitBreaker;
  readonly #mutex: KeyedMutex = createKeyedMutex();
  #inFlight = 0;
  #timer: { readonly atMs: number; readonly cancel: AbortController } | null = null;

  constructor(target: Target, semaphore: Semaphore, context: TargetQueueContext) {
    this.target = target;
    this.#semaphore = semaphore;
    this.#context = context;
    this.#breaker = new CircuitBreaker(target.name, context.options.onNotice);
    semaphore.onAvailable(() => this.#startDue());
    context.closing.addEventListener('abort', () => this.#timer?.cancel.abort(), { once: true });
  }

  /** Number of pending deliveries, including those in flight. */
  get pending(): number {
    return this.#queue.size + this.#inFlight;
  }

  /** No delivery is in flight; queued ones are not due, or wait for a paused target or the next run. */
  get isIdle(): boolean {
    const { options, closing } = this.#context;
    return this.#inFlight === 0 && (closing.aborted || this.#breaker.isOpen || this.#queue.nextDueMs > options.now());
  }

  enqueue(delivery: QueuedDelivery): void {
    this.#queue.add(delivery);
    this.#startDue();
  }

  /**
   * Makes and records one attempt, after any other of the same notification; resolves with null if `isPending` then says no. The record is
   * part of the turn: otherwise the next attempt of the notification would start before the acceptance of this one is known.
   */
  async attempt(
    notification: ForwardedNotification,
    number: number,
    isPending: () => boolean,
    record: (attempt: DeliveryAttempt) => Promise<void>,
  ): Promise<DeliveryAttempt | null> {
    const { options, closing, aborting } = this.#context;
    return this.#mutex(notification.uuid, async () => {
      if (closing.aborted || !isPending()) return null;
      const attempt = await options.send(this.target, notification, number, aborting);
      await record(attempt);
      return attempt;
    });
  }

  /** Starts due deliveries up to the concurrency limit, and sets the timer for the next one. */
  #startDue(): void {
    const { options, closing } = this.#context;
    while (!closing.aborted && this.#breaker.allows(options.now())) {
      if (this.#semaphore.isFull) return;
      if (!this.#isDue()) break;
      this.#semaphore.tryAcquire();
      this.#start(this.#queue.take()!);
    }
    this.#setTimer();
    if (this.#inFlight === 0) this.#context.onIdle();
  }

  /** True if a delivery is due; drops those accepted meanwhile through a repeat or `replay`. */
  #isDue(): boolean {
    const { now, isAccepted } = this.#context.options;
    while (this.#queue.nextDueMs <= now()) {
      if (!isAccepted(this.#queue.nextRef!, this.target.name)) return true;
      this.#queue.take();
    }
    return false;
  }

  #start(delivery: QueuedDelivery): void {
    const isProbe = this.#breaker.start();
    this.#inFlight += 1;
    void this.#deliver(delivery, isProbe).finally(() => {
      this.#inFlight -= 1;
      if (isProbe) this.#breaker.endProbe();
      this.#semaphore.release();
      this.#context.onIdle();
    });
  }

  async #deliver({ ref, attempts, dueAtMs }: QueuedDelivery, isProbe: boolean): Promise<void> {
    const { now, isAccepted, random } = this.#context.options;
    const notification = await this.#load(ref);
    if (notification === null) return;
    const number = attempts + 1;
    const record = async (attempt: DeliveryAttempt): Promise<void> => {
      const nextAtMs = nextRetryAt(attempt, number, now(), randomFraction(random));
      this.#breaker.record(attempt, { isProbe, nowMs: now(), queued: this.#queue.size + (nextAtMs === null ? 0 : 1) });
      await this.record(ref, notification, number, attempt, nextAtMs);
      if (nextAtMs !== null) this.#queue.add({ ref, attempts: number, dueAtMs: nextAtMs });
    };
    const isPending = (): boolean => !isAccepted(ref, this.target.name);
    const attempt = await this.attempt(notification, number, isPending, record).catch(ignoreInterruption);
    if (attempt === null && this.#context.closing.aborted) this.#queue.add({ ref, attempts, dueAtMs });
  }

  /** A notification that cannot be read stays pending in the journal, for the next run. */
  async #load(ref: number): Promise<ForwardedNotification | null> {
    const { load, onNotice } = this.#context.options;
    try {
      return await load(ref);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      onNotice(error.code, `a notification for ${this.target.name} cannot be read: ${error.message}`);
      return null;
    }
  }

  /** Reports an attempt. A journal error becomes a notice, and does not change the pending deliveries. */
  async record(
    ref: number | null,
    notification: ForwardedNotification,
    number: number,
    attempt: DeliveryAttempt,
    nextAtMs: number | null,
  ): Promise<void> {
    const { onAttempt, onNotice } = this.#context.options;
    try {
      await onAttempt(ref, this.target.name, number, attempt, { final: nextAtMs === null, nextAtMs, notification });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      onNotice(error.code, `the response of ${this.target.name} was not recorded: ${error.message}`);
    }
  }

  #setTimer(): void {
    const { closing, options } = this.#context;
    const atMs = Math.max(this.#queue.nextDueMs, this.#breaker.pausedUntilMs);
    if (closing.aborted || atMs === Number.POSITIVE_INFINITY || (this.#timer !== null && this.#timer.atMs <= atMs))
      return;
    this.#timer?.cancel.abort();
    const timer = { atMs, cancel: new AbortController() };
    this.#timer = timer;
    const waitMs = Math.min(Math.max(0, Math.ceil(atMs - options.now())), MAX_SLEEP_MS);
    void options.sleep(waitMs, timer.cancel.signal).then(() => {
      if (this.#timer !== timer) return;
      this.#timer = null;
      this.#startDue();
    });
  }
}

/** An attempt interrupted by the stop counts as not made. */
function ignoreInterruption(error: unknown): null {
  if (error instanceof ToolError && error.kind === 'interrupted') return null;
  throw error;
}

/** Random number between 0 and 1. */
function randomFraction(random: (bytes: number) => Uint8Array): number {
  const [high = 0, low = 0] = random(2);
  return (256 * high + low) / 65_535;
}

/** Follow-up of an attempt. */
export interface AttemptFollowUp {
  /** No further automatic attempt. */
  readonly final: boolean;
  readonly nextAtMs: number | null;
  readonly notification: ForwardedNotification;
}

export interface ForwarderOptions {
  readonly targets: readonly Target[];
  /** Loads a notification; null drops the delivery. A ToolError becomes a notice and leaves the delivery to the next run. */
  readonly load: (ref: number) => Promise<ForwardedNotification | null>;
  /** True if the target has accepted the notification, through any receipt. Called before each attempt. */
  readonly isAccepted: (ref: number, target: string) => boolean;
  /** Awaited before the next attempt of the same notification. `ref` is null if {@link Forwarder.deliverNow} was called without one. */
  readonly onAttempt: (
    ref: number | null,
    target: string,
    number: number,
    attempt: DeliveryAttempt,
    followUp: AttemptFollowUp,
  ) => Promise<void>;
  /** Notice for the user; may quote a peer. Codes: `TARGET_RESTS`, `TARGET_BACK`, or that of an error. */
  readonly onNotice: (code: string, message: string) => void;
  /** Makes one attempt, as `forwardOnce` does; rejects with ToolError (interrupted) when the signal aborts. */
  readonly send: (
    target: Target,
    notification: ForwardedNotification,
    number: number,
    signal: AbortSignal,
  ) => Promise<DeliveryAttempt>;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
}
