import { describe, expect, it } from 'vitest';
import { RetryClock } from '../../../src/emulator/delivery/retry-clock.js';

/** Manual time: `sleep` resolves when the test has advanced it. */
function fakeTime() {
  let nowMs = 1_000_000;
  let sleepers: { untilMs: number; wake: () => void }[] = [];
  return {
    now: () => nowMs,
    sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        sleepers.push({ untilMs: nowMs + ms, wake: resolve });
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
    async pass(ms: number): Promise<void> {
      nowMs += ms;
      const due = sleepers.filter(({ untilMs }) => untilMs <= nowMs);
      sleepers = sleepers.filter(({ untilMs }) => untilMs > nowMs);
      for (const { wake } of due) wake();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    },
  };
}

function note(list: string[], name: string): () => Promise<void> {
  return async () => void list.push(name);
}

describe('retry time that passes by steps', () => {
  it('does not move with real time', async () => {
    const time = fakeTime();
    const clock = new RetryClock({ ...time, timeScale: 1, step: true });
    const ran: string[] = [];
    clock.at(1, note(ran, 'a'));
    await time.pass(1_000_000);
    expect([clock.elapsedMs, ran]).toEqual([0, []]);
  });

  it('runs due jobs in order, those they schedule included', async () => {
    const clock = new RetryClock({ ...fakeTime(), timeScale: 1, step: true });
    const ran: string[] = [];
    clock.at(20, note(ran, 'later'));
    clock.at(10, async () => {
      ran.push(`first at ${clock.elapsedMs}`);
      clock.at(15, note(ran, 'follow-up'));
    });
    clock.at(31, note(ran, 'too late'));
    await clock.advance(30);
    expect(ran).toEqual(['first at 10', 'follow-up', 'later']);
    expect(clock.elapsedMs).toBe(30);
    await clock.advance(1);
    expect(ran.at(-1)).toBe('too late');
  });

  it('runs nothing once stopped', async () => {
    const clock = new RetryClock({ ...fakeTime(), timeScale: 1, step: true });
    const ran: string[] = [];
    clock.at(10, note(ran, 'a'));
    clock.stop();
    await clock.advance(100);
    expect(ran).toEqual([]);
  });
});

describe('retry time on a scale', () => {
  it('passes that many times as fast', async () => {
    const time = fakeTime();
    const clock = new RetryClock({ ...time, timeScale: 3_600, step: false });
    const ran: string[] = [];
    clock.at(3_600_000, note(ran, 'an hour'));
    await time.pass(999);
    expect(ran).toEqual([]);
    await time.pass(1);
    expect(ran).toEqual(['an hour']);
    expect(clock.elapsedMs).toBe(3_600_000);
  });

  it('wakes up for an earlier job', async () => {
    const time = fakeTime();
    const clock = new RetryClock({ ...time, timeScale: 1, step: false });
    const ran: string[] = [];
    clock.at(1_000, note(ran, 'late'));
    clock.at(100, note(ran, 'early'));
    await time.pass(0);
    await time.pass(100);
    expect(ran).toEqual(['early']);
    await time.pass(900);
    expect(ran).toEqual(['early', 'late']);
  });

  it('can be advanced besides', async () => {
    const time = fakeTime();
    const clock = new RetryClock({ ...time, timeScale: 1, step: false });
    const ran: string[] = [];
    clock.at(5_000, note(ran, 'a'));
    clock.at(9_000, note(ran, 'b'));
    await clock.advance(5_000);
    expect(ran).toEqual(['a']);
    await time.pass(0);
    await time.pass(4_000);
    expect(ran).toEqual(['a', 'b']);
  });
});
