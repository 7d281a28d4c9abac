import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../../src/http/request.js';

const NOW = Date.UTC(2026, 10, 20, 12);

describe('parseRetryAfter', () => {
  it.each([
    ['a moment in milliseconds, as Apple sends it', String(NOW + 5_000), NOW + 5_000],
    ['a moment in seconds', String(NOW / 1_000 + 5), NOW + 5_000],
    ['seconds to wait', '5', NOW + 5_000],
    ['no wait', '0', NOW],
    ['part of a second', ' 1.5 ', NOW + 1_500],
    ['a date', 'Fri, 20 Nov 2026 12:00:05 GMT', NOW + 5_000],
    ['a moment that has passed', String(NOW - 5_000), NOW - 5_000],
    ['nothing', undefined, null],
    ['blanks', ' ', null],
    ['less than nothing', '-5', null],
    ['a word', 'soon', null],
    ['a date in another form', '2026-11-20T12:00:05Z', null],
  ])('%s', (_what, value, expected) => expect(parseRetryAfter(value, NOW)).toBe(expected));
});
