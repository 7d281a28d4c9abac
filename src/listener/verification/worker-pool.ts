import type { AppExpectations } from '../../notification/check-app.js';
import type { BodyToVerify, VerificationOptions, VerifiedBody } from './result.js';
import { attachBody, type BodyVerdict, createBodyVerifier } from './verify-body.js';

/** Who judges bodies: threads side by side, or this thread. Results may settle in any order. */
export interface VerificationPool {
  /** Rejects where it cannot be judged for reasons of ours, never for what the body holds. `body` must not change meanwhile. */
  judge(input: BodyToVerify): Promise<VerifiedBody>;
  /** Ends the threads; what is still to be judged rejects. */
  stop(): Promise<void>;
}

/** A thread that runs `createJudgeWork`. */
export interface WorkerLike {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The thread failed or ended: nothing more comes from it. The first call tells why. */
  onError(listener: (error: Error) => void): void;
  stop(): Promise<void>;
}

/**
 * Judges with `size` threads. A body goes to an idle one at once; what comes while all are busy is taken up in batches, since two messages
 * for each would cost a tenth of what judging does. A thread that dies is replaced when there is work, and its bodies are judged once
 * more, each alone, so that one which kills threads takes no other with it. `startWorker` null: everything happens in this thread.
 */
export function startVerificationPool(
  size: number,
  options: VerificationOptions,
  startWorker: (() => WorkerLike) | null,
): VerificationPool {
  if (startWorker === null) return judgeHere(options);
  const job = jobOf(options);
  const lanes = new Set<Lane>();
  let queue: Task[] = [];
  let stopped: Error | null = null;

  const feed = (): void => {
    while (queue.length > 0 && lanes.size < size) start();
    for (const lane of lanes) {
      if (queue.length === 0) return;
      if (lane.held.length === 0) take(lane, queue.splice(0, batchSize(queue)));
    }
  };
  const start = (): void => {
    const lane: Lane = { worker: startWorker(), held: [], arena: new Uint8Array() };
    lanes.add(lane);
    lane.worker.onMessage((message) => {
      settle(lane, message as FromVerificationWorker);
      feed();
    });
    lane.worker.onError((error) => bury(lane, error));
    tell(lane, { type: 'job', job });
  };
  const bury = (lane: Lane, error: Error): void => {
    if (!lanes.delete(lane)) return;
    for (const { reject, isSecondTime } of lane.held) if (isSecondTime) reject(error);
    const again = lane.held
      .filter(({ isSecondTime }) => !isSecondTime)
      .map((task) => ({ ...task, isSecondTime: true }));
    queue = [...again, ...queue];
    void lane.worker.stop();
    feed();
  };

  while (lanes.size < size) start();
  return {
    judge: (input) =>
      new Promise((resolve, reject) => {
        if (stopped !== null) return reject(stopped);
        queue.push({ input, resolve, reject, isSecondTime: false });
        feed();
      }),
    async stop() {
      stopped ??= new Error('the judges were stopped');
      const ended = [...lanes];
      lanes.clear();
      for (const { reject } of [...ended.flatMap(({ held }) => held), ...queue.splice(0)]) reject(stopped);
      await Promise.all(ended.map(({ worker }) => worker.stop()));
    },
  };
}

interface Task {
  readonly input: BodyToVerify;
  readonly resolve: (judged: VerifiedBody) => void;
  readonly reject: (error: Error) => void;
  /** A thread died over it, or over one beside it. */
  readonly isSecondTime: boolean;
}

interface Lane {
  readonly worker: WorkerLike;
  /** What it was given and has not answered. */
  held: readonly Task[];
  /** Memory that the thread sees too; written while it holds nothing. */
  arena: Uint8Array;
}

const MAX_BODIES = 16;

const MAX_BATCH_BYTES = 1_048_576;

/** How many from the head of the queue go together: a megabyte at most, and one that was there before alone. */
function batchSize(queue: readonly Task[]): number {
  let bytes = 0;
  const end = queue.slice(0, MAX_BODIES).findIndex(({ input, isSecondTime }) => {
    bytes += input.body.length;
    return isSecondTime || bytes > MAX_BATCH_BYTES;
  });
  return end === -1 ? MAX_BODIES : Math.max(1, end);
}

function take(lane: Lane, tasks: readonly Task[]): void {
  lane.held = tasks;
  const inputs = tasks.map(({ input }) => input);
  makeRoom(
    lane,
    inputs.reduce((bytes, { body }) => bytes + body.length, 0),
  );
  tell(lane, { type: 'batch', batch: packBatch(lane.arena, inputs) });
}

/** Bodies are copied, since those of a server are parts of buffers that others use; always to the same place, which makes no garbage. */
function makeRoom(lane: Lane, bytes: number): void {
  if (bytes <= lane.arena.length) return;
  const arena = new SharedArrayBuffer(Math.max(bytes, MAX_BATCH_BYTES));
  lane.arena = new Uint8Array(arena);
  tell(lane, { type: 'arena', arena });
}

function tell({ worker }: Lane, message: ToVerificationWorker): void {
  worker.post(message, []);
}

function settle(lane: Lane, outcomes: FromVerificationWorker): void {
  const tasks = lane.held;
  lane.held = [];
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

function judgeHere(options: VerificationOptions): VerificationPool {
  const judge = createBodyVerifier(options);
  return {
    judge: (input) => new Promise((resolve) => resolve(judge(input))),
    stop: () => Promise.resolve(),
  };
}

/** What a thread is told once. Plain data. */
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

/** `arena` is memory that both sides see: written before a batch is told, read until it is answered, the same for batch after batch. */
export type ToVerificationWorker =
  | { readonly type: 'job'; readonly job: VerificationJob }
  | { readonly type: 'arena'; readonly arena: SharedArrayBuffer }
  | { readonly type: 'batch'; readonly batch: Batch };

/** What became of one body: found, or a bug met on the way. */
export type BodyOutcome = { readonly finding: BodyVerdict } | { readonly bug: string };

/** The answer to a batch, body by body. */
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
