import { describe, expect, it } from 'vitest';
import { addPeriods } from '../../../../src/simulator/payloads/subscription.js';

describe('addPeriods', () => {
  it.each([
    { from: '2026-11-02T09:00:00.000Z', period: 'P1M', count: 1, to: '2026-12-02T09:00:00.000Z' },
    { from: '2026-01-31T09:00:00.000Z', period: 'P1M', count: 1, to: '2026-02-28T09:00:00.000Z' },
    { from: '2028-01-31T09:00:00.000Z', period: 'P1M', count: 1, to: '2028-02-29T09:00:00.000Z' },
    { from: '2026-03-31T09:00:00.000Z', period: 'P1M', count: -1, to: '2026-02-28T09:00:00.000Z' },
    { from: '2026-12-15T00:00:00.000Z', period: 'P3M', count: 1, to: '2027-03-15T00:00:00.000Z' },
    { from: '2024-02-29T00:00:00.000Z', period: 'P1Y', count: 1, to: '2025-02-28T00:00:00.000Z' },
    { from: '2026-11-02T09:00:00.000Z', period: 'P1W', count: -2, to: '2026-10-19T09:00:00.000Z' },
    { from: '2026-11-02T09:00:00.000Z', period: 'P3D', count: 1, to: '2026-11-05T09:00:00.000Z' },
  ])('$from and $count x $period is $to', ({ from, period, count, to }) => {
    expect(new Date(addPeriods(Date.parse(from), period, count)).toISOString()).toBe(to);
  });

  it.each(['', '1M', 'P1H', 'P1M1D', 'PT1M', 'P-1M'])('refuses "%s"', (period) => {
    expect(() => addPeriods(0, period)).toThrow(expect.objectContaining({ code: 'ERR_SIMULATOR_PERIOD' }));
  });
});
