import type { Deps } from '../cli/deps.js';
import type { Hints } from '../document-view/line.js';
import type { UnitBatch } from '../input/unit.js';
import { emptyTotals, mergeTotals, type Totals } from '../notification/totals.js';
import type { TrustedRoot } from '../trust/roots.js';
import type { WorkerHandle } from '../worker-pool/pool.js';
import type { BatchPool } from './batch-pool.js';
import {
  addBugs,
  addUnreadable,
  type BatchResult,
  type Bugs,
  type Filtered,
  type Job,
  NO_BUGS,
  NOTHING_FILTERED,
  NOTHING_UNREADABLE,
  type Unreadable,
} from './job.js';
import { openDocuments } from './open-documents.js';
import { createWork } from './process-batch.js';

/** The result of a run. */
export interface RunResult {
  readonly counts: Totals;
  readonly hints: Hints;
  readonly unreadable: Unreadable;
  readonly bugs: Bugs;
  readonly filtered: Filtered;
  /** True where the run ended before its input: by a signal, or because the output was closed. */
  readonly stopped: boolean;
}

interface RunOptions {
  /** Trusted roots. */
  readonly roots: readonly TrustedRoot[];
  /** Maximum number of worker threads. */
  readonly jobs: number;
  /** Called after each batch, with the totals and the bytes of input so far. */
  readonly onProgress: (counts: Totals, inputBytes: number) => void;
}

export interface RunDeps extends Pick<Deps, 'signal' | 'startWorker' | 'now' | 'sleep' | 'random' | 'http'> {
  readonly stdout: Pick<Deps['stdout'], 'write' | 'drained' | 'closed'>;
}

/** Fewer payloads are processed in this thread: starting threads takes longer than verifying them. */
const WORTH_A_THREAD = 64;

/** Batches queued beyond one for each thread: no thread idles, and memory stays flat. */
const BATCHES_AHEAD = 2;

/**
 * Processes every batch and writes the results in the order of the input. A single small batch is processed in this thread; a stream is
 * spread over worker threads, with a bounded number of batches at a time.
 */
export async function runPipeline(
  batches: AsyncIterable<UnitBatch>,
  job: Job,
  options: RunOptions,
  deps: RunDeps,
): Promise<RunResult> {
  const input = batches[Symbol.asyncIterator]();
  const first = await input.next();
  if (first.done === true) return { ...createSums(options, deps).total(), stopped: false };
  const second = first.value.units.length < WORTH_A_THREAD ? await input.next() : null;
  const only = second?.done === true;
  const { startWorker } = deps;
  const pool =
    startWorker === null || only
      ? await poolOfThisThread(job, only, options.roots, deps)
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

async function poolOfThisThread(
  job: Job,
  mayBeAlone: boolean,
  roots: readonly TrustedRoot[],
  deps: RunDeps,
): Promise<BatchPool> {
  const work = createWork(job, await openDocuments(job, roots, deps));
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

/** Writes each result once all before it are written; reads further input only while few are outstanding. */
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
    const inputBytes = batch.bytes.byteLength + batch.passed.bytes;
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
  let bugs = NO_BUGS;
  let filtered = NOTHING_FILTERED;
  let bytes = 0;
  return {
    async add(result, inputBytes) {
      counts = mergeTotals(counts, result.counts);
      hints = { ...hints, ...result.hints, ...hints };
      unreadable = addUnreadable(unreadable, result.unreadable);
      bugs = addBugs(bugs, result.bugs);
      const { others, unreadable: unsure } = result.filtered;
      filtered = { others: filtered.others + others, unreadable: filtered.unreadable + unsure };
      bytes += inputBytes;
      if (result.output.byteLength > 0) stdout.write(result.output);
      onProgress(counts, bytes);
      await stdout.drained();
    },
    total: () => ({ counts, hints, unreadable, bugs, filtered }),
  };
}
