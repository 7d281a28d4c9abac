import { describe, expect, it } from 'vitest';
import type { PendingSend } from '../../../../src/commands/trigger/deliver.js';
import { sendNotifications, type TriggerPace } from '../../../../src/commands/trigger/deliver.js';
import {
  exitOfTrigger,
  type Outcome,
  outcomeWord,
  type TriggerTally,
} from '../../../../src/commands/trigger/outcome.js';
import { SEND_ATTEMPTS, type SendAttemptResult } from '../../../../src/notification/catalogue/send-attempts.js';

const outcomeOf = (result: SendAttemptResult): Outcome => ({
  notification: { type: 'TEST', subtype: null, signedPayload: '', body: '', step: null, forged: null },
  target: 'here',
  result,
  httpStatus: null,
  ms: 1,
  detail: '',
  answer: '',
  retry: { retry: false, afterMs: null },
});

/** A clock that only sleeping and sending move. */
function setUp(results: readonly SendAttemptResult[], pace: Partial<TriggerPace> = {}, eachTakesMs = 1_000) {
  let nowMs = 0;
  const controller = new AbortController();
  const log: string[] = [];
  async function* sends(): AsyncGenerator<PendingSend, void> {
    for (const result of results) {
      yield async (timeoutMs) => {
        log.push(`send at ${nowMs}, at most ${timeoutMs}`);
        nowMs += eachTakesMs;
        return outcomeOf(result);
      };
    }
  }
  const deps = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      log.push(`sleep ${ms}`);
      nowMs += ms;
    },
    signal: controller.signal,
  };
  const whole: TriggerPace = {
    total: results.length,
    intervalMs: 0,
    timeoutMs: null,
    stopsWhereUnreachable: true,
    ...pace,
  };
  const seen: SendAttemptResult[] = [];
  const run = (onOutcome: (abort: () => void) => void = () => undefined) =>
    sendNotifications(sends(), whole, deps, ({ result }) => {
      seen.push(result);
      onOutcome(() => controller.abort());
    });
  return { run, log, seen };
}

const tally = (counts: Partial<TriggerTally>): TriggerTally => ({
  accepted: 0,
  refused: 0,
  unreachable: 0,
  'timed-out': 0,
  notSent: 0,
  stoppedBy: null,
  ...counts,
});

describe('sendAll', () => {
  it('sends one after the other, a refusal notwithstanding', async () => {
    const { run, seen, log } = setUp(['SUCCESS', 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', 'TIMED_OUT', 'SUCCESS']);
    expect(await run()).toEqual(tally({ accepted: 2, refused: 1, 'timed-out': 1 }));
    expect(seen).toHaveLength(4);
    expect(log).toEqual([0, 1_000, 2_000, 3_000].map((at) => `send at ${at}, at most 30000`));
  });

  it('pauses between two, not before the first nor after the last', async () => {
    const { run, log } = setUp(['SUCCESS', 'SUCCESS'], { intervalMs: 500 });
    await run();
    expect(log).toEqual(['send at 0, at most 30000', 'sleep 500', 'send at 1500, at most 30000']);
  });

  it.each(['SOCKET_ISSUE', 'TLS_ISSUE'] as const)('stops at %s, which the next would meet as well', async (result) => {
    const { run, log } = setUp([result, 'SUCCESS', 'SUCCESS']);
    expect(await run()).toEqual(tally({ unreachable: 1, notSent: 2, stoppedBy: 'unreachable' }));
    expect(log).toHaveLength(1);
  });

  it('goes on where an emulator does the sending', async () => {
    const { run } = setUp(['SOCKET_ISSUE', 'SUCCESS'], { stopsWhereUnreachable: false });
    expect(await run()).toEqual(tally({ unreachable: 1, accepted: 1 }));
  });

  it('has nothing left to stop after the last', async () => {
    expect(await setUp(['SOCKET_ISSUE']).run()).toEqual(tally({ unreachable: 1 }));
  });

  it('gives the last one what is left of the time, and sends none after it', async () => {
    const { run, log } = setUp(['SUCCESS', 'SUCCESS', 'SUCCESS'], { timeoutMs: 1_600, intervalMs: 100 });
    expect(await run()).toEqual(tally({ accepted: 2, notSent: 1, stoppedBy: 'deadline' }));
    expect(log).toEqual(['send at 0, at most 1600', 'sleep 100', 'send at 1100, at most 500', 'sleep 0']);
  });

  it('never sleeps beyond the deadline', async () => {
    const { run, log } = setUp(['SUCCESS', 'SUCCESS'], { timeoutMs: 1_600, intervalMs: 60_000 });
    expect(await run()).toMatchObject({ stoppedBy: 'deadline', notSent: 1 });
    expect(log.at(-1)).toBe('sleep 600');
  });

  it('stops between two when it is interrupted', async () => {
    const { run } = setUp(['SUCCESS', 'SUCCESS']);
    expect(await run((abort) => abort())).toEqual(tally({ accepted: 1, notSent: 1, stoppedBy: 'signal' }));
  });
});

describe('outcomeWord', () => {
  it('is known of every result', () => {
    expect(Object.fromEntries(SEND_ATTEMPTS.map(({ value }) => [value, outcomeWord({ result: value })]))).toEqual({
      SUCCESS: 'accepted',
      UNSUCCESSFUL_HTTP_RESPONSE_CODE: 'refused',
      CIRCULAR_REDIRECT: 'refused',
      UNSUPPORTED_CHARSET: 'refused',
      TIMED_OUT: 'timed-out',
      SOCKET_ISSUE: 'unreachable',
      TLS_ISSUE: 'unreachable',
      NO_RESPONSE: 'unreachable',
      INVALID_RESPONSE: 'unreachable',
      PREMATURE_CLOSE: 'unreachable',
      OTHER: 'unreachable',
    });
  });

  it.each([
    [{ accepted: 3 }, 0],
    [{ accepted: 2, refused: 1 }, 1],
    [{ accepted: 2, unreachable: 1 }, 4],
    [{ 'timed-out': 1 }, 4],
    [{ refused: 1, unreachable: 1 }, 1],
    [{ accepted: 1, notSent: 1, stoppedBy: 'deadline' }, 5],
    [{ unreachable: 1, notSent: 1, stoppedBy: 'deadline' }, 4],
    [{ unreachable: 1, notSent: 1, stoppedBy: 'unreachable' }, 4],
  ] as const)('%j exits with %i', (counts, exit) => expect(exitOfTrigger(tally(counts))).toBe(exit));
});
