import { describe, expect, it } from 'vitest';
import { type HistoryFilter, planHistory, unknownWords } from '../../../src/server-api/history.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;
const plan = (filter: Partial<HistoryFilter>, environment: 'production' | 'sandbox' = 'production') =>
  planHistory({ startMs: NOW - DAY, endMs: NOW, onlyFailures: false, ...filter }, environment, NOW);

describe('planHistory', () => {
  it.each<[string, Partial<HistoryFilter>, object]>([
    ['dates alone', {}, {}],
    ['an end in the future', { endMs: NOW + DAY }, { endDate: NOW }],
    ['180 days, a minute inside', { startMs: NOW - 180 * DAY }, { startDate: NOW - 180 * DAY + 60_000 }],
    ['a fraction of a millisecond', { startMs: NOW - DAY + 0.5 }, { startDate: NOW - DAY }],
    ['a type', { type: 'TEST' }, { notificationType: 'TEST' }],
    ['a type in small letters', { type: 'did_renew' }, { notificationType: 'DID_RENEW' }],
    [
      'a type and its subtype',
      { type: 'EXPIRED', subtype: 'voluntary' },
      { notificationType: 'EXPIRED', notificationSubtype: 'VOLUNTARY' },
    ],
    ['both in one', { type: 'EXPIRED.VOLUNTARY' }, { notificationType: 'EXPIRED', notificationSubtype: 'VOLUNTARY' }],
    ['a type newer than this', { type: 'NEW_THING' }, { notificationType: 'NEW_THING' }],
    [
      'a subtype newer than this',
      { type: 'EXPIRED', subtype: 'NEW' },
      { notificationType: 'EXPIRED', notificationSubtype: 'NEW' },
    ],
    ['a transaction id', { transactionId: '2000000123456789' }, { transactionId: '2000000123456789' }],
    ['failures only', { onlyFailures: true }, { onlyFailures: true }],
    ['failures of a type', { onlyFailures: true, type: 'REFUND' }, { onlyFailures: true, notificationType: 'REFUND' }],
  ])('%s', (_what, filter, expected) =>
    expect(plan(filter)).toEqual({ startDate: NOW - DAY, endDate: NOW, ...expected }),
  );

  it.each<[string, Partial<HistoryFilter>, string, string]>([
    ['a start before what is kept', { startMs: NOW - 181 * DAY }, 'TOO_FAR', '180 days'],
    [
      'a start whose moved moment is after the end',
      { startMs: NOW - 180 * DAY, endMs: NOW - 180 * DAY + 1_000 },
      'DATES',
      'before',
    ],
    ['a start after the end', { startMs: NOW - DAY, endMs: NOW - 2 * DAY }, 'DATES', 'before --until'],
    ['no time at all', { startMs: NOW - DAY, endMs: NOW - DAY }, 'DATES', 'before --until'],
    ['a start in the future', { startMs: NOW + DAY, endMs: NOW + 2 * DAY }, 'DATES', 'future'],
    ['type and transaction id', { type: 'REFUND', transactionId: '1' }, 'FILTERS', '--transaction-id'],
    ['a subtype alone', { subtype: 'VOLUNTARY' }, 'TYPE', '--subtype needs --type'],
    ['a subtype of another type', { type: 'REFUND', subtype: 'VOLUNTARY' }, 'TYPE', 'belongs to EXPIRED'],
    ['the same in one', { type: 'REFUND.VOLUNTARY' }, 'TYPE', 'REFUND has no subtype VOLUNTARY'],
    ['a subtype twice', { type: 'EXPIRED.VOLUNTARY', subtype: 'VOLUNTARY' }, 'TYPE', 'EXPIRED.VOLUNTARY'],
    ['an empty type', { type: '' }, 'TYPE', '""'],
    ['a transaction id with letters', { transactionId: 'abc' }, 'TRANSACTION_ID', 'digits'],
  ])('refuses %s', (_what, filter, code, words) => {
    let error: unknown;
    try {
      plan(filter);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      kind: 'usage',
      code: `ERR_HISTORY_${code}`,
      message: expect.stringContaining(words),
    });
  });
});

describe('the window of the sandbox', () => {
  it('is 30 days, a start at the limit being moved a minute', () => {
    expect(plan({ startMs: NOW - 30 * DAY }, 'sandbox').startDate).toBe(NOW - 30 * DAY + 60_000);
    expect(() => plan({ startMs: NOW - 31 * DAY }, 'sandbox')).toThrow('Apple keeps 30 days in sandbox');
    expect(plan({ startMs: NOW - 31 * DAY }, 'production').startDate).toBe(NOW - 31 * DAY);
  });
});

describe('unknownWords', () => {
  it.each([
    [{}, []],
    [{ type: 'EXPIRED' }, []],
    [{ type: 'EXPIRED.VOLUNTARY' }, []],
    [{ type: 'NEW' }, ['NEW']],
    [{ type: 'EXPIRED', subtype: 'NEW' }, ['EXPIRED.NEW']],
  ])('%j', (filter, words) => expect(unknownWords(plan(filter))).toEqual(words));
});
