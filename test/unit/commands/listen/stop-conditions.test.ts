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
  readonly end: StopController;
  readonly interrupt: AbortController;
  readonly closed: AbortController;
  /** Lets the sleep of so many milliseconds be over. */
  wake(ms: number): void;
  /** Sleeps nobody has let go of. */
  asleep(): number;
}

function start(until: StopCondition): World {
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
  const end = createStopController(until, 5_000, {
    signal: interrupt.signal,
    sleep,
    stdout: { closed: closed.signal },
  });
  return { end, interrupt, closed, wake: (ms) => sleeps.get(ms)?.(), asleep: () => sleeps.size };
}

describe('a run', () => {
  it.each<[string, StopCondition, (world: World) => void, { reason: string; exit: number }]>([
    [
      'interrupted once it was ready ends well',
      FOREVER,
      ({ end, interrupt }) => {
        end.take(READY);
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
      'interrupted while something is waited for does not',
      RENEWAL,
      ({ end, interrupt }) => {
        end.take(READY);
        interrupt.abort('SIGINT');
      },
      { reason: 'SIGINT', exit: EXIT.interrupted },
    ],
    [
      'interrupted when that is there and only a target is waited for does',
      RENEWAL,
      ({ end, interrupt }) => {
        end.take(READY);
        end.take(verified({ targets: ['app'] }));
        interrupt.abort('SIGINT');
      },
      { reason: 'SIGINT', exit: EXIT.ok },
    ],
    [
      'that nobody reads ends quietly',
      FOREVER,
      ({ end, closed }) => {
        end.take(READY);
        closed.abort('EPIPE');
      },
      { reason: 'EPIPE', exit: EXIT.ok },
    ],
    ['that is expected ends', RENEWAL, ({ end }) => end.take(verified()), { reason: 'expected', exit: EXIT.ok }],
    [
      'ends when the targets were tried',
      RENEWAL,
      ({ end }) => {
        end.take(verified({ targets: ['app'] }));
        end.take(delivery());
      },
      { reason: 'expected', exit: EXIT.ok },
    ],
    [
      'does not wait for a target for ever',
      RENEWAL,
      ({ end, wake }) => {
        end.take(verified({ targets: ['app'] }));
        wake(5_000);
      },
      { reason: 'expected', exit: EXIT.ok },
    ],
    ['ends at its deadline', RENEWAL, ({ wake }) => wake(60_000), { reason: 'timeout', exit: EXIT.pending }],
    [
      'ends after so many',
      { kind: 'count', count: 1, timeoutMs: null },
      ({ end }) => end.take(verified()),
      { reason: 'exit-after', exit: EXIT.ok },
    ],
  ])('%s', async (_name, until, work, expected) => {
    const world = start(until);
    work(world);
    expect(await world.end.reached).toEqual(expected);
    expect(world.asleep()).toBe(0);
  });

  it('lets go of the clock', () => {
    const { end, asleep } = start(RENEWAL);
    expect(asleep()).toBe(1);
    end.forget();
    expect(asleep()).toBe(0);
  });

  it('that was interrupted before it began ends at once', async () => {
    const interrupted = AbortSignal.abort('SIGINT');
    const stdout = { closed: new AbortController().signal };
    const end = createStopController(FOREVER, 0, { signal: interrupted, sleep: () => Promise.resolve(), stdout });
    expect(await end.reached).toEqual({ reason: 'SIGINT', exit: EXIT.interrupted });
  });
});
