import { describe, expect, it } from 'vitest';
import { lateArrival } from '../../../src/notification/late-arrival.js';

const HOUR_MS = 3_600_000;
const SIGNED_AT_MS = 1_793_610_000_000;

describe('a notification that arrives late', () => {
  it.each<[number, number | null]>([
    [1, 2],
    [1.2, 2],
    [13, 3],
    [13.4, 3],
    [37, 4],
    [85, 5],
    [157, 6],
    [5, null],
    [20, null],
    [300, null],
  ])('after %s h is attempt %s in production', (hours, attempt) => {
    const ageMs = hours * HOUR_MS;
    const facts = { signedAtMs: SIGNED_AT_MS, environment: 'Production' };
    expect(lateArrival(facts, SIGNED_AT_MS + ageMs)).toEqual({ ageMs, attempt });
    expect(lateArrival({ ...facts, environment: 'Sandbox' }, SIGNED_AT_MS + ageMs)).toEqual({ ageMs, attempt: null });
  });

  it.each<[string, number | null, number]>([
    ['in time', SIGNED_AT_MS, 60_000],
    ['before it was signed, by a clock that is wrong', SIGNED_AT_MS, -HOUR_MS],
    ['without a date', null, 0],
  ])('is not one %s', (_case, signedAtMs, ageMs) => {
    expect(lateArrival({ signedAtMs, environment: 'Production' }, SIGNED_AT_MS + ageMs)).toBeNull();
  });
});
