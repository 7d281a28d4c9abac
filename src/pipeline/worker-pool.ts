import type { WorkerHandle } from '../cli/deps.js';
import type { UnitBatch } from '../input/unit.js';
import type { TrustedRoot } from '../trust/roots.js';
import type { BatchResult, FromWorker, Job, ToWorker } from './job.js';

/** Who works on batches: threads side by side, or this thread. Results may settle in any order. */
export interface Pool {
  run(batch: UnitBatch): Promise<BatchResult>;
  /** Takes back the output of a result that has been written: fresh buffers for each would pile up faster than garbage is collected. */
  reuse(output: Uint8Array): void;
  stop(): Promise<void>;
}

/** Threads that are told the job once and then given batches, each to the one with the least to do. */
export function startPool(
  size: number,
  job: Job,
  roots: readonly TrustedRoot[],
  startWorker: () => WorkerHandle,
): Pool {
  const trusted = roots.map(({ certificate, name }) => ({ der: certificate.der, name }));
  const lanes = Array.from({ length: size }, () => startLane({ type: 'job', job, roots: trusted }, startWorker()));
  const spares: ArrayBuffer[] = [];
  return {
    run: (batch) =>
      lanes.reduce((best, lane) => (lane.waiting() < best.waiting() ? lane : best)).run(batch, spares.pop() ?? null),
    reuse(output) {
      if (output.buffer.byteLength > 0 && spares.length < size) spares.push(output.buffer as ArrayBuffer);
    },
    stop: async () => void (await Promise.all(lanes.map((lane) => lane.stop()))),
  };
}

interface Lane {
  /** Batches given and not yet answered. */
  waiting(): number;
  run(batch: UnitBatch, spare: ArrayBuffer | null): Promise<BatchResult>;
  stop(): Promise<void>;
}

interface Pending {
  readonly resolve: (result: BatchResult) => void;
  readonly reject: (error: Error) => void;
}

function startLane(first: ToWorker, worker: WorkerHandle): Lane {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let broken: Error | null = null;
  const post = (message: ToWorker, transfer: readonly ArrayBuffer[]): void => worker.post(message, transfer);
  const fail = (error: Error): void => {
    broken ??= error;
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
  post(first, []);
  return {
    waiting: () => pending.size,
    run(batch, spare) {
      if (broken !== null) return Promise.reject(broken);
      const id = ++lastId;
      const result = new Promise<BatchResult>((resolve, reject) => void pending.set(id, { resolve, reject }));
      post({ type: 'batch', id, batch, spare }, [
        batch.bytes.buffer as ArrayBuffer,
        ...(spare === null ? [] : [spare]),
      ]);
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
