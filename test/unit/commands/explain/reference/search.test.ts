import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../../../src/commands/explain/reference/entry.js';
import { CHAPTER_NAMES } from '../../../../../src/commands/explain/reference/entry.js';
import {
  explainableTerms,
  listedEntries,
  openReference,
} from '../../../../../src/commands/explain/reference/reference.js';
import { findTerms } from '../../../../../src/commands/explain/reference/search.js';

const told = ({ chapter, term }: Entry): string => `${chapter} ${term}`;
const ask = (query: string) => findTerms(query.split(' '));

describe('a term', () => {
  it.each([
    ['DID_RENEW', ['types DID_RENEW']],
    ['did_renew', ['types DID_RENEW']],
    ['Did-Renew', ['types DID_RENEW']],
    ['did renew', ['types DID_RENEW']],
    ['DID_RENEW.BILLING_RECOVERY', ['types DID_RENEW.BILLING_RECOVERY']],
    ['did_renew billing_recovery', ['types DID_RENEW.BILLING_RECOVERY']],
    ['billing_recovery', ['subtypes BILLING_RECOVERY']],
    ['price_increase', ['types PRICE_INCREASE', 'subtypes PRICE_INCREASE']],
    ['notificationUUID', ['fields notificationUUID']],
    ['notification.data.bundleId', ['fields bundleId']],
    ['data.bundleId', ['fields bundleId']],
    ['unified_receipt.status', ['fields status']],
    ['FREE_TRIAL', ['values FREE_TRIAL']],
    ['offerType 3', ['values offerType 3']],
    ['offerType=3', ['values offerType 3']],
    ['tls_issue', ['attempts TLS_ISSUE']],
    ['SSL_ISSUE', ['attempts TLS_ISSUE']],
    ['4040010', ['errors 4040010']],
    ['TransactionIdNotFoundError', ['errors 4040010']],
    ['TRANSACTION_ID_NOT_FOUND', ['errors 4040010']],
    ['401', ['errors 401', 'errors NOT_AUTHORIZED']],
    ['429', ['errors 4290000', 'errors RATE_LIMIT_EXCEEDED']],
    ['ERR_CONNECT_AGREEMENT', ['codes ERR_CONNECT_AGREEMENT']],
    ['err_http_proxy', ['codes ERR_HTTP_PROXY']],
    ['codes ERR_SETTINGS_PROXY', ['codes ERR_SETTINGS_PROXY']],
    ['RATE_LIMIT_EXCEEDED', ['errors 4290000', 'errors RATE_LIMIT_EXCEEDED']],
    ['UNTRUSTED_ROOT', ['reasons UNTRUSTED_ROOT']],
    ['chain.root', ['checks chain.root']],
    ['INVALID_CERTIFICATE', ['statuses INVALID_CERTIFICATE']],
    ['node 6', ['statuses 6']],
    ['statuses 6', ['statuses 6']],
    [
      'errors 404',
      [
        '4040001',
        '4040002',
        '4040003',
        '4040004',
        '4040005',
        '4040006',
        '4040007',
        '4040008',
        '4040010',
        'NOT_FOUND',
        'PATH_ERROR',
      ].map((term) => `errors ${term}`),
    ],
    ['values DID_RECOVER', ['values DID_RECOVER']],
    ['values DID_RENEW', ['values DID_RENEW']],
    ['TYPES refund', ['types REFUND']],
  ])('%s is exactly that', (query, entries) => {
    expect(ask(query).map(({ match, entries: found }) => [match, found.map(told)])).toEqual([['exact', entries]]);
  });

  it('is found by its own name', () => {
    const terms = explainableTerms().filter(({ value }) => !CHAPTER_NAMES.some((name) => name === value));
    const isFound = ({ value }: { readonly value: string }): boolean => {
      const [found] = findTerms([value]);
      return found?.match === 'exact' && found.entries.some(({ term }) => term === value);
    };
    expect(terms.length).toBeGreaterThan(500);
    expect(terms.filter((term) => !isFound(term))).toEqual([]);
  });

  it('may be one of several questions', () => {
    expect(ask('REFUND tls_issue').map(({ query, entries }) => [query, entries.map(told)])).toEqual([
      ['REFUND', ['types REFUND']],
      ['tls_issue', ['attempts TLS_ISSUE']],
    ]);
  });
});

describe('words', () => {
  it.each([
    ['DID_RENW', 'types DID_RENEW'],
    ['notifcationUUID', 'fields notificationUUID'],
    ['INVALID_CERTIFCIATE', 'statuses INVALID_CERTIFICATE'],
    ['refund', 'types REFUND'],
    ['declined refund', 'types REFUND_DECLINED'],
    ['refunds declined', 'types REFUND_DECLINED'],
    ['grace period unpaid', 'types GRACE_PERIOD_EXPIRED'],
    ['no root', 'reasons UNTRUSTED_ROOT'],
    ['ERR_HTP_PROXY', 'codes ERR_HTTP_PROXY'],
    ['firewall', 'attempts SOCKET_ISSUE'],
    ['ocsp unreachable', 'statuses RETRYABLE_VERIFICATION_FAILURE'],
  ])('%s are nearest to one', (query, first) => {
    const [found] = ask(query);
    expect(found?.entries.map(told)[0]).toBe(first);
  });

  it.each(['21', '9999999', 'xyzzy', '€', '', ' '])('%j matches nothing, and no number matches another', (query) => {
    expect(findTerms([query]).map(({ match, entries }) => [match, entries])).toEqual([['none', []]]);
  });

  it('that no entry contains together have suggestions', () => {
    const [found] = ask('refund xyzzy');
    expect([found?.match, found?.entries.length]).toEqual(['none', 3]);
  });

  it('find each name once', () => {
    const terms = ask('renew')[0]!.entries.map(({ term }) => term);
    expect(terms).toEqual([...new Set(terms)]);
  });
});

describe('a chapter', () => {
  it.each(CHAPTER_NAMES)('%s lists each of its terms once, with a title', (chapter) => {
    const entries = listedEntries(openReference(chapter));
    expect(entries.length).toBeGreaterThan(8);
    expect(entries.filter((entry) => entry.chapter !== chapter || entry.title === '')).toEqual([]);
    // Two tables may hold one value, such as P1M: it is told of each.
    const named = entries.map((entry) => ('paths' in entry ? `${entry.term} ${entry.paths}` : entry.term));
    expect(named).toEqual([...new Set(named)]);
  });
});

describe('ids of check and audit', () => {
  it.each([
    ['http.wall', 'http.wall'],
    ['fail  http.wall  answered 401', 'http.wall'],
    ['tls.chain', 'tls.chain'],
    ['forged.self-made-chain', 'forged.self-made-chain'],
  ])('%s', (query, term) =>
    expect(ask(query).flatMap(({ entries }) => entries.map((entry) => entry.term))).toContain(term),
  );
});
