import type { UnitBatch } from '../input/unit.js';
import type { TrustedRoot } from '../trust/roots.js';
import { type WorkerHandle, WorkerPool } from '../worker-pool/pool.js';
import type { BatchResult, FromWorker, Job, ToWorker } from './job.js';

/** Processes batches, in worker threads or in this thread. Results may settle in any order. */
export interface BatchPool {
  run(batch: UnitBatch): Promise<BatchResult>;
  /** Takes back the output of a result once it is written: new buffers for each batch would pile up faster than garbage is collected. */
  reuse(output: Uint8Array): void;
  stop(): Promise<void>;
}

/** Sends the job to each thread once, then each batch to the thread with the fewest. */
export function startBatchPool(
  size: number,
  job: Job,
  roots: readonly TrustedRoot[],
  startWorker: () => WorkerHandle,
): BatchPool {
  const rootBytes = roots.map(({ certificate, ...rest }) => ({ der: certificate.der, ...rest }));
  const setup: ToWorker = { type: 'job', job, roots: rootBytes };
  const pool = new WorkerPool<ToWorker, FromWorker>({ size, startWorker, setup });
  const spares: ArrayBuffer[] = [];
  return {
    run: (batch) =>
      new Promise((resolve, reject) => {
        const spare = spares.pop() ?? null;
        const transfer = [batch.bytes.buffer as ArrayBuffer, ...(spare === null ? [] : [spare])];
        pool.leastLoaded().request({ type: 'batch', batch, spare }, transfer, {
          resolve: (reply) => (reply.type === 'result' ? resolve(reply.result) : reject(toError(reply))),
          reject,
        });
      }),
    reuse(output) {
      if (output.buffer.byteLength > 0 && spares.length < size) spares.push(output.buffer as ArrayBuffer);
    },
    stop: () => pool.stop(new Error('the run has ended')),
  };
}

function toError({ message, stack }: Extract<FromWorker, { type: 'failed' }>): Error {
  const error = new Error(message);
  error.stack = stack;
  return error;
}
