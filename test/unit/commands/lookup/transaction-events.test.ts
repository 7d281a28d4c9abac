import { describe, expect, it } from 'vitest';
import { foldCustomer } from '../../../../src/commands/lookup/customer.js';
import type { CustomerPurchases } from '../../../../src/commands/lookup/read-purchases.js';
import type { VerifiedDocument } from '../../../../src/notification/verified-document.js';
import { months, oneTime, renewalInfo, transaction } from '../../../support/apple-customer.js';
import { TEST_NOW_MS } from '../../../support/run-cli.js';

const DAY = 86_400_000;

const document = (kind: 'transaction' | 'renewalInfo', payload: object, source: string, verdict = 'valid') =>
  ({
    kind,
    source,
    [kind]: payload,
    tokens: [],
    verification: { verdict, root: 'test', checks: [] },
  }) as unknown as VerifiedDocument;

const listed = (payloads: readonly object[]) =>
  payloads.map((each, index) => document('transaction', each, `lookup:history#${index}`));

const found = (more: Partial<CustomerPurchases>): CustomerPurchases => ({
  isEmulated: false,
  requestedIds: null,
  ...{ requested: [], subscriptions: [], history: [], refunds: [], gaps: [] },
  ...more,
});

const meanings = (customer: CustomerPurchases) =>
  foldCustomer(customer, TEST_NOW_MS).requested.flatMap(({ purchase }) =>
    purchase.events.map(({ type, signedAtMs, meaning }) => [type, (TEST_NOW_MS - signedAtMs!) / DAY, meaning]),
  );

describe('the events of a purchase from the API', () => {
  it('are told by the time of purchase, in words of their own', () => {
    const [first, second] = months(1, 2) as Record<string, unknown>[];
    const payloads = [
      { ...second, revocationDate: TEST_NOW_MS - DAY, revocationType: 'REFUND_FULL' },
      { ...first, offerDiscountType: 'FREE_TRIAL', price: 0 },
    ];
    expect(meanings(found({ history: listed(payloads) }))).toEqual([
      ['PURCHASE', 40, 'free trial until 2026-11-10T12:00:00Z'],
      ['RENEWAL', 10, '9.99 USD, refunded 2026-11-19T12:00:00Z'],
    ]);
  });

  it.each<[string, object, string]>([
    [
      'the end of sharing',
      { revocationDate: TEST_NOW_MS, revocationType: 'FAMILY_REVOKE' },
      '9.99 USD, revoked 2026-11-20T12:00:00Z',
    ],
    [
      'shared, without a type',
      { revocationDate: TEST_NOW_MS, inAppOwnershipType: 'FAMILY_SHARED' },
      '9.99 USD, revoked 2026-11-20T12:00:00Z',
    ],
    ['an upgrade', { isUpgraded: true }, '9.99 USD, ended by an upgrade'],
    ['no price', { price: 'free' }, 'no price until 2026-12-10T12:00:00Z'],
  ])('%s', (_what, more, meaning) =>
    expect(meanings(found({ history: listed([transaction({ transactionId: '1', ...more })]) }))[0]![2]).toBe(meaning),
  );

  it('count each transaction once, as signed last', () => {
    const old = oneTime('5', { signedDate: TEST_NOW_MS - 2 });
    const refunded = oneTime('5', {
      signedDate: TEST_NOW_MS - 1,
      revocationDate: TEST_NOW_MS - DAY,
      revocationType: 'REFUND_FULL',
    });
    const customer = found({ history: listed([old]), refunds: [document('transaction', refunded, 'lookup:refunds')] });
    const [only, ...more] = foldCustomer(customer, TEST_NOW_MS).requested;
    expect([only?.purchase.state, only?.purchase.events.length, more]).toEqual(['refunded', 1, []]);
  });
});

describe('the purchases of a customer', () => {
  const sub = (id: string, status: number | null) => ({
    status,
    transaction: document('transaction', transaction({ transactionId: id }), `lookup:statuses#${id}`),
    renewalInfo: document('renewalInfo', renewalInfo(id), `lookup:statuses#${id}`),
  });

  it('are the one asked for and the others, subscriptions first', () => {
    const requested = listed([oneTime('3')]);
    const { requested: own, others } = foldCustomer(
      found({
        requestedIds: ['3'],
        requested,
        subscriptions: [sub('1', 1)],
        history: listed([oneTime('2'), oneTime('3')]),
      }),
      TEST_NOW_MS,
    );
    expect(own.map(({ purchase, stated }) => [purchase.id, stated])).toEqual([['3', null]]);
    expect(others.map(({ purchase, stated }) => [purchase.id, stated])).toEqual([
      ['1', 'Apple says 1 (active).'],
      ['2', null],
    ]);
  });

  it('have the status of their own subscription, by the signed id', () => {
    const { requested } = foldCustomer(found({ subscriptions: [sub('1', 1), sub('2', 2)] }), TEST_NOW_MS);
    expect(
      requested.map(({ purchase, stated }) => [purchase.id, stated, purchase.findings.map(({ id }) => id)]),
    ).toEqual([
      ['1', 'Apple says 1 (active).', []],
      ['2', 'But Apple says 2 (expired).', ['status-differs']],
    ]);
  });

  it('say where the status was not read, and where there is none', () => {
    const gaps = [{ lists: ['statuses'], error: new Error('x') as never }];
    const history = listed(months(1, 1));
    expect(foldCustomer(found({ history, gaps }), TEST_NOW_MS).requested[0]?.stated).toBe(
      "Apple's status was not read.",
    );
    expect(foldCustomer(found({ history }), TEST_NOW_MS).requested[0]?.stated).toBe('Apple states no status of it.');
  });

  it('hold nothing of a token that failed verification', () => {
    const forged = document('transaction', transaction({ transactionId: '9' }), 'lookup:transaction', 'invalid');
    const customer = foldCustomer(found({ requested: [forged] }), TEST_NOW_MS);
    expect(customer).toEqual({ requested: [], others: [], rejected: [forged], verified: [] });
  });
});
