import { describe, expect, it } from 'vitest';
import { clockDifference } from '../../../src/http/clock-difference.js';

const NOW = Date.UTC(2026, 10, 20, 12);

describe('clockDifference', () => {
  it.each([
    ['at the same time', 0, null],
    ['within the accuracy of the header', 4_999, null],
    ['ahead', 5_000, "5 s ahead of the server's"],
    ['behind', -34_000, "34 s behind the server's"],
    ['minutes ahead', 600_000, "10 minutes ahead of the server's"],
    ['a day behind', -86_400_000, "24 hours behind the server's"],
    ['a year behind', -365 * 86_400_000, "365 days behind the server's"],
  ])('is told of a clock %s', (_case, aheadMs, words) => {
    const date = new Date(NOW - aheadMs).toUTCString();
    const exact = NOW - aheadMs - Date.parse(date);
    expect(clockDifference({ date }, NOW - exact)?.words ?? null).toBe(words);
  });

  it.each([{}, { date: 'soon' }])('is unknown without a date: %j', (headers) =>
    expect(clockDifference(headers as Record<string, string>, NOW)).toBeNull(),
  );
});
