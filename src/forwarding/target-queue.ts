import { ToolError } from '../errors.js';
import { createKeyedMutex, type KeyedMutex, type Semaphore } from './concurrency.js';
import { DueQueue, type QueuedDelivery } from './due-queue.js';
import { CircuitBreaker, nextRetryAt } from './retry.js';
import type { DeliveryAttempt, ForwardedNotification, Target } from './target.js';

/** What the outboxes of one forwarder share. */
export interface TargetQueueContext {
  readonly options: ForwarderOptions;
  /** Aborts when nothing new may be started. */
  readonly closing: AbortSignal;
  /** Aborts what is under way. */
  readonly breakingOff: AbortSignal;
  /** Called when an outbox may have become quiet. */
  readonly onQuiet: () => void;
}

/** Node's timers hold 31 bits and fire at once beyond. */
const LONGEST_SLEEP_MS = 2_147_483_647;

/** What is owed to one target, and its way there: in order of what is due, so many at a time, one alone where it has to be probed. */
export class TargetQueue {
  readonly target: Target;
  readonly #post: TargetQueueContext;
  readonly #lane: Semaphore;
  readonly #queue = new DueQueue();
  readonly #rest: CircuitBreaker;
  readonly #inTurn: KeyedMutex = createKeyedMutex();
  #underWay = 0;
  #alarm: { readonly atMs: number; readonly cancel: AbortController } | null = null;

  constructor(target: Target, lane: Semaphore, post: TargetQueueContext) {
    this.target = target;
    this.#lane = lane;
    this.#post = post;
    this.#rest = new CircuitBreaker(target.name, post.options.onNotice);
    lane.onRoom(() => this.#pump());
    post.closing.addEventListener('abort', () => this.#alarm?.cancel.abort(), { once: true });
  }

  /** Deliveries that are owed, those under way among them. */
  get owed(): number {
    return this.#queue.size + this.#underWay;
  }

  /** Nothing is under way, and what waits is not due, or waits for the target or the next run. */
  get isQuiet(): boolean {
    const { options, closing } = this.#post;
    return this.#underWay === 0 && (closing.aborted || this.#rest.isOn || this.#queue.nextDueMs > options.now());
  }

  enqueue(owed: QueuedDelivery): void {
    this.#queue.add(owed);
    this.#pump();
  }

  /** One attempt, after any other at the same notification; comes back null where it was not to be made any more. */
  async attempt(
    parcel: ForwardedNotification,
    number: number,
    mayStart: () => boolean,
  ): Promise<DeliveryAttempt | null> {
    const { options, closing, breakingOff } = this.#post;
    return this.#inTurn(parcel.uuid, async () => {
      if (closing.aborted || !mayStart()) return null;
      return options.send(this.target, parcel, number, breakingOff);
    });
  }

  /** Starts all that is due and has room, and sets the alarm for what comes next. */
  #pump(): void {
    const { options, closing } = this.#post;
    while (!closing.aborted && this.#rest.mayStart(options.now())) {
      if (this.#lane.isFull) return;
      if (!this.#isDue()) break;
      this.#lane.enter();
      this.#start(this.#queue.take()!);
    }
    this.#setAlarm();
    if (this.#underWay === 0) this.#post.onQuiet();
  }

  /** Whether one is due now; those that were accepted meanwhile, by way of a repeat or of `replay`, are dropped. */
  #isDue(): boolean {
    const { now, isAccepted } = this.#post.options;
    while (this.#queue.nextDueMs <= now()) {
      if (!isAccepted(this.#queue.nextRef!, this.target.name)) return true;
      this.#queue.take();
    }
    return false;
  }

  #start(owed: QueuedDelivery): void {
    const isProbe = this.#rest.begin();
    this.#underWay += 1;
    void this.#deliver(owed, isProbe).finally(() => {
      this.#underWay -= 1;
      if (isProbe) this.#rest.endProbe();
      this.#lane.leave();
      this.#post.onQuiet();
    });
  }

  async #deliver({ ref, attempts, dueAtMs }: QueuedDelivery, isProbe: boolean): Promise<void> {
    const { now, isAccepted, random } = this.#post.options;
    const parcel = await this.#load(ref);
    if (parcel === null) return;
    const number = attempts + 1;
    const isOpen = (): boolean => !isAccepted(ref, this.target.name);
    const attempt = await this.attempt(parcel, number, isOpen).catch(ignoreInterruption);
    if (attempt === null) return void (this.#post.closing.aborted && this.#queue.add({ ref, attempts, dueAtMs }));
    const nextAtMs = nextRetryAt(attempt, number, now(), chanceFrom(random));
    this.#rest.hear(attempt, { isProbe, nowMs: now(), waiting: this.#queue.size + (nextAtMs === null ? 0 : 1) });
    await this.record(ref, parcel, number, attempt, nextAtMs);
    if (nextAtMs !== null) this.#queue.add({ ref, attempts: number, dueAtMs: nextAtMs });
  }

  /** What cannot be read now stays owed in the journal, for the next run. */
  async #load(ref: number): Promise<ForwardedNotification | null> {
    const { load, onNotice } = this.#post.options;
    try {
      return await load(ref);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      onNotice(error.code, `a notification for ${this.target.name} cannot be read: ${error.message}`);
      return null;
    }
  }

  /** Tells of an attempt; a journal that fails is told, and changes nothing about what is owed. */
  async record(
    ref: number | null,
    parcel: ForwardedNotification,
    number: number,
    attempt: DeliveryAttempt,
    nextAtMs: number | null,
  ): Promise<void> {
    const { onAttempt, onNotice } = this.#post.options;
    try {
      await onAttempt(ref, this.target.name, number, attempt, { final: nextAtMs === null, nextAtMs, parcel });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      onNotice(error.code, `what ${this.target.name} answered is not recorded: ${error.message}`);
    }
  }

  #setAlarm(): void {
    const { closing, options } = this.#post;
    const atMs = Math.max(this.#queue.nextDueMs, this.#rest.untilMs);
    if (closing.aborted || atMs === Number.POSITIVE_INFINITY || (this.#alarm !== null && this.#alarm.atMs <= atMs))
      return;
    this.#alarm?.cancel.abort();
    const alarm = { atMs, cancel: new AbortController() };
    this.#alarm = alarm;
    const waitMs = Math.min(Math.max(0, Math.ceil(atMs - options.now())), LONGEST_SLEEP_MS);
    void options.sleep(waitMs, alarm.cancel.signal).then(() => {
      if (this.#alarm !== alarm) return;
      this.#alarm = null;
      this.#pump();
    });
  }
}

/** Stopped by us: it is as if it had not been tried. */
function ignoreInterruption(error: unknown): null {
  if (error instanceof ToolError && error.kind === 'interrupted') return null;
  throw error;
}

/** From 0 to 1. */
function chanceFrom(random: (bytes: number) => Uint8Array): number {
  const [high = 0, low = 0] = random(2);
  return (256 * high + low) / 65_535;
}

/** What becomes of a delivery after an attempt. */
export interface AttemptFollowUp {
  /** No further attempt comes by itself. */
  readonly final: boolean;
  readonly nextAtMs: number | null;
  readonly parcel: ForwardedNotification;
}

export interface ForwarderOptions {
  readonly targets: readonly Target[];
  /** What is to be handed on; null drops it. A ToolError is told, and the delivery left to the next run. */
  readonly load: (ref: number) => Promise<ForwardedNotification | null>;
  /** Whether the target of this name has accepted the notification, by whichever receipt: asked before each attempt. */
  readonly isAccepted: (ref: number, target: string) => boolean;
  /** Awaited before the next attempt at the same notification. `ref` is null for what {@link Forwarder.deliverNow} got without one. */
  readonly onAttempt: (
    ref: number | null,
    target: string,
    number: number,
    attempt: DeliveryAttempt,
    aftermath: AttemptFollowUp,
  ) => Promise<void>;
  /** Something whoever watches must know; may quote a peer. `TARGET_RESTS`, `TARGET_BACK`, or the code of an error. */
  readonly onNotice: (code: string, message: string) => void;
  /** One attempt; rejects with ToolError (interrupted) when the signal aborts. `sendParcel` with its deps. */
  readonly send: (
    target: Target,
    parcel: ForwardedNotification,
    number: number,
    signal: AbortSignal,
  ) => Promise<DeliveryAttempt>;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
}
