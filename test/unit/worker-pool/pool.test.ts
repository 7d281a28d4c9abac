import { describe, expect, it } from 'vitest';
import { type WorkerHandle, WorkerPool } from '../../../src/worker-pool/pool.js';

interface FakeWorker extends WorkerHandle {
  readonly posted: readonly unknown[];
  readonly isStopped: boolean;
  reply(message: string): void;
  die(message: string): void;
}

function fakeWorker(): FakeWorker {
  const posted: unknown[] = [];
  let onMessage: (message: unknown) => void = () => undefined;
  let onError: (error: Error) => void = () => undefined;
  let isStopped = false;
  return {
    posted,
    get isStopped() {
      return isStopped;
    },
    post: (message) => void posted.push(message),
    onMessage: (listener) => {
      onMessage = listener;
    },
    onError: (listener) => {
      onError = listener;
    },
    stop: () => {
      isStopped = true;
      return Promise.resolve();
    },
    reply: (message) => onMessage(message),
    die: (message) => onError(new Error(message)),
  };
}

function startPool(size: number) {
  const workers: FakeWorker[] = [];
  const log: string[] = [];
  const startWorker = (): FakeWorker => {
    workers.push(fakeWorker());
    return workers.at(-1)!;
  };
  const pool = new WorkerPool<string, string>({ size, startWorker, setup: 'setup' });
  const request = (message: string): void =>
    pool.leastLoaded().request(message, [], {
      resolve: (reply) => void log.push(`${message}: ${reply}`),
      reject: (error) => void log.push(`${message} failed: ${error.message}`),
    });
  return { pool, workers, log, request };
}

describe('a worker pool', () => {
  it('gives each request to the worker with the fewest, and each reply to the oldest request of its worker', () => {
    const { workers, log, request } = startPool(2);
    for (const message of ['a', 'b', 'c', 'd']) request(message);
    expect(workers.map(({ posted }) => posted)).toEqual([
      ['setup', 'a', 'c'],
      ['setup', 'b', 'd'],
    ]);
    workers[1]!.reply('1');
    workers[0]!.reply('2');
    workers[0]!.reply('3');
    expect(log).toEqual(['b: 1', 'a: 2', 'c: 3']);
    request('e');
    expect(workers[0]!.posted).toContain('e');
  });

  it('rejects what a dead worker had, and replaces it on the next use where no other is idle', () => {
    const { workers, log, request } = startPool(2);
    for (const message of ['a', 'b', 'c']) request(message);
    workers[0]!.die('out of memory');
    workers[0]!.die('exited');
    expect(log).toEqual(['a failed: out of memory', 'c failed: out of memory']);
    expect(workers[0]!.isStopped).toBe(true);
    expect(workers).toHaveLength(2);
    request('d');
    expect(workers[2]!.posted).toEqual(['setup', 'd']);
  });

  it('starts no replacement while another worker is idle', () => {
    const { workers, request } = startPool(2);
    workers[0]!.die('exited');
    request('a');
    expect(workers).toHaveLength(2);
    expect(workers[1]!.posted).toContain('a');
  });

  it('rejects what is left when it is stopped, and ends every worker', async () => {
    const { pool, workers, log, request } = startPool(2);
    request('a');
    await pool.stop(new Error('stopped'));
    workers[0]!.die('exited');
    expect(log).toEqual(['a failed: stopped']);
    expect(workers.map(({ isStopped }) => isStopped)).toEqual([true, true]);
  });
});
