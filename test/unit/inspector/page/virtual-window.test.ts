import { describe, expect, it } from 'vitest';
import { computeWindow, ROW_HEIGHT, scrollTopToShow } from '../../../../src/inspector/page/model/virtual-window.js';

describe('computeWindow', () => {
  it.each([
    ['nothing', 0, 600, 0, { start: 0, end: 0 }],
    ['a list without a height yet', 0, 0, 100, { start: 0, end: 8 }],
    ['a short list whole', 0, 600, 5, { start: 0, end: 5 }],
    ['the top, and some below', 0, 10 * ROW_HEIGHT, 100_000, { start: 0, end: 18 }],
    ['the middle, and some around', 50_000 * ROW_HEIGHT, 10 * ROW_HEIGHT, 100_000, { start: 49_992, end: 50_018 }],
    ['half rows whole', 20.5 * ROW_HEIGHT, 10 * ROW_HEIGHT, 100_000, { start: 12, end: 39 }],
    ['the end', 99_990 * ROW_HEIGHT, 10 * ROW_HEIGHT, 100_000, { start: 99_982, end: 100_000 }],
    ['a list that became shorter than it was scrolled', 900 * ROW_HEIGHT, 600, 3, { start: 3, end: 3 }],
  ])('draws %s', (_case, scrollTop, height, total, expected) =>
    expect(computeWindow(scrollTop, height, total)).toEqual(expected),
  );
});

describe('scrollTopToShow', () => {
  it.each([
    ['stays for a row in view', 5, 2 * ROW_HEIGHT, 2 * ROW_HEIGHT],
    ['goes up to a row above', 1, 2 * ROW_HEIGHT, ROW_HEIGHT],
    ['goes down until a row below is whole', 12, 2 * ROW_HEIGHT, 3 * ROW_HEIGHT],
  ])('%s', (_case, index, scrollTop, expected) =>
    expect(scrollTopToShow(index, scrollTop, 10 * ROW_HEIGHT)).toBe(expected),
  );
});
