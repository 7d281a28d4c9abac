import { describe, expect, it } from 'vitest';
import { planAxis } from '../../../src/purchase-view/axis.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

const positionsOf = (moments: readonly number[], width: number, least: number) => {
  const axis = planAxis(moments, width, least);
  return { at: moments.map((ms) => Math.round(axis.at(ms))), isToScale: axis.isToScale };
};

describe('the axis', () => {
  it.each([
    ['to scale', [0, 30 * DAY, 40 * DAY], 80, 3, { at: [0, 60, 80], isToScale: true }],
    ['minutes beside months', [0, 5 * MINUTE, 10 * MINUTE, 90 * DAY], 76, 3, { at: [0, 3, 7, 76], isToScale: false }],
    ['in any order', [40 * DAY, 0, 30 * DAY], 80, 3, { at: [80, 0, 60], isToScale: true }],
    ['seconds as one moment', [0, 2_000, 10 * DAY, 10 * DAY + 14_999], 50, 3, { at: [0, 0, 50, 50], isToScale: true }],
    ['one moment', [5 * DAY], 50, 3, { at: [0], isToScale: true }],
    [
      'more moments than room',
      [0, 1, 2, 3, 4].map((day) => day * DAY),
      4,
      3,
      { at: [0, 1, 2, 3, 4], isToScale: false },
    ],
  ])('lays out %s', (_case, moments, width, least, expected) =>
    expect(positionsOf(moments, width, least)).toEqual(expected),
  );

  it('puts what is before and after at its ends', () => {
    const axis = planAxis([10 * DAY, 20 * DAY], 100, 3);
    expect([0, 15 * DAY, 30 * DAY, Number.POSITIVE_INFINITY].map(axis.at)).toEqual([0, 50, 100, 100]);
  });

  it('keeps the order of any moments', () => {
    const moments = Array.from({ length: 200 }, (_, index) => ((index * 7919) % 200) ** 3 * MINUTE);
    const axis = planAxis(moments, 76, 3);
    const positions = [...moments].sort((a, b) => a - b).map(axis.at);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect([positions[0], Math.round(positions.at(-1)!)]).toEqual([0, 76]);
  });

  it('has no position without a moment', () => expect(planAxis([], 76, 3).at(5)).toBe(0));
});
