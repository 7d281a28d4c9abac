import { expect, it } from 'vitest';
import { createPace } from '../../../src/audit/send.js';

it.each([
  ['in time', () => 0],
  ['late now and then, which brings the next ones no closer', (turn: number) => (turn % 20 === 0 ? 40 : 0)],
])('gives out no more than twenty turns in any second, however many ask at once: timers wake %s', async (_, lateMs) => {
  let clockMs = 1_000;
  let sleeps = 0;
  const sleep = async (ms: number): Promise<void> => {
    clockMs += ms + lateMs(sleeps);
    sleeps += 1;
  };
  const turn = createPace({ now: () => clockMs, sleep });
  const starts = await Promise.all(Array.from({ length: 60 }, () => turn().then(() => clockMs)));
  expect(sleeps).toBe(59);
  for (const start of starts) {
    expect(starts.filter((other) => other >= start && other < start + 1_000).length).toBeLessThanOrEqual(20);
  }
  clockMs += 60_000;
  await turn();
  expect(sleeps).toBe(59);
});
