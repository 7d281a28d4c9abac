import type { AppExpectations } from '../../notification/check-app.js';
import { type Lane, type WorkerHandle, WorkerPool } from '../../worker-pool/pool.js';
import { BodyQueue, isLargeBody } from './body-queue.js';
import type { BodyToVerify, VerificationOptions, VerifiedBody } from './result.js';
import { attachBody, type BodyVerdict, createBodyVerifier } from './verify-body.js';

/** Verifies bodies, in worker threads or in this thread. Results may settle in any order. */
export interface VerificationPool {
  /** Rejects on a bug or a dead thread, never for the content of the body. `body` must not change meanwhile. */
  verify(input: BodyToVerify): Promise<VerifiedBody>;
  /** Ends the threads; bodies without a result are rejected. */
  stop(): Promise<void>;
}

/** `startWorker` starts a thread that runs `createVerificationWorker`; null: everything happens in this thread. */
export function startVerificationPool(
  size: number,
  options: VerificationOptions,
  startWorker: (() => WorkerHandle) | null,
): VerificationPool {
  if (startWorker !== null) return new ThreadedVerification(size, options, startWorker);
  const verifyBody = createBodyVerifier(options);
  return {
    verify: (input) => new Promise((resolve) => resolve(verifyBody(input))),
    stop: () => Promise.resolve(),
  };
}

/**
 * A body goes to an idle thread at once. While all are busy bodies wait in a {@link BodyQueue} and go in batches, since two messages for
 * each would cost a tenth of its verification. The bodies of a thread that dies are verified once more, each alone, so that one that kills threads takes
 * no other with it.
 */
class ThreadedVerification implements VerificationPool {
  readonly #pool: WorkerPool<ToVerificationWorker, FromVerificationWorker>;
  /** Memory that a lane shares with its thread; written while the thread has no batch. */
  readonly #arenas = new WeakMap<VerificationLane, Uint8Array>();
  readonly #queue = new BodyQueue<Task>();
  #retries: Task[] = [];
  /** Threads that may have a large body at once: one is left for the others, if there are several. */
  readonly #maxLarge: number;
  #large = 0;
  #stopped: Error | null = null;

  constructor(size: number, options: VerificationOptions, startWorker: () => WorkerHandle) {
    this.#maxLarge = Math.max(1, size - 1);
    this.#pool = new WorkerPool({ size, startWorker, setup: { type: 'job', job: jobOf(options) } });
  }

  verify(input: BodyToVerify): Promise<VerifiedBody> {
    return new Promise((resolve, reject) => {
      if (this.#stopped !== null) return reject(this.#stopped);
      this.#queue.add({ input, resolve, reject });
      this.#feed();
    });
  }

  async stop(): Promise<void> {
    this.#stopped ??= new Error('verification was stopped');
    for (const { reject } of [...this.#retries.splice(0), ...this.#queue.clear()]) reject(this.#stopped);
    await this.#pool.stop(this.#stopped);
  }

  /** Gives every idle thread a batch, as far as the queue reaches. */
  #feed(): void {
    while (this.#retries.length + this.#queue.size > 0) {
      const lane = this.#pool.leastLoaded();
      if (lane.load > 0) return;
      const retry = this.#retries.shift();
      const tasks = retry === undefined ? this.#takeBatch() : [retry];
      if (tasks.length === 0) return;
      this.#send(lane, tasks, retry !== undefined);
    }
  }

  /** The next bodies that go in one batch: up to a megabyte, a large one alone; empty if only large ones wait and may not start. */
  #takeBatch(): readonly Task[] {
    const first = this.#queue.take(this.#large < this.#maxLarge);
    if (first === undefined) return [];
    const tasks = [first];
    if (isLargeBody(first)) return tasks;
    let bytes = first.input.body.length;
    for (let next = this.#queue.peek(false); next !== undefined; next = this.#queue.peek(false)) {
      bytes += next.input.body.length;
      if (tasks.length === MAX_BODIES || bytes > MAX_BATCH_BYTES) break;
      tasks.push(this.#queue.take(false)!);
    }
    return tasks;
  }

  #send(lane: VerificationLane, tasks: readonly Task[], isRetry: boolean): void {
    const inputs = tasks.map(({ input }) => input);
    const batch = packBatch(this.#arenaFor(lane, inputs), inputs);
    const large = tasks.filter(isLargeBody).length;
    this.#large += large;
    lane.request({ type: 'batch', batch }, [], {
      resolve: (outcomes) => {
        this.#large -= large;
        settle(tasks, outcomes);
        this.#feed();
      },
      reject: (error) => {
        this.#large -= large;
        this.#retry(tasks, error, isRetry);
      },
    });
  }

  /** Bodies are copied, since those of a server are parts of buffers that others use; always to the same place, which makes no garbage. */
  #arenaFor(lane: VerificationLane, inputs: readonly BodyToVerify[]): Uint8Array {
    const bytes = inputs.reduce((sum, { body }) => sum + body.length, 0);
    const current = this.#arenas.get(lane);
    if (current !== undefined && bytes <= current.length) return current;
    const memory = new SharedArrayBuffer(Math.max(bytes, MAX_BATCH_BYTES));
    const arena = new Uint8Array(memory);
    this.#arenas.set(lane, arena);
    lane.post({ type: 'arena', arena: memory });
    return arena;
  }

  #retry(tasks: readonly Task[], error: Error, wasRetry: boolean): void {
    if (wasRetry || this.#stopped !== null) for (const { reject } of tasks) reject(error);
    else this.#retries.push(...tasks);
    this.#feed();
  }
}

type VerificationLane = Lane<ToVerificationWorker, FromVerificationWorker>;

interface Task {
  readonly input: BodyToVerify;
  readonly resolve: (verified: VerifiedBody) => void;
  readonly reject: (error: Error) => void;
}

const MAX_BODIES = 16;

const MAX_BATCH_BYTES = 1_048_576;

function settle(tasks: readonly Task[], outcomes: FromVerificationWorker): void {
  for (const [index, { input, resolve, reject }] of tasks.entries()) {
    const outcome = outcomes[index]!;
    if ('bug' in outcome) reject(new Error(outcome.bug));
    else resolve(attachBody(input.body, outcome.finding));
  }
}

function jobOf({ roots, expectations, wantsDocuments }: VerificationOptions): VerificationJob {
  return {
    roots: roots.map(({ certificate, name }) => ({ der: certificate.der, name })),
    expectations,
    wantsDocuments,
  };
}

/** Sent to each thread once. Plain data. */
export interface VerificationJob {
  readonly roots: readonly { readonly der: Uint8Array; readonly name: string }[];
  readonly expectations: AppExpectations;
  readonly wantsDocuments: boolean;
}

/** A batch of bodies, which stand side by side at the start of the arena. */
interface Batch {
  /** Bytes of each body. */
  readonly lengths: readonly number[];
  readonly atMs: readonly number[];
}

/** `arena` is shared memory: written before a batch is sent, read until its reply, the same for batch after batch. */
export type ToVerificationWorker =
  | { readonly type: 'job'; readonly job: VerificationJob }
  | { readonly type: 'arena'; readonly arena: SharedArrayBuffer }
  | { readonly type: 'batch'; readonly batch: Batch };

/** The outcome of one body: its verdict, or the stack of a bug. */
export type BodyOutcome = { readonly finding: BodyVerdict } | { readonly bug: string };

/** The reply to a batch, body by body. */
export type FromVerificationWorker = readonly BodyOutcome[];

/** Copies bodies into the arena, which must have room for them. */
export function packBatch(arena: Uint8Array, inputs: readonly BodyToVerify[]): Batch {
  let at = 0;
  for (const { body } of inputs) {
    arena.set(body, at);
    at += body.length;
  }
  return { lengths: inputs.map(({ body }) => body.length), atMs: inputs.map(({ atMs }) => atMs) };
}

/** The bodies of a batch; views of the arena. */
export function unpackBatch(arena: Uint8Array, { lengths, atMs }: Batch): readonly BodyToVerify[] {
  let end = 0;
  return lengths.map((length, index) => {
    end += length;
    return { body: arena.subarray(end - length, end), atMs: atMs[index]! };
  });
}
