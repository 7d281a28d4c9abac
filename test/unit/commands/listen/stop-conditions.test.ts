import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../src/cli/exit.js';
import type { StopCondition } from '../../../../src/commands/listen/stop-conditions.js';
import { createStopController, type StopController } from '../../../../src/commands/listen/stop-conditions.js';
import type { ListenerEvent } from '../../../../src/listener/events.js';
import { AT_MS, delivery, verified } from '../../document-view/listen-events.js';

const READY: ListenerEvent = {
  ...{ event: 'ready', atMs: AT_MS, url: 'http://x/', publicUrl: null, targets: [], journal: '/j', owed: 0 },
};
const FOREVER: StopCondition = { kind: 'forever' };
const RENEWAL: StopCondition = { kind: 'arrival', events: ['DID_RENEW'], timeoutMs: 60_000 };

interface World {
  readonly controller: StopController;
  readonly interrupt: AbortController;
  readonly closed: AbortController;
  /** Ends the sleep of `ms` milliseconds. */
  wake(ms: number): void;
  /** Sleeps that are still pending. */
  asleep(): number;
}

function start(condition: StopCondition): World {
  const interrupt = new AbortController();
  const closed = new AbortController();
  const sleeps = new Map<number, () => void>();
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      sleeps.set(ms, resolve);
      signal?.addEventListener('abort', () => {
        sleeps.delete(ms);
        resolve();
      });
    });
  const controller = createStopController(condition, 5_000, {
    signal: interrupt.signal,
    sleep,
    stdout: { closed: closed.signal },
  });
  return { controller, interrupt, closed, wake: (ms) => sleeps.get(ms)?.(), asleep: () => sleeps.size };
}

describe('a run', () => {
  it.each<[string, StopCondition, (world: World) => void, { reason: string; exit: number }]>([
    [
      'interrupted once it was ready ends well',
      FOREVER,
      ({ controller, interrupt }) => {
        controller.observe(READY);
        interrupt.abort('SIGINT');
      },
      { reason: 'SIGINT', exit: EXIT.ok },
    ],
    [
      'interrupted before it was ready does not',
      FOREVER,
      ({ interrupt }) => interrupt.abort('SIGTERM'),
      { reason: 'SIGTERM', exit: EXIT.interrupted },
    ],
    [
      'interrupted before its condition is met does not',
      RENEWAL,
      ({ controller, interrupt }) => {
        controller.observe(READY);
        interrupt.abort('SIGINT');
      },
      { reason: 'SIGINT', exit: EXIT.interrupted },
    ],
    [
      'interrupted once its condition is met does',
      RENEWAL,
      ({ controller, interrupt }) => {
        controller.observe(READY);
        controller.observe(verified({ targets: ['app'] }));
        interrupt.abort('SIGINT');
      },
      { reason: 'SIGINT', exit: EXIT.ok },
    ],
    [
      'whose output is closed ends quietly',
      FOREVER,
      ({ controller, closed }) => {
        controller.observe(READY);
        closed.abort('EPIPE');
      },
      { reason: 'EPIPE', exit: EXIT.ok },
    ],
    [
      'whose condition is met ends',
      RENEWAL,
      ({ controller }) => controller.observe(verified()),
      { reason: 'expected', exit: EXIT.ok },
    ],
    [
      'ends when the targets were tried',
      RENEWAL,
      ({ controller }) => {
        controller.observe(verified({ targets: ['app'] }));
        controller.observe(delivery());
      },
      { reason: 'expected', exit: EXIT.ok },
    ],
    [
      'stops waiting for a target after a while',
      RENEWAL,
      ({ controller, wake }) => {
        controller.observe(verified({ targets: ['app'] }));
        wake(5_000);
      },
      { reason: 'expected', exit: EXIT.ok },
    ],
    ['ends at its deadline', RENEWAL, ({ wake }) => wake(60_000), { reason: 'timeout', exit: EXIT.pending }],
    [
      'ends after the given number',
      { kind: 'count', count: 1, timeoutMs: null },
      ({ controller }) => controller.observe(verified()),
      { reason: 'exit-after', exit: EXIT.ok },
    ],
  ])('%s', async (_name, condition, work, expected) => {
    const world = start(condition);
    work(world);
    expect(await world.controller.stopped).toEqual(expected);
    expect(world.asleep()).toBe(0);
  });

  it('cancels its timers when disposed', () => {
    const { controller, asleep } = start(RENEWAL);
    expect(asleep()).toBe(1);
    controller.dispose();
    expect(asleep()).toBe(0);
  });

  it('that was interrupted before it began ends at once', async () => {
    const interrupted = AbortSignal.abort('SIGINT');
    const stdout = { closed: new AbortController().signal };
    const controller = createStopController(FOREVER, 0, {
      signal: interrupted,
      sleep: () => Promise.resolve(),
      stdout,
    });
    expect(await controller.stopped).toEqual({ reason: 'SIGINT', exit: EXIT.interrupted });
  });
});
