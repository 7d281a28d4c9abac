import type { Deps } from '../cli/deps.js';
import type { Hints } from '../document-view/line.js';
import type { UnitBatch } from '../input/unit.js';
import { emptyTotals, mergeTotals, type Totals } from '../notification/totals.js';
import type { TrustedRoot } from '../trust/roots.js';
import type { WorkerHandle } from '../worker-pool/pool.js';
import type { BatchPool } from './batch-pool.js';
import { addUnreadable, type BatchResult, type Job, NOTHING_UNREADABLE, type Unreadable } from './job.js';
import { createWork } from './process-batch.js';
import { askRevocationOf } from './revocation.js';

/** The sums of a run. */
export interface RunResult {
  readonly counts: Totals;
  readonly hints: Hints;
  readonly unreadable: Unreadable;
  /** Stopped before the end of the input: by a signal, or because nobody reads the output any more. */
  readonly stopped: boolean;
}

interface RunOptions {
  /** Whom a verdict trusts. */
  readonly roots: readonly TrustedRoot[];
  /** Worker threads to use at most. */
  readonly jobs: number;
  /** Called with the sums so far and the bytes of input behind them, after each batch. */
  readonly onProgress: (counts: Totals, inputBytes: number) => void;
}

export type RunDeps = Pick<Deps, 'stdout' | 'signal' | 'startWorker' | 'now' | 'sleep' | 'random' | 'http'>;

/** Fewer payloads than this are done in this thread: starting threads takes longer than judging them. */
const WORTH_A_THREAD = 64;

/** One batch at work in each thread and a few ready: no thread idles, and memory stays flat. */
const BATCHES_AHEAD = 2;

/**
 * Takes every batch through the job and writes the results in the order of the input. What fits one small batch is done in this thread;
 * a stream is spread over worker threads, a bounded number of batches at a time.
 */
export async function runPipeline(
  batches: AsyncIterable<UnitBatch>,
  job: Job,
  options: RunOptions,
  deps: RunDeps,
): Promise<RunResult> {
  const input = batches[Symbol.asyncIterator]();
  const first = await input.next();
  if (first.done === true) return { counts: emptyTotals(), hints: {}, unreadable: NOTHING_UNREADABLE, stopped: false };
  const second = first.value.units.length < WORTH_A_THREAD ? await input.next() : null;
  const only = second?.done === true;
  const { startWorker } = deps;
  const pool =
    startWorker === null || only
      ? poolOfThisThread(job, only, options.roots, deps)
      : await openBatchPool(options, job, () => startWorker('worker'));
  try {
    const ahead = second === null || second.done === true ? [first.value] : [first.value, second.value];
    return await drive(chain(ahead, only ? null : input), pool, options, deps);
  } finally {
    await pool.stop();
  }
}

/** Loaded on use: one payload needs no threads, and start-up pays for every module. */
async function openBatchPool(
  { jobs, roots }: RunOptions,
  job: Job,
  startWorker: () => WorkerHandle,
): Promise<BatchPool> {
  const { startBatchPool } = await import('./batch-pool.js');
  return startBatchPool(jobs, job, roots, startWorker);
}

function poolOfThisThread(job: Job, mayBeAlone: boolean, roots: readonly TrustedRoot[], deps: RunDeps): BatchPool {
  const work = createWork(job, roots, askRevocationOf(job, deps));
  return {
    run: (batch) => work.run(batch, { mayBeAlone, spare: null }),
    reuse: () => undefined,
    stop: () => Promise.resolve(),
  };
}

async function* chain(ahead: readonly UnitBatch[], rest: AsyncIterator<UnitBatch> | null): AsyncGenerator<UnitBatch> {
  yield* ahead;
  if (rest === null) return;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Results are written as soon as every one before them is; input is read on only while few are outstanding. */
async function drive(
  batches: AsyncIterable<UnitBatch>,
  pool: BatchPool,
  options: RunOptions,
  deps: RunDeps,
): Promise<RunResult> {
  const sums = createSums(options, deps);
  const isStopped = (): boolean => deps.signal.aborted || deps.stdout.closed.aborted;
  const outstanding: Promise<Error | null>[] = [];
  let written: Promise<void> = Promise.resolve();
  for await (const batch of batches) {
    if (isStopped()) break;
    const inputBytes = batch.bytes.byteLength;
    const result = pool.run(batch);
    written = Promise.all([result, written]).then(([done]) =>
      isStopped() ? undefined : sums.add(done, inputBytes).then(() => pool.reuse(done.output)),
    );
    outstanding.push(
      written.then(
        () => null,
        (error: Error) => error,
      ),
    );
    if (outstanding.length >= options.jobs + BATCHES_AHEAD) await throwIfFailed(outstanding.shift());
  }
  for (const each of outstanding) await throwIfFailed(each);
  return { ...sums.total(), stopped: isStopped() };
}

async function throwIfFailed(outcome: Promise<Error | null> | undefined): Promise<void> {
  const error = await outcome;
  if (error) throw error;
}

interface Sums {
  add(result: BatchResult, inputBytes: number): Promise<void>;
  total(): Omit<RunResult, 'stopped'>;
}

function createSums({ onProgress }: RunOptions, { stdout }: RunDeps): Sums {
  let counts = emptyTotals();
  let hints: Hints = {};
  let unreadable = NOTHING_UNREADABLE;
  let bytes = 0;
  return {
    async add(result, inputBytes) {
      counts = mergeTotals(counts, result.counts);
      hints = { ...hints, ...result.hints, ...hints };
      unreadable = addUnreadable(unreadable, result.unreadable);
      bytes += inputBytes;
      if (result.output.byteLength > 0) stdout.write(result.output);
      onProgress(counts, bytes);
      await stdout.drained();
    },
    total: () => ({ counts, hints, unreadable }),
  };
}
