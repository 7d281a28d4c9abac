import { describe, expect, it } from 'vitest';
import { NOTHING_PASSED } from '../../../src/input/split/state.js';
import type { UnitBatch } from '../../../src/input/unit.js';
import { emptyTotals } from '../../../src/notification/totals.js';
import type { BatchResult, FromWorker, Job, ToWorker } from '../../../src/pipeline/job.js';
import { NO_BUGS, NOTHING_FILTERED, NOTHING_UNREADABLE } from '../../../src/pipeline/job.js';
import { type RunDeps, runPipeline } from '../../../src/pipeline/run.js';
import type { WorkerHandle } from '../../../src/worker-pool/pool.js';
import { captureOutput } from '../../support/run-cli.js';

const JOB: Job = {
  verify: null,
  ocspTimeoutMs: null,
  raw: false,
  output: 'lines',
  view: { columns: 80, level: 0, nowMs: 0 },
};
const OPTIONS = { roots: [], jobs: 3, onProgress: () => undefined };

/** A batch of 100 units that carries its number. */
function batch(number: number): UnitBatch {
  const unit = { start: 0, end: 1, form: 'text', origin: 'stdin', line: 1, ordinal: 1, whole: false } as const;
  return { bytes: new Uint8Array([number]), units: Array.from({ length: 100 }, () => unit), passed: NOTHING_PASSED };
}

async function* batches(count: number, onTaken: (number: number) => void = () => undefined): AsyncGenerator<UnitBatch> {
  for (let number = 0; number < count; number++) {
    onTaken(number);
    yield batch(number);
  }
}

function resultOf(number: number): BatchResult {
  return {
    output: Buffer.from(`${number}\n`),
    counts: { ...emptyTotals(), total: 1 },
    hints: {},
    unreadable: NOTHING_UNREADABLE,
    bugs: NO_BUGS,
    filtered: NOTHING_FILTERED,
  };
}

/** A thread that takes one batch after another; `answer` gets the batch number and functions that send the reply. */
function fakeWorker(answer: (number: number, send: () => void, fail: (message: string) => void) => void): WorkerHandle {
  let listener: (message: unknown) => void = () => undefined;
  const numbers: number[] = [];
  const reply = (message: FromWorker): void => {
    numbers.shift();
    listener(message);
    takeNext();
  };
  const takeNext = (): void => {
    const [number] = numbers;
    if (number === undefined) return;
    const send = (): void => reply({ type: 'result', result: resultOf(number) });
    answer(number, send, (text) => reply({ type: 'failed', message: text, stack: text }));
  };
  return {
    post(message) {
      const request = message as ToWorker;
      if (request.type === 'job') return;
      numbers.push(request.batch.bytes[0] ?? 0);
      if (numbers.length === 1) takeNext();
    },
    onMessage: (each) => {
      listener = each;
    },
    onError: () => undefined,
    stop: () => Promise.resolve(),
  };
}

function depsWith(worker: () => WorkerHandle, signal = new AbortController().signal) {
  const stdout = captureOutput();
  const deps: RunDeps = {
    stdout: stdout.stream,
    signal,
    startWorker: worker,
    now: () => 0,
    sleep: () => Promise.resolve(),
    random: (bytes) => new Uint8Array(bytes),
    http: () => Promise.reject(new Error('no network')),
  };
  return { deps, stdout };
}

describe('runPipeline over threads', () => {
  it('writes in the order of the input in any order of the results', async () => {
    const late: (() => void)[] = [];
    const { deps, stdout } = depsWith(() =>
      fakeWorker((number, send) => (number % 2 === 0 ? late.push(send) : send())),
    );
    const settle = setInterval(
      () =>
        late
          .splice(0)
          .reverse()
          .map((send) => send()),
      1,
    );
    const { counts } = await runPipeline(batches(20), JOB, OPTIONS, deps);
    clearInterval(settle);
    expect(stdout.text()).toBe(Array.from({ length: 20 }, (_, number) => `${number}\n`).join(''));
    expect(counts.total).toBe(20);
  });

  it('reads no further than a few batches ahead of a thread that does not answer', async () => {
    let taken = 0;
    const stop = new AbortController();
    const waiting: (() => void)[] = [];
    const { deps } = depsWith(() => fakeWorker((_number, send) => void waiting.push(send)), stop.signal);
    const run = runPipeline(
      batches(1000, (number) => (taken = number)),
      JOB,
      OPTIONS,
      deps,
    );
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThan(10);
    stop.abort('SIGINT');
    const settle = setInterval(() => waiting.splice(0).map((send) => send()), 1);
    expect((await run).stopped).toBe(true);
    clearInterval(settle);
  });

  it('fails as a whole when a thread fails', async () => {
    const { deps } = depsWith(() =>
      fakeWorker((number, send, fail) => (number === 3 ? fail('bug in the thread') : send())),
    );
    await expect(runPipeline(batches(20), JOB, OPTIONS, deps)).rejects.toThrow('bug in the thread');
  });

  it('stops once the output is closed', async () => {
    const { deps } = depsWith(() => fakeWorker((_number, send) => send()));
    const closed = AbortSignal.abort('EPIPE');
    const result = await runPipeline(batches(20), JOB, OPTIONS, { ...deps, stdout: { ...deps.stdout, closed } });
    expect(result).toMatchObject({ stopped: true, counts: { total: 0 } });
  });
});
