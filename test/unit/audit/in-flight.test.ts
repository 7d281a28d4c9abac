import { describe, expect, it } from 'vitest';
import { inFlightFor, keepInFlight } from '../../../src/audit/in-flight.js';

describe('inFlightFor', () => {
  it.each<[string, readonly number[], number]>([
    ['an endpoint on this machine', [0, 2, 1], 8],
    ['300 ms', [280, 300, 310], 8],
    ['one that takes a second', [1_000, 400], 5],
    ['one that takes three', [3_000], 1],
    ['one that takes nine', [9_000], 1],
    ['nothing known', [], 8],
  ])('%s', (_what, before, expected) =>
    expect(
      inFlightFor(
        before.map((ms) => ({ ms })),
        10_000,
      ),
    ).toBe(expected),
  );
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('keepInFlight', () => {
  it('starts in order, never more than the limit, and waits for all', async () => {
    const ended: number[] = [];
    let running = 0;
    let most = 0;
    await keepInFlight(3, async (index) => {
      if (index === 10) return null;
      return async () => {
        running += 1;
        most = Math.max(most, running);
        await turn();
        running -= 1;
        ended.push(index);
      };
    });
    expect([most, running, ended]).toEqual([3, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  });

  it('starts none after a failure, and throws it once the others have ended', async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const run = keepInFlight(2, async (index) => {
      started.push(index);
      return async () => {
        if (index === 1) throw new Error('interrupted');
        await turn();
        ended.push(index);
      };
    });
    await expect(run).rejects.toThrow('interrupted');
    expect([started, ended]).toEqual([[0, 1], [0]]);
  });
});
