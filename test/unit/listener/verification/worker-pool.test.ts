import { beforeAll, describe, expect, it } from 'vitest';
import type { VerificationOptions, VerifiedBody } from '../../../../src/listener/verification/result.js';
import { createBodyVerifier } from '../../../../src/listener/verification/verify-body.js';
import { createVerificationWorker } from '../../../../src/listener/verification/worker.js';
import {
  type FromVerificationWorker,
  packBatch,
  startVerificationPool,
  type ToVerificationWorker,
  type VerificationPool,
} from '../../../../src/listener/verification/worker-pool.js';
import { signNotification } from '../../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../../src/simulator/payloads/notification.js';
import type { WorkerHandle } from '../../../../src/worker-pool/pool.js';
import { buildOptions, SIGNED_AT_MS, testAuthority } from '../../../support/signing.js';

let options: VerificationOptions;
let genuine: string;
beforeAll(async () => {
  const { authority, root } = await testAuthority();
  options = { roots: [root], expectations: {}, wantsDocuments: false };
  genuine = signNotification(
    buildNotification({ ...buildOptions(1), type: 'DID_RENEW' }),
    await authority.issueChain(),
  ).body;
});

/** A thread that works for real, on copies as a thread gets them, once it is told to. */
interface FakeWorker extends WorkerHandle {
  /** Bodies of the batch at hand; null where it is idle. */
  readonly holds: number | null;
  readonly isStopped: boolean;
  answer(change?: (outcomes: FromVerificationWorker) => FromVerificationWorker): void;
  die(error?: Error): void;
}

function fakeWorkers(): { start: () => WorkerHandle; all: FakeWorker[]; at: (index: number) => FakeWorker } {
  const all: FakeWorker[] = [];
  const start = (): WorkerHandle => {
    const worker = fakeWorker();
    all.push(worker);
    return worker;
  };
  return { start, all, at: (index) => all[index]! };
}

function fakeWorker(): FakeWorker {
  let onMessage: (message: unknown) => void = () => undefined;
  let onError: (error: Error) => void = () => undefined;
  const work = createVerificationWorker();
  let held: Extract<ToVerificationWorker, { type: 'batch' }> | null = null;
  let isStopped = false;
  return {
    get holds() {
      return held?.batch.lengths.length ?? null;
    },
    get isStopped() {
      return isStopped;
    },
    post(message) {
      const told = structuredClone(message) as ToVerificationWorker;
      if (told.type !== 'batch') work(told);
      else if (held === null) held = told;
      else throw new Error('a second batch before the first was answered');
    },
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
    answer(change = (outcomes) => outcomes) {
      const outcomes = change(work(held!)!);
      held = null;
      onMessage(structuredClone(outcomes));
    },
    die(error = new Error('the thread ended')) {
      onError(error);
      onError(new Error('a second report'));
    },
  };
}

const input = (body: string, atMs = SIGNED_AT_MS) => ({ body: Buffer.from(body), atMs });
/** Bodies that differ in what is found of them. */
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => input(`{"signedPayload":"a.b.c","n${index}":1}`));
const verifyAll = (pool: VerificationPool, inputs: readonly ReturnType<typeof input>[]) =>
  Promise.all(inputs.map((each) => pool.verify(each)));

/** Bytes as text. */
const readable = ({ body, bodyToKeep, bodyJson, ...rest }: VerifiedBody) => ({
  ...rest,
  bytes: [[body], [bodyToKeep], bodyJson].map((parts) => (parts === null ? null : Buffer.concat(parts).toString())),
});

describe('threads', () => {
  it('find what this thread finds, for bodies of every form', async () => {
    const bodies = [
      genuine,
      ` ${genuine}`,
      `{"note":"€",${genuine.slice(1)}`,
      genuine.replace('signedPayload', 'SIGNEDPAYLOAD'),
      `${genuine.slice(0, -9)}AAAAAAA"}`,
      '{"notification_type":"CANCEL","password":"secret"}',
      '{}',
      '',
    ].map((body) => input(body));
    const { start, at } = fakeWorkers();
    for (const wantsDocuments of [false, true]) {
      const pool = startVerificationPool(1, { ...options, wantsDocuments }, start);
      const verified = verifyAll(pool, bodies);
      const worker = at(wantsDocuments ? 1 : 0);
      while (worker.holds !== null) worker.answer();
      const here = bodies.map(createBodyVerifier({ ...options, wantsDocuments }));
      expect((await verified).map(readable)).toEqual(here.map(readable));
    }
  });

  it('leave the body as it was, also one that is part of a larger buffer', async () => {
    const shared = Buffer.from(`xx${genuine}xx`);
    const body = shared.subarray(2, 2 + genuine.length);
    const { start, at } = fakeWorkers();
    const verified = startVerificationPool(1, options, start).verify({ body, atMs: SIGNED_AT_MS });
    at(0).answer();
    expect((await verified).body).toBe(body);
    expect(shared.toString()).toBe(`xx${genuine}xx`);
  });

  it('get work at once while idle, and what has gathered when they are done', async () => {
    const { start, all } = fakeWorkers();
    const pool = startVerificationPool(2, options, start);
    const verified = verifyAll(pool, numbered(23));
    expect(all.map(({ holds }) => holds)).toEqual([1, 1]);
    all[1]!.answer();
    expect(all.map(({ holds }) => holds)).toEqual([1, 16]);
    all[0]!.answer();
    expect(all.map(({ holds }) => holds)).toEqual([5, 16]);
    for (const worker of all) worker.answer();
    expect((await verified).map(({ marks }) => marks)).toEqual(numbered(23).map((_, index) => [`extra:n${index}`]));
    expect(all.map(({ holds }) => holds)).toEqual([null, null]);
  });

  it('take a megabyte at a time, and a large body alone', async () => {
    const large = [
      ...Array.from({ length: 11 }, () => input(JSON.stringify('x'.repeat(100_000)))),
      ...Array.from({ length: 2 }, () => input(JSON.stringify('x'.repeat(400_000)))),
    ];
    const { start, at } = fakeWorkers();
    const verified = verifyAll(startVerificationPool(1, options, start), large);
    const sizes: (number | null)[] = [];
    for (let turn = 0; turn < 4; turn++) {
      sizes.push(at(0).holds);
      at(0).answer();
    }
    expect(sizes).toEqual([1, 10, 1, 1]);
    expect(await verified).toHaveLength(13);
  });

  it('leave one of them to small bodies, however many large ones wait', async () => {
    const large = input(JSON.stringify('x'.repeat(400_000)));
    const { start, all } = fakeWorkers();
    const pool = startVerificationPool(2, options, start);
    const verified = [...Array.from({ length: 5 }, () => pool.verify(large)), pool.verify(input('{}'))];
    expect(all.map(({ holds }) => holds)).toEqual([1, 1]);
    all[1]!.answer();
    expect((await verified[5])?.refusal?.code).toBe('NO_SIGNED_PAYLOAD');
    expect(all.map(({ holds }) => holds)).toEqual([1, null]);
    for (let turn = 0; turn < 5; turn++) all[0]!.answer();
    expect(await Promise.all(verified)).toHaveLength(6);
  });

  it('take one body that is larger than that', async () => {
    const { start, at } = fakeWorkers();
    const verified = verifyAll(startVerificationPool(1, options, start), [
      input('1'),
      input(' '.repeat(2_000_000)),
      input('2'),
    ]);
    for (let turn = 0; turn < 3; turn++) at(0).answer();
    expect(await verified).toHaveLength(3);
  });
});

describe('a thread that dies', () => {
  it('is replaced, and what it held is verified by another', async () => {
    const { start, all, at } = fakeWorkers();
    const verified = startVerificationPool(1, options, start).verify(input(genuine));
    at(0).die();
    expect(all).toHaveLength(2);
    expect(at(0).isStopped).toBe(true);
    at(1).answer();
    expect(await verified).toMatchObject({ refusal: null });
  });

  it('is not replaced before there is work', async () => {
    const { start, all, at } = fakeWorkers();
    const pool = startVerificationPool(1, options, start);
    at(0).die();
    expect(all).toHaveLength(1);
    const verified = pool.verify(input(genuine));
    at(1).answer();
    expect(await verified).toMatchObject({ refusal: null });
  });

  it('takes only the body with it that it dies over twice', async () => {
    const { start, at, all } = fakeWorkers();
    const pool = startVerificationPool(1, options, start);
    const verified = Promise.allSettled(numbered(4).map((each) => pool.verify(each)));
    at(0).answer();
    expect(at(0).holds).toBe(3);
    at(0).die();
    expect(at(1).holds).toBe(1);
    at(1).answer();
    expect(at(1).holds).toBe(1);
    at(1).die(new Error('again'));
    expect(at(2).holds).toBe(1);
    at(2).answer();
    expect((await verified).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(all).toHaveLength(3);
  });

  it('does so no more than twice for one body, however soon it dies', async () => {
    const { start, all, at } = fakeWorkers();
    const verified = startVerificationPool(1, options, start).verify(input(genuine));
    at(0).die();
    at(1).die(new Error('no such file'));
    await expect(verified).rejects.toThrow('no such file');
    expect(all).toHaveLength(2);
  });
});

describe('a bug met with one body', () => {
  it('is told by the thread, which goes on', () => {
    const expectations = {
      get bundleId(): string {
        throw new Error('met a bug');
      },
    };
    const work = createVerificationWorker();
    const arena = new SharedArrayBuffer(100_000);
    work({ type: 'job', job: { roots: [], wantsDocuments: false, expectations } });
    work({ type: 'arena', arena });
    const batch = packBatch(new Uint8Array(arena), [input('{}'), input(genuine), input('[]')]);
    expect(work({ type: 'batch', batch })).toEqual([
      { finding: expect.objectContaining({ refusal: expect.anything() }) },
      { bug: expect.stringContaining('met a bug') },
      { finding: expect.objectContaining({ refusal: expect.anything() }) },
    ]);
  });

  it('fails that body alone', async () => {
    const { start, at } = fakeWorkers();
    const pool = startVerificationPool(1, options, start);
    const verified = Promise.allSettled([input('{}'), input(genuine), input('{}')].map((each) => pool.verify(each)));
    at(0).answer();
    at(0).answer(([, second]) => [{ bug: 'met a bug' }, second!]);
    expect(await verified).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: 'met a bug' } },
      { status: 'fulfilled' },
    ]);
  });
});

it('once stopped, what is still to be verified rejects', async () => {
  const { start, all } = fakeWorkers();
  const pool = startVerificationPool(2, options, start);
  const verified = Promise.allSettled(numbered(4).map((each) => pool.verify(each)));
  await pool.stop();
  expect((await verified).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
  expect(all.map(({ isStopped }) => isStopped)).toEqual([true, true]);
  for (const worker of all) worker.die();
  await expect(pool.verify(input(genuine))).rejects.toThrow('stopped');
  expect(all).toHaveLength(2);
});

it('without threads everything is verified here', async () => {
  const pool = startVerificationPool(4, options, null);
  expect(await pool.verify(input(genuine))).toMatchObject({ refusal: null });
  await pool.stop();
});
