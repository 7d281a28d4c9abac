import { describe, expect, it } from 'vitest';
import { changedUrls, parseApp } from '../../../src/connect-api/app.js';
import { parseRateLimit, retryAfterMs } from '../../../src/connect-api/refusal.js';

describe('parseRateLimit', () => {
  it.each([
    ['user-hour-lim:3500;user-hour-rem:500;', { perHour: 3500, remaining: 500 }],
    ['user-hour-rem:0; user-hour-lim:60', { perHour: 60, remaining: 0 }],
    ['user-hour-lim:3500;', null],
    ['nonsense', null],
    [undefined, null],
  ])('%s', (header, limit) => expect(parseRateLimit(header)).toEqual(limit));
});

describe('retryAfterMs', () => {
  const NOW = Date.UTC(2026, 10, 20, 12);
  const used = { 'x-rate-limit': 'user-hour-lim:3500;user-hour-rem:0;' };
  it.each([
    ['GET 500, first', { status: 500 }, 1_000],
    ['GET 500, second', { status: 500, attempt: 2 }, 4_000],
    ['GET 500, third', { status: 500, attempt: 3 }, null],
    ['GET without an answer', { status: null }, 1_000],
    ['GET 404', { status: 404 }, null],
    ['GET 200', { status: 200 }, null],
    ['PATCH 500', { status: 500, method: 'PATCH' as const }, null],
    ['PATCH without an answer', { status: null, method: 'PATCH' as const }, null],
    ['PATCH 429', { status: 429, method: 'PATCH' as const }, 1_000],
    ['429 with seconds', { status: 429, headers: { 'retry-after': '7' } }, 7_000],
    ['429 with a date', { status: 429, headers: { 'retry-after': 'Fri, 20 Nov 2026 12:00:09 GMT' } }, 9_000],
    ['429 with a date gone by', { status: 429, headers: { 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' } }, 0],
    ['429 with a long wait', { status: 429, headers: { 'retry-after': '61' } }, null],
    ['429 with the hour used up', { status: 429, headers: used }, null],
    ['429 with the hour used up and a short wait', { status: 429, headers: { ...used, 'retry-after': '5' } }, 5_000],
  ])('%s', (_what, tried, wait) => {
    expect(retryAfterMs({ method: 'GET', headers: {}, attempt: 1, nowMs: NOW, ...tried })).toBe(wait);
  });
});

describe('changedUrls', () => {
  const current = {
    subscriptionStatusUrl: 'https://a.example/',
    subscriptionStatusUrlVersion: 'V2',
    subscriptionStatusUrlForSandbox: null,
    subscriptionStatusUrlVersionForSandbox: null,
  };
  it.each([
    ['nothing wanted', {}, {}],
    ['the same wanted', { subscriptionStatusUrl: 'https://a.example/', subscriptionStatusUrlForSandbox: null }, {}],
    [
      'one differs',
      { subscriptionStatusUrl: 'https://b.example/', subscriptionStatusUrlVersion: 'V2' },
      { subscriptionStatusUrl: 'https://b.example/' },
    ],
    ['one is to go', { subscriptionStatusUrl: null }, { subscriptionStatusUrl: null }],
  ])('%s', (_what, wanted, changed) => expect(changedUrls(current, wanted)).toEqual(changed));
});

describe('parseApp', () => {
  it.each([
    ['nothing', undefined],
    ['another type', { type: 'builds', id: '1' }],
    ['no id', { type: 'apps' }],
  ])('refuses %s', (_what, value) => expect(parseApp(value)).toBeNull());
});
