import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { createForwarder, type Forwarder } from '../../../src/forwarding/forwarder.js';
import { buildExecTarget, parseTarget } from '../../../src/forwarding/parse-target.js';
import type { DeliveryAttempt, ForwardedNotification, Target } from '../../../src/forwarding/target.js';
import type { ForwarderOptions } from '../../../src/forwarding/target-queue.js';
import { settle, VirtualTime } from '../../support/virtual-time.js';

const OK: DeliveryAttempt = {
  httpStatus: 200,
  ms: 1,
  outcome: 'accepted',
  detail: null,
  retriable: false,
  retryAtMs: null,
};
const REFUSED: DeliveryAttempt = { ...OK, httpStatus: 404, outcome: 'refused', detail: 'answered 404' };
const FAILING: DeliveryAttempt = { ...REFUSED, httpStatus: 500, detail: 'answered 500', retriable: true };
const DOWN: DeliveryAttempt = {
  ...FAILING,
  httpStatus: null,
  outcome: 'unreachable',
  detail: 'localhost:1 refused the connection',
};
const INTERRUPTED = new ToolError('interrupted', 'ERR_INTERRUPTED', 'stopped');

const http = (name: string): Target =>
  parseTarget(`${name}=http://localhost:1/${name}`, { headers: {}, insecure: false, taken: [] });
const notificationOf = (ref: number): ForwardedNotification => ({
  id: `id${ref}`,
  body: Buffer.from('{}'),
  contentType: null,
  uuid: `uuid${ref}`,
  type: 'TEST',
  verdict: 'valid',
  documentJson: () => '{}\n',
});

interface Sent {
  readonly target: string;
  readonly id: string;
  readonly number: number;
  readonly atMs: number;
  readonly settle: (attempt: DeliveryAttempt) => void;
}

/** A forwarder with a virtual clock: `answer` decides the result of an attempt, null leaves it in flight. */
function start(overrides: {
  readonly targets?: readonly Target[];
  readonly answer?: (sent: Sent) => DeliveryAttempt | null;
  readonly options?: Partial<ForwarderOptions>;
}): {
  forwarder: Forwarder;
  time: VirtualTime;
  sent: Sent[];
  reported: string[];
  notices: string[];
  accepted: Set<string>;
} {
  const { targets = [http('app')], answer = () => OK, options = {} } = overrides;
  const time = new VirtualTime(0);
  const sent: Sent[] = [];
  const reported: string[] = [];
  const notices: string[] = [];
  const accepted = new Set<string>();
  const forwarder = createForwarder({
    targets,
    load: async (ref) => notificationOf(ref),
    isAccepted: (ref, target) => accepted.has(`${ref} ${target}`),
    async onAttempt(ref, target, number, attempt, { final, nextAtMs }) {
      if (attempt.outcome === 'accepted') accepted.add(`${ref} ${target}`);
      reported.push(`${ref} ${target} #${number} ${attempt.outcome}${final ? ' final' : ` next ${nextAtMs}`}`);
    },
    onNotice: (code, message) => void notices.push(`${code} ${message}`),
    send: (target, { id }, number, signal) =>
      new Promise((resolve, reject) => {
        const abort = (): void => reject(INTERRUPTED);
        signal.addEventListener('abort', abort, { once: true });
        const finish = (attempt: DeliveryAttempt): void => {
          signal.removeEventListener('abort', abort);
          resolve(attempt);
        };
        const entry = { target: target.name, id, number, atMs: time.now(), settle: finish };
        sent.push(entry);
        const attempt = answer(entry);
        if (attempt !== null) finish(attempt);
      }),
    now: time.now,
    sleep: time.sleep,
    // In the middle: no jitter.
    random: (bytes) => new Uint8Array(bytes).fill(0x7f).fill(0xff, 1),
    ...options,
  });
  return { forwarder, time, sent, reported, notices, accepted };
}

const enqueue = (forwarder: Forwarder, ref: number, target = 'app', attempts = 0, dueAtMs = 0): boolean =>
  forwarder.enqueue({ ref, target, attempts, dueAtMs });
const enqueueAll = (forwarder: Forwarder, count: number, target = 'app'): void => {
  for (let ref = 0; ref < count; ref += 1) enqueue(forwarder, ref, target);
};

const SECOND = 1_000;
const HOUR = 3_600_000;

describe('a pending delivery', () => {
  it('is sent once and reported', async () => {
    const { forwarder, sent, reported } = start({});
    expect(enqueue(forwarder, 5)).toBe(true);
    expect(forwarder.pending()).toBe(1);
    await forwarder.idle();
    expect(sent).toMatchObject([{ target: 'app', id: 'id5', number: 1 }]);
    expect(reported).toEqual(['5 app #1 accepted final']);
    expect(forwarder.pending()).toBe(0);
  });

  it('is not queued for an unknown target', () => {
    const { forwarder } = start({});
    expect(enqueue(forwarder, 5, 'other')).toBe(false);
  });

  it('is retried on its schedule, then abandoned', async () => {
    const { forwarder, time, sent, reported } = start({ answer: () => FAILING });
    enqueue(forwarder, 1);
    await time.pass(48 * HOUR);
    const seconds = sent.map(({ atMs }) => Math.round(atMs / SECOND));
    expect(seconds).toEqual([0, 1, 6, 36, 156, 756, 2_556, 6_156, 16_956, 38_556, 81_756]);
    expect(reported[0]).toMatch(/^1 app #1 refused next 1000$/);
    expect(reported.at(-1)).toBe('1 app #11 refused final');
    expect(forwarder.pending()).toBe(0);
  });

  it('resumes at the attempt of an earlier run', async () => {
    const { forwarder, time, sent, reported } = start({ answer: () => FAILING });
    enqueue(forwarder, 1, 'app', 10, 5 * SECOND);
    await time.pass(4 * SECOND);
    expect(sent).toEqual([]);
    await time.pass(1 * SECOND);
    expect(reported).toEqual(['1 app #11 refused final']);
  });

  it('is abandoned at once when the target refuses it permanently', async () => {
    const { forwarder, time, sent, reported } = start({ answer: () => REFUSED });
    enqueue(forwarder, 1);
    await time.pass(HOUR);
    expect([sent.length, reported]).toEqual([1, ['1 app #1 refused final']]);
  });

  it('is dropped when it was accepted otherwise, before and between attempts', async () => {
    const { forwarder, time, sent, reported, accepted } = start({ answer: () => FAILING });
    accepted.add('1 app');
    enqueue(forwarder, 1);
    enqueue(forwarder, 2);
    await settle();
    accepted.add('2 app');
    await time.pass(HOUR);
    expect(sent.map(({ id }) => id)).toEqual(['id2']);
    expect(reported).toHaveLength(1);
    expect(forwarder.pending()).toBe(0);
  });

  it('waits for the other receipt of the same notification', async () => {
    const load = async (ref: number): Promise<ForwardedNotification> => ({ ...notificationOf(ref), uuid: 'same' });
    const acceptedUuid = { yes: false };
    const { forwarder, sent, reported } = start({
      answer: () => null,
      options: { load, isAccepted: () => acceptedUuid.yes },
    });
    enqueueAll(forwarder, 2);
    await settle();
    expect(sent).toHaveLength(1);
    acceptedUuid.yes = true;
    sent[0]!.settle(OK);
    await forwarder.idle();
    expect([sent.length, reported]).toEqual([1, ['0 app #1 accepted final']]);
  });

  it('is sent in order of receipt, eight at a time per target', async () => {
    const { forwarder, sent } = start({ targets: [http('a'), http('b')], answer: () => null });
    enqueueAll(forwarder, 20, 'a');
    enqueueAll(forwarder, 9, 'b');
    await settle();
    expect(sent.map(({ target, id }) => `${target} ${id}`)).toEqual(
      ['a', 'b'].flatMap((target) => [0, 1, 2, 3, 4, 5, 6, 7].map((ref) => `${target} id${ref}`)),
    );
    sent[3]!.settle(OK);
    await settle();
    expect(sent.slice(16)).toMatchObject([{ target: 'a', id: 'id8' }]);
    expect(forwarder.pending()).toBe(28);
  });

  it('runs programs four at a time, across all targets', async () => {
    const targets = [buildExecTarget('one', []), buildExecTarget('two', ['exec'])];
    const { forwarder, sent } = start({ targets, answer: () => null });
    enqueueAll(forwarder, 9, 'exec');
    enqueueAll(forwarder, 9, 'exec-2');
    await settle();
    expect(sent).toHaveLength(4);
    for (let done = 0; done < 18; done += 1) {
      sent[done]!.settle(OK);
      await settle();
      expect(sent.length).toBe(Math.min(done + 5, 18));
    }
    const second = sent.findIndex(({ target }) => target === 'exec-2');
    expect(second).toBeLessThan(7);
  });

  it('waits for the record of the attempt before the next one', async () => {
    let finish = (): void => undefined;
    const onAttempt = (): Promise<void> => new Promise((resolve) => (finish = resolve));
    const { forwarder, time, sent } = start({ answer: () => FAILING, options: { onAttempt } });
    enqueue(forwarder, 1);
    await time.pass(HOUR);
    expect(sent).toHaveLength(1);
    finish();
    await time.pass(HOUR);
    expect(sent).toHaveLength(2);
  });

  it('is retried when the journal fails, with a notice', async () => {
    const onAttempt = (): Promise<void> =>
      Promise.reject(new ToolError('usage', 'ERR_JOURNAL_WRITE', 'the disk is full'));
    const { forwarder, time, sent, notices } = start({ answer: () => FAILING, options: { onAttempt } });
    enqueue(forwarder, 1);
    await time.pass(2 * SECOND);
    expect(sent).toHaveLength(2);
    expect(notices[0]).toBe('ERR_JOURNAL_WRITE the response of app was not recorded: the disk is full');
  });

  it('is left to the next run when it cannot be read, and dropped when it is absent', async () => {
    const load = async (ref: number): Promise<ForwardedNotification | null> => {
      if (ref === 1) throw new ToolError('usage', 'ERR_JOURNAL_READ', 'no such file');
      return ref === 2 ? null : notificationOf(ref);
    };
    const { forwarder, sent, notices } = start({ options: { load } });
    for (const ref of [1, 2, 3]) enqueue(forwarder, ref);
    await forwarder.idle();
    expect(sent.map(({ id }) => id)).toEqual(['id3']);
    expect(notices).toEqual(['ERR_JOURNAL_READ a notification for app cannot be read: no such file']);
  });
});

describe('a target that is down', () => {
  it('is paused: one probe at a time, doubling pauses, and no queued delivery loses an attempt', async () => {
    let isDown = true;
    const { forwarder, time, sent, reported, notices } = start({ answer: () => (isDown ? DOWN : OK) });
    enqueueAll(forwarder, 100);
    await settle();
    expect(sent).toHaveLength(8);
    await time.pass(120 * SECOND);
    expect(sent.slice(8).map(({ atMs }) => atMs / SECOND)).toEqual([1, 3, 7, 15, 31, 63]);
    expect(forwarder.pending()).toBe(100);
    isDown = false;
    await time.pass(60 * SECOND);
    expect(forwarder.pending()).toBe(0);
    const numbers = reported.filter((line) => line.includes('accepted')).map((line) => Number(/#(\d+)/.exec(line)![1]));
    expect(numbers).toHaveLength(100);
    expect(numbers.filter((number) => number === 1).length).toBeGreaterThan(80);
    expect(notices).toEqual([
      'TARGET_RESTS app paused (connection refused), 93 notifications queued',
      expect.stringMatching(/^TARGET_BACK app resumed, \d+ notifications queued$/),
    ]);
  });

  it('does not affect other targets', async () => {
    const { forwarder, sent, time } = start({
      targets: [http('a'), http('b')],
      answer: ({ target }) => (target === 'a' ? DOWN : OK),
    });
    enqueueAll(forwarder, 50, 'a');
    enqueueAll(forwarder, 50, 'b');
    await time.pass(SECOND / 2);
    expect(sent.filter(({ target }) => target === 'b')).toHaveLength(50);
    expect(forwarder.pending()).toBe(50);
  });

  it('does not keep idle() waiting', async () => {
    const { forwarder } = start({ answer: () => DOWN });
    enqueueAll(forwarder, 50);
    await forwarder.idle();
    expect(forwarder.pending()).toBe(50);
  });

  it('is paused as long as it asks', async () => {
    let isBusy = true;
    const { forwarder, sent, time } = start({
      answer: () => (isBusy ? { ...FAILING, httpStatus: 429, retryAtMs: 30 * SECOND } : OK),
    });
    enqueueAll(forwarder, 50);
    await time.pass(29 * SECOND);
    expect(sent).toHaveLength(8);
    isBusy = false;
    await time.pass(2 * SECOND);
    expect(forwarder.pending()).toBe(0);
  });

  it('costs little with 100,000 queued, and gets them all when it is back', async () => {
    let isDown = true;
    let checks = 0;
    const accepted = new Uint8Array(100_000);
    const isAccepted = (ref: number): boolean => {
      checks += 1;
      return accepted[ref] === 1;
    };
    const onAttempt: ForwarderOptions['onAttempt'] = async (ref, _target, _number, { outcome }) => {
      if (outcome === 'accepted') accepted[ref!]! += 1;
    };
    const options = { isAccepted, onAttempt };
    const { forwarder, time, sent } = start({ answer: () => (isDown ? DOWN : OK), options });
    const before = process.memoryUsage().arrayBuffers;
    for (let ref = 0; ref < 100_000; ref += 1) enqueue(forwarder, ref, 'app', 0, time.now());
    await time.pass(HOUR);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000 * 40);
    expect(forwarder.pending()).toBe(100_000);
    expect(sent.length).toBeLessThan(120);
    expect(checks).toBeLessThan(500);
    isDown = false;
    await time.pass(2 * HOUR);
    expect([forwarder.pending(), accepted.every((times) => times === 1)]).toEqual([0, true]);
  });
});

describe('deliverNow', () => {
  it('makes one attempt, reported as final', async () => {
    const { forwarder, time, sent, reported } = start({ answer: () => FAILING });
    expect(await forwarder.deliverNow(7, notificationOf(7), http('app'), 3)).toBe(FAILING);
    await time.pass(HOUR);
    expect([sent.length, reported]).toEqual([1, ['7 app #3 refused final']]);
  });

  it('does not wait for pending deliveries', async () => {
    const { forwarder, sent } = start({ answer: ({ id }) => (id === 'id99' ? OK : null) });
    enqueueAll(forwarder, 20);
    expect(await forwarder.deliverNow(99, notificationOf(99), http('app'), 1)).toBe(OK);
    expect(sent).toHaveLength(9);
  });

  it('makes no attempt of a notification that the target accepts while it waits its turn', async () => {
    const { forwarder, sent } = start({ answer: () => null });
    forwarder.enqueue({ ref: 5, target: 'app', attempts: 0, dueAtMs: 0 });
    await settle();
    const second = forwarder.deliverNow(5, notificationOf(5), http('app'), 1);
    sent[0]!.settle(OK);
    expect(await second).toBeNull();
    expect(sent).toHaveLength(1);
  });

  it('runs no more programs than four at a time, and queues no more than 256', async () => {
    const target = buildExecTarget('x', []);
    const { forwarder, sent } = start({ targets: [target], answer: () => null });
    const all = Array.from({ length: 300 }, (_, ref) => forwarder.deliverNow(null, notificationOf(ref), target, 1));
    await settle();
    expect(sent).toHaveLength(4);
    const last = await all.at(-1);
    expect(last).toMatchObject({ outcome: 'unreachable', detail: expect.stringContaining('256') });
    for (let done = 0; done < 260; done += 1) {
      sent[done]!.settle(OK);
      await settle();
    }
    const outcomes = (await Promise.all(all)).map((attempt) => attempt?.outcome);
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(260);
  });
});

describe('stop', () => {
  it('starts no delivery, lets those in flight finish, and keeps the rest pending', async () => {
    const { forwarder, sent, reported } = start({ answer: () => null });
    enqueueAll(forwarder, 20);
    await settle();
    const stopped = forwarder.stop(5 * SECOND);
    for (const entry of sent) entry.settle(OK);
    await stopped;
    expect([sent.length, reported.length, forwarder.pending()]).toEqual([8, 8, 12]);
    enqueue(forwarder, 50);
    await settle();
    expect(sent).toHaveLength(8);
    await expect(forwarder.deliverNow(50, notificationOf(50), http('app'), 1)).rejects.toMatchObject({
      kind: 'interrupted',
    });
  });

  it('aborts slow deliveries, which count as no attempt', async () => {
    const { forwarder, time, sent, reported } = start({ answer: () => null });
    enqueueAll(forwarder, 3);
    const asked = forwarder.deliverNow(9, notificationOf(9), http('app'), 1);
    await settle();
    const isAborted = expect(asked).rejects.toMatchObject({ kind: 'interrupted' });
    const stopped = forwarder.stop(5 * SECOND);
    await time.pass(5 * SECOND);
    await stopped;
    await isAborted;
    expect([sent.length, reported, forwarder.pending()]).toEqual([4, [], 3]);
  });

  it('leaves no timer behind', async () => {
    const { forwarder, time } = start({ answer: () => DOWN });
    enqueueAll(forwarder, 3);
    await forwarder.idle();
    expect(time.sleeping).toBe(1);
    await forwarder.stop(0);
    expect(time.sleeping).toBe(0);
  });
});
