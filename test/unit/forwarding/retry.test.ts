import { describe, expect, it } from 'vitest';
import { breakerPauseMs, nextRetryAt } from '../../../src/forwarding/retry.js';
import type { DeliveryAttempt } from '../../../src/forwarding/target.js';

const NOW = 1_760_000_000_000;
const HOUR = 3_600_000;
const attempt = (overrides: Partial<DeliveryAttempt>): DeliveryAttempt => ({
  httpStatus: null,
  ms: 1,
  outcome: 'unreachable',
  detail: 'x',
  retriable: true,
  retryAtMs: null,
  ...overrides,
});
const asks = (afterMs: number, httpStatus = 503): DeliveryAttempt =>
  attempt({ outcome: 'refused', httpStatus, retryAtMs: NOW + afterMs });

describe('nextRetryAt', () => {
  it.each(
    [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR].map((ms, index) => [
      index + 1,
      ms,
    ]),
  )('after attempt %i waits %i ms, a fifth more or less', (attempts, ms) => {
    const planned = [0, 0.5, 1].map((chance) => nextRetryAt(attempt({}), attempts, NOW, chance)! - NOW);
    expect(planned).toEqual([0.8 * ms, ms, 1.2 * ms]);
  });

  it.each([
    ['the eleventh attempt', attempt({}), 11],
    ['many attempts', attempt({}), 255],
    ['a permanent refusal', attempt({ outcome: 'refused', httpStatus: 404, retriable: false }), 1],
    ['acceptance', attempt({ outcome: 'accepted', httpStatus: 200, retriable: false }), 1],
  ])('%s is final', (_name, last, attempts) => expect(nextRetryAt(last, attempts, NOW, 0.5)).toBeNull());

  it.each([
    [60_000, 60_000],
    [500, 1_000],
    [-9_000, 1_000],
    [99 * 24 * HOUR, 24 * HOUR],
  ])('asked to wait %i ms waits %i', (asked, waits) => expect(nextRetryAt(asks(asked), 1, NOW, 0.5)).toBe(NOW + waits));
});

describe('breakerPauseMs', () => {
  it('doubles up to a minute', () => {
    const pauses: number[] = [];
    for (let pause = 0; pauses.length < 8; pauses.push(pause)) pause = breakerPauseMs(attempt({}), pause, NOW)!;
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it.each([
    ['too slow', attempt({ outcome: 'timed-out' }), 1_000],
    ['a program that is too slow', attempt({ outcome: 'timed-out', retriable: false }), null],
    ['429', attempt({ outcome: 'refused', httpStatus: 429 }), 1_000],
    ['429 with Retry-After', asks(30_000, 429), 30_000],
    ['429 with Retry-After in the past', asks(-30_000, 429), 1_000],
    ['503 with Retry-After', asks(30_000), 30_000],
    ['503 with a long Retry-After', asks(9 * HOUR), 600_000],
    ['503', attempt({ outcome: 'refused', httpStatus: 503 }), null],
    ['500 with Retry-After', asks(30_000, 500), null],
    ['404', attempt({ outcome: 'refused', httpStatus: 404, retriable: false }), null],
    ['200', attempt({ outcome: 'accepted', httpStatus: 200, retriable: false }), null],
  ])('%s', (_name, last, pause) => expect(breakerPauseMs(last, 0, NOW)).toBe(pause));
});
