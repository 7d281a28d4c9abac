import { describe, expect, it } from 'vitest';
import {
  appleRetries,
  MAX_ATTEMPTS,
  type PastAttempt,
  planNextAttempt,
  RETRY_DELAYS_MS,
} from '../../../src/emulator/sender/schedule.js';
import { SEND_ATTEMPTS } from '../../../src/notification/catalogue/send-attempts.js';

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
    expect(MAX_ATTEMPTS).toBe(6);
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

const failed = (atMs: number): PastAttempt => ({ atMs, result: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', httpStatus: 500 });
const delivered = (atMs: number): PastAttempt => ({ atMs, result: 'SUCCESS', httpStatus: 200 });

describe('planNextAttempt', () => {
  it('is due at once, and then 1, 13, 37, 85 and 157 hours after the first', () => {
    const past: PastAttempt[] = [];
    for (let next = planNextAttempt('production', 7, past); next.state === 'due'; ) {
      expect(next.attempt).toBe(past.length + 1);
      past.push(failed(next.atMs));
      next = planNextAttempt('production', 7, past);
    }
    expect(past.map(({ atMs }) => (atMs - 7) / HOUR_MS)).toEqual([0, 1, 13, 37, 85, 157]);
  });

  it.each([
    ['a success at once', 'production', [delivered(0)], { state: 'delivered' }],
    ['a success at the third', 'production', [failed(0), failed(1), delivered(2)], { state: 'delivered' }],
    ['a success at the sixth', 'production', [1, 2, 3, 4, 5].map(failed).concat(delivered(6)), { state: 'delivered' }],
    ['six failures', 'production', [1, 2, 3, 4, 5, 6].map(failed), { state: 'given-up' }],
    ['one failure in the sandbox', 'sandbox', [failed(0)], { state: 'given-up' }],
    ['a success in the sandbox', 'sandbox', [delivered(0)], { state: 'delivered' }],
    ['nothing yet in the sandbox', 'sandbox', [], { state: 'due', attempt: 1, atMs: 7 }],
    ['a late attempt', 'production', [failed(5_000)], { state: 'due', attempt: 2, atMs: 5_000 + RETRY_DELAYS_MS[0]! }],
  ] as const)('%s', (_case, environment, past, next) => expect(planNextAttempt(environment, 7, past)).toEqual(next));
});
