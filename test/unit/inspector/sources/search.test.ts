import { describe, expect, it } from 'vitest';
import { parseQuery, searchTextOf } from '../../../../src/inspector/sources/search.js';
import type { InspectorRow } from '../../../../src/inspector/wire.js';

const ROW: InspectorRow = {
  ...{ id: '01abcdef01234567', position: 0, atMs: 1, type: 'DID_RENEW.BILLING_RECOVERY' },
  ...{ productId: 'premium.Monthly', bundleId: 'com.example.app', environment: 'Sandbox' },
  ...{ originalTransactionId: '2000000123456789', uuid: '5f3c1a20-7d4e-4b8f-9a61-0c2d3e4f5a6b' },
  ...{ verdict: 'invalid', reason: 'SIGNATURE_MISMATCH', answered: 400 },
  ...{ isRepeat: true, isSynthetic: true, isRejected: false },
  targets: [{ name: 'valid-app', state: 'failed', httpStatus: 503 }],
};

const TEXT = searchTextOf(ROW, { transactionId: '2000000999999999', appAccountToken: 'C0FFEE00-1111' });

const matches = (query: string, text = TEXT): boolean | undefined => parseQuery(query)?.(text);

describe('the search of the local page', () => {
  it.each([
    'renew',
    'did_renew.billing_recovery',
    'PREMIUM.monthly sandbox 503',
    'cdef0123',
    '123456789',
    '999999999',
    'c0ffee00',
    'type:RENEW',
    'id:01ab',
    'product:monthly',
    'productId:premium.monthly',
    'bundle:com.example',
    'bundleid:app',
    'env:sandbox',
    'environment:sand',
    'transaction:2000000123456789',
    'transactionId:2000000999999999',
    'originalTransactionId:6789',
    'uuid:0c2d3e4f5a6b',
    'account:c0ffee',
    'appAccountToken:1111',
    'verdict:invalid',
    'verdict:inv',
    'reason:signature',
    'answer:400',
    'status:400',
    'target:valid-app',
    'targets:failed',
    'is:repeat',
    'is:synthetic',
    'is:test',
    '  renew\t  sandbox ',
  ])('%j matches', (query) => expect(matches(query)).toBe(true));

  it.each([
    'refund',
    'renew production',
    'type:sandbox',
    'product:com.example',
    'verdict:valid',
    'target:other',
    'is:rejected',
    'answer:200',
    'unknown:renew',
    ':renew',
    'constructor:renew',
    'monthly yearly',
  ])('%j does not', (query) => expect(matches(query)).toBe(false));

  it.each(['', '  ', '\n\t'])('%j is no query', (query) => expect(parseQuery(query)).toBeNull());

  it('tells what has no answer and no target', () => {
    const text = searchTextOf({ ...ROW, answered: null, targets: [], productId: null, isRejected: true }, {});
    expect(matches('answer:none', text)).toBe(true);
    expect(matches('is:rejected', text)).toBe(true);
    expect(matches('product:a', text)).toBe(false);
  });

  it('keeps a line break of a payload in its field', () => {
    const text = searchTextOf({ ...ROW, productId: 'a\nbundle', verdict: 'valid' }, {});
    expect(matches('bundle:com.example', text)).toBe(true);
    expect(matches('product:bundle', text)).toBe(true);
    expect(matches('verdict:valid', text)).toBe(true);
    expect(matches('bundle:bundle', text)).toBe(false);
  });

  it('holds the transaction id once where it is the original one', () => {
    const text = searchTextOf(ROW, { transactionId: '2000000123456789' });
    expect(text.split('2000000123456789')).toHaveLength(2);
  });
});
