import { setMaxListeners } from 'node:events';
import { interrupted } from '../errors.js';
import { Semaphore } from './concurrency.js';
import type { QueuedDelivery } from './due-queue.js';
import type { DeliveryAttempt, ForwardedNotification, Target } from './target.js';
import { type ForwarderOptions, TargetQueue, type TargetQueueContext } from './target-queue.js';

export interface Forwarder {
  /**
   * One attempt at once, in the lane of those that somebody waits for, told by `onAttempt` as final: nothing is added to it. Throws
   * ToolError (interrupted) when the forwarder stops first. Where too many wait already, none is made and it counts as unreachable.
   */
  deliverNow(
    ref: number | null,
    parcel: ForwardedNotification,
    target: Target,
    number: number,
  ): Promise<DeliveryAttempt>;
  /** Owed from now on, until it is accepted or given up. False where there is no target of this name. */
  enqueue(owed: QueuedDelivery & { readonly target: string }): boolean;
  /** Deliveries that are owed, those under way among them. */
  owed(): number;
  /** Resolves when nothing is under way and nothing is due: what is still owed waits for its time, or for a target to come back. */
  idle(): Promise<void>;
  /** Starts nothing more; what is under way may end within `graceMs` and is broken off then, as if it had not been tried. */
  stop(graceMs: number): Promise<void>;
}

/** At a time for each http target, and for all programs together. */
const HTTP_WIDTH = 8;

const EXEC_WIDTH = 4;

/** Of those that somebody waits for: Apple's side is many connections, and a slow target must not make one wait for the other. */
const ASKED_WIDTH = 64;

const MOST_WAITING = 256;

/** Hands on what is owed, target by target, and tries again as long as it makes sense. See {@link Outbox}. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const closing = new AbortController();
  const breakingOff = new AbortController();
  // Each delivery under way listens; that is no leak.
  setMaxListeners(0, closing.signal, breakingOff.signal);
  let direct = 0;
  let waiters: (() => void)[] = [];
  const isQuiet = (): boolean => direct === 0 && outboxes.every((outbox) => outbox.isQuiet);
  const onQuiet = (): void => {
    if (waiters.length === 0 || !isQuiet()) return;
    for (const resolve of waiters) resolve();
    waiters = [];
  };
  const post: TargetQueueContext = { options, closing: closing.signal, breakingOff: breakingOff.signal, onQuiet };
  const programs = new Semaphore(EXEC_WIDTH);
  const outboxes = options.targets.map(
    (target) => new TargetQueue(target, target.type === 'exec' ? programs : new Semaphore(HTTP_WIDTH), post),
  );
  const boxOf = (name: string): TargetQueue | undefined => outboxes.find(({ target }) => target.name === name);
  const asked = new Map(
    options.targets.map(({ type, name }) => [name, type === 'exec' ? programs : new Semaphore(ASKED_WIDTH)]),
  );
  const idle = (): Promise<void> =>
    isQuiet() ? Promise.resolve() : new Promise((resolve) => void waiters.push(resolve));

  return {
    async deliverNow(ref, parcel, target, number) {
      const lane = asked.get(target.name)!;
      const outbox = boxOf(target.name)!;
      direct += 1;
      try {
        const attempt = lane.waiting >= MOST_WAITING ? TOO_MANY : await ask(lane, outbox, parcel, number);
        await outbox.record(ref, parcel, number, attempt, null);
        return attempt;
      } finally {
        direct -= 1;
        onQuiet();
      }
    },
    enqueue({ target, ...owed }) {
      const outbox = boxOf(target);
      outbox?.enqueue(owed);
      return outbox !== undefined;
    },
    owed: () => outboxes.reduce((sum, outbox) => sum + outbox.owed, 0),
    idle,
    async stop(graceMs) {
      closing.abort();
      const over = new AbortController();
      await Promise.race([idle(), options.sleep(graceMs, over.signal)]);
      over.abort();
      breakingOff.abort();
      await idle();
    },
  };
}

async function ask(
  lane: Semaphore,
  outbox: TargetQueue,
  parcel: ForwardedNotification,
  number: number,
): Promise<DeliveryAttempt> {
  await lane.wait();
  try {
    const attempt = await outbox.attempt(parcel, number, () => true);
    if (attempt !== null) return attempt;
    throw interrupted('stopped before it was handed on');
  } finally {
    lane.leave();
  }
}

const TOO_MANY: DeliveryAttempt = {
  httpStatus: null,
  ms: 0,
  outcome: 'unreachable',
  detail: `not tried: more than ${MOST_WAITING} wait for this target`,
  retriable: true,
  retryAtMs: null,
};
