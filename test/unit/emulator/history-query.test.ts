import { describe, expect, it } from 'vitest';
import { parseHistoryQuery } from '../../../src/emulator/server-api/history.js';

const NOW_MS = 1_795_176_000_000;
const DAY_MS = 86_400_000;
const GOOD = { startDate: NOW_MS - DAY_MS, endDate: NOW_MS };

function parse(body: unknown, environment: 'Sandbox' | 'Production' = 'Production') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return parseHistoryQuery(Buffer.from(text), environment, NOW_MS);
}

describe('a history request', () => {
  it.each([
    ['no JSON', 'x', 4000000],
    ['no object', [], 4000000],
    ['nothing', {}, 4000015],
    ['a start that is text', { ...GOOD, startDate: '2026-11-19' }, 4000015],
    ['a negative start', { ...GOOD, startDate: -1 }, 4000015],
    ['no end', { startDate: GOOD.startDate }, 4000016],
    ['a fractional end', { ...GOOD, endDate: 1.5 }, 4000016],
    ['a start after the end', { startDate: NOW_MS, endDate: NOW_MS - 1 }, 4000013],
    ['a start that is the end', { startDate: NOW_MS, endDate: NOW_MS }, 4000013],
    ['a start 181 days back', { ...GOOD, startDate: NOW_MS - 181 * DAY_MS }, 4000012],
    ['an unknown type', { ...GOOD, notificationType: 'NEWS' }, 4000018],
    ['a subtype without its type', { ...GOOD, notificationSubtype: 'VOLUNTARY' }, 4000018],
    ['a pair that is none', { ...GOOD, notificationType: 'DID_RENEW', notificationSubtype: 'VOLUNTARY' }, 4000018],
    ['type and transaction', { ...GOOD, notificationType: 'DID_RENEW', transactionId: '1' }, 4000019],
    ['type and original transaction', { ...GOOD, notificationType: 'DID_RENEW', originalTransactionId: '1' }, 4000019],
    ['a transaction that is no number', { ...GOOD, transactionId: 'abc' }, 4000006],
    ['onlyFailures as text', { ...GOOD, onlyFailures: 'yes' }, 4000000],
  ])('with %s is refused', (_case, body, code) => expect(parse(body)).toBe(code));

  it('goes back 180 days in production and 30 in the sandbox', () => {
    const back = (days: number) => ({ ...GOOD, startDate: NOW_MS - days * DAY_MS });
    expect([parse(back(180)), parse(back(30), 'Sandbox')]).toEqual([expect.any(Object), expect.any(Object)]);
    expect(parse({ ...GOOD, startDate: NOW_MS - 30 * DAY_MS - 1 }, 'Sandbox')).toBe(4000012);
  });

  it('ends now at the latest', () => {
    expect(parse({ ...GOOD, endDate: NOW_MS + DAY_MS })).toMatchObject({ endMs: NOW_MS });
  });

  it('is read', () => {
    const body = { ...GOOD, notificationType: 'EXPIRED', notificationSubtype: 'VOLUNTARY', onlyFailures: true };
    expect(parse(body)).toEqual({
      startMs: GOOD.startDate,
      endMs: NOW_MS,
      type: 'EXPIRED',
      subtype: 'VOLUNTARY',
      transactionId: null,
      onlyFailures: true,
    });
    expect(parse({ ...GOOD, notificationType: 'EXPIRED' })).toMatchObject({ type: 'EXPIRED', subtype: null });
    expect(parse({ ...GOOD, originalTransactionId: '20' })).toMatchObject({ transactionId: '20', onlyFailures: false });
  });
});
