import { setMaxListeners } from 'node:events';
import { interrupted } from '../errors.js';
import { Semaphore } from './concurrency.js';
import type { QueuedDelivery } from './due-queue.js';
import type { DeliveryAttempt, ForwardedNotification, Target } from './target.js';
import { type ForwarderOptions, TargetQueue, type TargetQueueContext } from './target-queue.js';

export interface Forwarder {
  /**
   * Makes one attempt immediately, without retries, and reports it as final to `onAttempt`. Resolves with null, without an attempt, if the
   * target has accepted the notification by the time of its turn. Throws ToolError (interrupted) when the forwarder stops first. With too
   * many callers waiting it makes none and resolves as unreachable.
   */
  deliverNow(
    ref: number | null,
    notification: ForwardedNotification,
    target: Target,
    number: number,
  ): Promise<DeliveryAttempt | null>;
  /** Queues a delivery, to be retried until accepted or abandoned. Returns false when no target has this name. */
  enqueue(delivery: QueuedDelivery & { readonly target: string }): boolean;
  /** Number of pending deliveries, including those in flight. */
  pending(): number;
  /** Resolves when no delivery is in flight or due; others may still be pending for a later time or a paused target. */
  idle(): Promise<void>;
  /** Starts no further delivery; aborts those in flight after `graceMs`, which leaves them pending. */
  stop(graceMs: number): Promise<void>;
}

/** Concurrent deliveries to each http target. */
const HTTP_CONCURRENCY = 8;

/** Concurrent runs of all programs together. */
const EXEC_CONCURRENCY = 4;

/** Concurrent calls of `deliverNow` per target: Apple uses many connections, which must not wait for each other. */
const DIRECT_CONCURRENCY = 64;

const MAX_WAITING = 256;

/** Forwarder with one {@link TargetQueue} per target, with retries and circuit breakers. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const closing = new AbortController();
  const aborting = new AbortController();
  // Each delivery in flight adds a listener; that is no leak.
  setMaxListeners(0, closing.signal, aborting.signal);
  let directDeliveries = 0;
  let idleWaiters: (() => void)[] = [];
  const isIdle = (): boolean => directDeliveries === 0 && queues.every((queue) => queue.isIdle);
  const onIdle = (): void => {
    if (idleWaiters.length === 0 || !isIdle()) return;
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  };
  const context: TargetQueueContext = { options, closing: closing.signal, aborting: aborting.signal, onIdle };
  const programs = new Semaphore(EXEC_CONCURRENCY);
  const queues = options.targets.map(
    (target) => new TargetQueue(target, target.type === 'exec' ? programs : new Semaphore(HTTP_CONCURRENCY), context),
  );
  const queueOf = (name: string): TargetQueue | undefined => queues.find(({ target }) => target.name === name);
  const directSemaphores = new Map(
    options.targets.map(({ type, name }) => [name, type === 'exec' ? programs : new Semaphore(DIRECT_CONCURRENCY)]),
  );
  const idle = (): Promise<void> =>
    isIdle() ? Promise.resolve() : new Promise((resolve) => void idleWaiters.push(resolve));

  return {
    async deliverNow(ref, notification, target, number) {
      const semaphore = directSemaphores.get(target.name)!;
      const queue = queueOf(target.name)!;
      directDeliveries += 1;
      try {
        const record = (attempt: DeliveryAttempt): Promise<void> =>
          queue.record(ref, notification, number, attempt, null);
        if (semaphore.waiting >= MAX_WAITING) {
          await record(TOO_MANY);
          return TOO_MANY;
        }
        await semaphore.acquire();
        try {
          const isPending = (): boolean => ref === null || !options.isAccepted(ref, target.name);
          const attempt = await queue.attempt(notification, number, isPending, record);
          if (attempt === null && isPending()) throw interrupted('stopped before it was forwarded');
          return attempt;
        } finally {
          semaphore.release();
        }
      } finally {
        directDeliveries -= 1;
        onIdle();
      }
    },
    enqueue({ target, ...delivery }) {
      const queue = queueOf(target);
      queue?.enqueue(delivery);
      return queue !== undefined;
    },
    pending: () => queues.reduce((sum, queue) => sum + queue.pending, 0),
    idle,
    async stop(graceMs) {
      closing.abort();
      const over = new AbortController();
      await Promise.race([idle(), options.sleep(graceMs, over.signal)]);
      over.abort();
      aborting.abort();
      await idle();
    },
  };
}

const TOO_MANY: DeliveryAttempt = {
  httpStatus: null,
  ms: 0,
  outcome: 'unreachable',
  detail: `not tried: more than ${MAX_WAITING} deliveries wait for this target`,
  retriable: true,
  retryAtMs: null,
};
