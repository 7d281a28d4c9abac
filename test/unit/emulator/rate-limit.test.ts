import { expect, it } from 'vitest';
import { RateLimit } from '../../../src/emulator/rate-limit.js';

it("takes an hour's worth at once, then one for each that comes back", () => {
  let nowMs = 1_000;
  const limit = new RateLimit(4, () => nowMs);
  expect([1, 2, 3, 4].map(() => limit.take())).toEqual([null, null, null, null]);
  expect(limit.take()).toBe(1_000 + 900_000);
  nowMs += 899_999;
  expect(limit.take()).toBe(901_000);
  nowMs += 1;
  expect(limit.take()).toBeNull();
  expect(limit.left).toBe(0);
});

it('never holds more than an hour gives', () => {
  let nowMs = 0;
  const limit = new RateLimit(2, () => nowMs);
  nowMs += 100 * 3_600_000;
  expect([limit.take(), limit.take(), limit.take() === null]).toEqual([null, null, false]);
});
