import { describe, expect, it } from 'vitest';
import {
  parseOrder,
  parseStatuses,
  parseTransactionInfo,
  parseTransactionPage,
} from '../../../src/server-api/purchase-responses.js';

const last = (more: object) => ({ data: [{ subscriptionGroupIdentifier: 'g', lastTransactions: [more] }] });
const NOTHING = { status: null, originalTransactionId: null, signedTransactionInfo: null, signedRenewalInfo: null };

describe('statuses', () => {
  it.each<[string, object, readonly object[]]>([
    ['none', { data: [] }, []],
    ['none, without data', { bundleId: 'b', environment: 'Production' }, []],
    [
      'one',
      last({ status: 1, originalTransactionId: '1', signedTransactionInfo: 't', signedRenewalInfo: 'r' }),
      [{ status: 1, originalTransactionId: '1', signedTransactionInfo: 't', signedRenewalInfo: 'r' }],
    ],
    ['a status that is newer than this', last({ status: 6 }), [{ ...NOTHING, status: 6 }]],
    ['values of other types', last({ status: '1', originalTransactionId: 5, signedRenewalInfo: {} }), [NOTHING]],
    [
      'two groups',
      { data: [...last({ status: 1 }).data, ...last({ status: 5 }).data] },
      [1, 5].map((status) => ({ ...NOTHING, status })),
    ],
    ['entries that are no objects', { data: [null, 'x', { lastTransactions: [null, 1] }] }, []],
  ])('%s', (_what, body, expected) =>
    expect(parseStatuses(body as never, 'h')).toEqual(
      expected.map((item) => ({ subscriptionGroupIdentifier: 'g', ...item })),
    ),
  );

  it.each([{}, { data: 'x' }, { data: [{}] }])('refuses %j', (body) =>
    expect(() => parseStatuses(body as never, 'h')).toThrow('unexpected response from h'),
  );
});

describe('a page of transactions', () => {
  it.each<[string, object, readonly string[], string | null]>([
    ['the last', { signedTransactions: ['a', 'b'], hasMore: false, revision: 'r' }, ['a', 'b'], null],
    ['one of more', { signedTransactions: ['a'], hasMore: true, revision: 'r' }, ['a'], 'r'],
    ['an empty one', { signedTransactions: [], hasMore: false }, [], null],
    ['one without the list', { hasMore: false }, [], null],
    ['entries that are no text stay', { signedTransactions: ['a', 1, null], hasMore: false }, ['a', '', ''], null],
  ])('%s', (_what, body, signedTransactions, revision) =>
    expect(parseTransactionPage(body as never, 'h')).toEqual({ signedTransactions, revision }),
  );

  it.each([{}, { hasMore: true }, { signedTransactions: 'x' }, { signedTransactions: ['a'], hasMore: true }])(
    'refuses %j',
    (body) => expect(() => parseTransactionPage(body as never, 'h')).toThrow('unexpected response from h'),
  );
});

describe('an order', () => {
  it('is its transactions', () => expect(parseOrder({ status: 0, signedTransactions: ['a'] }, 'h')).toEqual(['a']));
  it('is null where Apple does not know it', () => expect(parseOrder({ status: 1 }, 'h')).toBeNull());
  it.each([{}, { status: 2 }, { status: 0 }, { status: 0, signedTransactions: [] }])('refuses %j', (body) =>
    expect(() => parseOrder(body as never, 'h')).toThrow('unexpected response from h'),
  );
});

describe('transaction info', () => {
  it('is its token', () => expect(parseTransactionInfo({ signedTransactionInfo: 'a' }, 'h')).toBe('a'));
  it.each([{}, { signedTransactionInfo: '' }, { signedTransactionInfo: 1 }])('refuses %j', (body) =>
    expect(() => parseTransactionInfo(body as never, 'h')).toThrow('unexpected response from h'),
  );
});
