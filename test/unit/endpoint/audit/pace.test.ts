import { expect, it } from 'vitest';
import { createPace } from '../../../../src/endpoint/audit/pace.js';

it('gives out no more than twenty turns in any second, however many ask at once', async () => {
  let clockMs = 1_000;
  const starts: number[] = [];
  // A sleeper's moment is its own: the clock only ever moves forward.
  const turn = createPace({ now: () => clockMs, sleep: async (ms) => void starts.push(clockMs + ms) });
  starts.push(clockMs);
  await turn();
  await Promise.all(Array.from({ length: 59 }, () => turn()));
  expect(starts).toHaveLength(60);
  for (const start of starts) {
    expect(starts.filter((other) => other >= start && other < start + 1_000).length).toBeLessThanOrEqual(20);
  }
  clockMs += 60_000;
  await turn();
  expect(starts).toHaveLength(60);
});
