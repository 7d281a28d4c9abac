import { describe, expect, it } from 'vitest';
import { SEND_ATTEMPTS } from '../../../src/notification/catalogue/send-attempts.js';
import { RETRY_DELAYS_MS } from '../../../src/notification/late-arrival.js';
import { appleRetries } from '../../../src/sender/retry-schedule.js';

const HOUR_MS = 3_600_000;
const NO_RETRY = { retry: false, afterMs: null };

describe('appleRetries', () => {
  it.each([
    [1, 1],
    [2, 12],
    [3, 24],
    [4, 48],
    [5, 72],
  ])('after attempt %i in production: %i h', (attempt, hours) => {
    const afterMs = hours * HOUR_MS;
    expect(appleRetries('TIMED_OUT', null, 'production', attempt)).toEqual({ retry: true, afterMs });
    expect(appleRetries('TIMED_OUT', null, 'Production', attempt)).toEqual({ retry: true, afterMs });
  });

  it('gives up after six attempts', () => {
    expect(RETRY_DELAYS_MS).toHaveLength(5);
    expect(appleRetries('TIMED_OUT', null, 'production', 6)).toEqual(NO_RETRY);
  });

  it.each(['sandbox', 'Sandbox'] as const)('never in %s', (environment) => {
    expect(appleRetries('UNSUCCESSFUL_HTTP_RESPONSE_CODE', 500, environment, 1)).toEqual(NO_RETRY);
  });

  it.each(SEND_ATTEMPTS.map(({ value }) => value))('%s', (result) => {
    expect(appleRetries(result, null, 'production', 1).retry).toBe(result !== 'SUCCESS');
  });

  it.each([101, 207, 302, 404, 503])('whatever the status: %i', (status) => {
    expect(appleRetries('UNSUCCESSFUL_HTTP_RESPONSE_CODE', status, 'production', 1).retry).toBe(true);
  });
});

describe('the waits between attempts', () => {
  it('are 1, 12, 24, 48 and 72 hours, so that there are six attempts', () => {
    expect(RETRY_DELAYS_MS.map((ms) => ms / 3_600_000)).toEqual([1, 12, 24, 48, 72]);
  });
});
