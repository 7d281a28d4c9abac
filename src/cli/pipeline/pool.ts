import type { WorkerHandle } from '../deps.js';
import type { UnitBatch } from '../input/batch.js';
import type { BatchResult, FromWorker, Job, ToWorker } from './job.js';

/** Who works on batches: threads side by side, or this thread. Results may settle in any order. */
export interface Pool {
  run(batch: UnitBatch): Promise<BatchResult>;
  stop(): Promise<void>;
}

/** Threads that are told the job once and then given batches, each to the one with the least to do. */
export function startPool(size: number, job: Job, startWorker: () => WorkerHandle): Pool {
  const lanes = Array.from({ length: size }, () => startLane(job, startWorker()));
  return {
    run: (batch) => lanes.reduce((best, lane) => (lane.waiting() < best.waiting() ? lane : best)).run(batch),
    stop: async () => void (await Promise.all(lanes.map((lane) => lane.stop()))),
  };
}

interface Lane extends Pool {
  /** Batches given and not yet answered. */
  waiting(): number;
}

interface Pending {
  readonly resolve: (result: BatchResult) => void;
  readonly reject: (error: Error) => void;
}

function startLane(job: Job, worker: WorkerHandle): Lane {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let broken: Error | null = null;
  const post = (message: ToWorker, transfer: readonly ArrayBuffer[]): void => worker.post(message, transfer);
  const fail = (error: Error): void => {
    broken = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.onMessage((message) => {
    const answer = message as FromWorker;
    if (answer.type === 'failed') return fail(workerError(answer));
    pending.get(answer.id)?.resolve(answer.result);
    pending.delete(answer.id);
  });
  worker.onError(fail);
  post({ type: 'job', job }, []);
  return {
    waiting: () => pending.size,
    run(batch) {
      if (broken !== null) return Promise.reject(broken);
      const id = ++lastId;
      const result = new Promise<BatchResult>((resolve, reject) => void pending.set(id, { resolve, reject }));
      post({ type: 'batch', id, batch }, [batch.bytes.buffer as ArrayBuffer]);
      return result;
    },
    stop: () => worker.stop(),
  };
}

function workerError({ message, stack }: { readonly message: string; readonly stack: string }): Error {
  const error = new Error(message);
  error.stack = stack;
  return error;
}
