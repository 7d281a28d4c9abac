import { describe, expect, it } from 'vitest';
import {
  describeChip,
  describeReplay,
  formatIsoTime,
  formatRowTime,
  groupThousands,
  lastDigits,
  shortProduct,
  toneOfStatus,
} from '../../../../src/inspector/page/model/formats.js';

const at = (...parts: [number, number, number, number, number, number]): number => new Date(...parts).getTime();
const NOW = at(2026, 10, 29, 12, 0, 0);

describe('formatRowTime', () => {
  it.each([
    ['today', at(2026, 10, 29, 9, 4, 31), '09:04:31'],
    ['days ago', at(2026, 10, 3, 9, 4, 31), '3 Nov 09:04'],
    ['last year', at(2025, 0, 3, 9, 4, 31), '3 Jan 2025'],
    ['no time', null, '–'],
    ['no date', 1e300, '–'],
  ])('%s', (_case, ms, text) => expect(formatRowTime(ms, NOW)).toBe(text));
});

describe('texts', () => {
  it('cuts ids to their last digits', () => {
    expect(lastDigits('2000000567406158')).toBe('…406158');
    expect(lastDigits('406158')).toBe('406158');
  });
  it.each([
    ['com.example.app.pro.monthly', 'com.example.app', '…pro.monthly'],
    ['com.example.apple', 'com.example.app', 'com.example.apple'],
    ['pro', 'com.example.app', 'pro'],
    ['null.pro', null, 'null.pro'],
    [null, 'com.example.app', 'com.example.app'],
    [null, null, null],
  ])('shows product %s of app %s as %s', (productId, bundleId, text) =>
    expect(shortProduct({ productId, bundleId })).toBe(text),
  );
  it('groups thousands', () => expect([7, 1234, 100_000].map(groupThousands)).toEqual(['7', '1,234', '100,000']));
  it('writes UTC without zero milliseconds', () =>
    expect([0, 1, 1e300].map(formatIsoTime)).toEqual(['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.001Z', '']));
  it('judges a status as the sender does', () =>
    expect([200, 206, 301, 401, 503, null].map(toneOfStatus)).toEqual(['good', 'good', 'bad', 'bad', 'bad', 'quiet']));
  it.each([
    [{ name: 'api', state: 'accepted', httpStatus: 200 }, 'target api: accepted with 200'],
    [{ name: 'api', state: 'failed', httpStatus: null }, 'target api: failed, no response'],
    [{ name: 'exec', state: 'accepted', httpStatus: null }, 'target exec: accepted'],
  ] as const)('names a chip %j', (chip, text) => expect(describeChip(chip)).toBe(text));
  it.each([
    [{ outcome: 'accepted', httpStatus: 200, ms: 12.4 }, 'accepted with 200 in 12 ms'],
    [{ outcome: 'timed-out', httpStatus: null, ms: 10_000 }, 'timed out in 10,000 ms'],
  ] as const)('describes a replay %j', (reply, text) => expect(describeReplay(reply)).toBe(text));
});
