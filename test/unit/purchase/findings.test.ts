import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import type { PurchaseDocument } from '../../../src/purchase/purchase.js';
import { ms, type Told, told } from '../../support/purchase-story.js';

const JAN: Told = { at: '2026-01-01', type: 'SUBSCRIBED.INITIAL_BUY', from: '2026-01-01', to: '2026-02-01', uuid: 'a' };
const OFF: Told = { ...JAN, at: '2026-01-10', type: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED', uuid: 'b' };

function findingsOf(documents: readonly PurchaseDocument[], { asOf = '2026-01-20', withUnverified = false } = {}) {
  const [purchase] = foldPurchases(documents, { asOfMs: ms(asOf) }).purchases;
  return purchase?.findings.filter(({ id }) => withUnverified || id !== 'unverified');
}

const messages = (documents: readonly PurchaseDocument[], options = {}) =>
  findingsOf(documents, options)?.map(({ message, events }) => `${message} [${events.join()}]`);

describe('findings say what, when and of which events', () => {
  it.each<[string, readonly PurchaseDocument[], string, readonly string[]]>([
    [
      'a missing period',
      [told(JAN), told({ ...JAN, at: '2026-03-01', type: 'DID_RENEW', id: '3', from: '2026-03-01', to: '2026-04-01' })],
      '2026-03-02',
      ['No notification covers the time from 2026-02-01T00:00:00Z to 2026-03-01T00:00:00Z [0,1]'],
    ],
    [
      'the end of what is known',
      [told(JAN)],
      '2026-03-02',
      ['The last known period ended at 2026-02-01T00:00:00Z, and no notification covers what followed [0]'],
    ],
    [
      'a recovery without a failure',
      [
        told(JAN),
        told({
          ...JAN,
          at: '2026-02-05',
          type: 'DID_RENEW.BILLING_RECOVERY',
          id: '2',
          from: '2026-02-05',
          to: '2026-03-05',
        }),
      ],
      '2026-02-06',
      ['The payment signed at 2026-02-05T00:00:00Z follows a failed renewal for which there is no notification [1]'],
    ],
    [
      'a refund whose reversal has no notification',
      [
        told(JAN),
        told({
          ...JAN,
          at: '2026-01-10',
          type: 'REFUND',
          transaction: { revocationDate: ms('2026-01-09') },
          status: 5,
        }),
        told({ ...JAN, at: '2026-01-15', type: 'transaction' }),
      ],
      '2026-01-20',
      [
        'The refund signed at 2026-01-10T00:00:00Z was reversed by 2026-01-15T00:00:00Z, as the transaction signed then has no revocationDate, but no REFUND_REVERSED shows it [1,2]',
      ],
    ],
    [
      'a refund whose reversal was notified after the transaction was signed',
      [
        told(JAN),
        told({
          ...JAN,
          at: '2026-01-10',
          type: 'REFUND',
          transaction: { revocationDate: ms('2026-01-09') },
          status: 5,
        }),
        told({ ...JAN, at: '2026-01-15', type: 'transaction' }),
        told({ ...JAN, at: '2026-01-16', type: 'REFUND_REVERSED', status: 1 }),
      ],
      '2026-01-20',
      [],
    ],
    [
      'a status that differs',
      [told(JAN), told({ ...OFF, status: 2 })],
      '2026-01-20',
      [
        'In DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED signed at 2026-01-10T00:00:00Z data.status is 2 (expired), but the state after it is active [1]',
      ],
    ],
    ['a status that this version does not know', [told(JAN), told({ ...OFF, status: 9 })], '2026-01-20', []],
    [
      'arrival out of order',
      [told({ ...OFF, received: '2026-01-10T00:00:01Z' }), told({ ...JAN, received: '2026-01-10T00:00:02Z' })],
      '2026-01-20',
      [
        'SUBSCRIBED.INITIAL_BUY arrived at 2026-01-10T00:00:02Z, after DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED signed later [0,1]',
        'SUBSCRIBED.INITIAL_BUY arrived 9 days after it was signed at 2026-01-01T00:00:00Z [0]',
      ],
    ],
    [
      'signed in the same millisecond: no order to keep',
      [
        told({ ...JAN, received: '2026-01-01T00:00:02Z' }),
        told({ ...OFF, at: '2026-01-01', received: '2026-01-01T00:00:01Z' }),
      ],
      '2026-01-20',
      [],
    ],
    [
      "late, at Apple's third attempt",
      [told({ ...JAN, received: '2026-01-01T13:02Z' })],
      '2026-01-20',
      [
        "SUBSCRIBED.INITIAL_BUY arrived 13 hours after it was signed at 2026-01-01T00:00:00Z, when Apple's attempt 3 of 6 is due [0]",
      ],
    ],
    [
      'late in Sandbox, which sends once',
      [told({ ...JAN, environment: 'Sandbox', received: '2026-01-01T13:02Z' })],
      '2026-01-20',
      ['SUBSCRIBED.INITIAL_BUY arrived 13 hours after it was signed at 2026-01-01T00:00:00Z [0]'],
    ],
    ['a minute late', [told({ ...JAN, received: '2026-01-01T00:01Z' })], '2026-01-20', []],
    [
      'repeats',
      [
        told({ ...JAN, received: '2026-01-01T00:00:01Z' }),
        told({ ...JAN, received: '2026-01-01T00:00:02Z' }),
        told({ ...JAN, received: '2026-01-01T00:00:03Z' }),
        told({ ...OFF, received: '2026-01-10T00:00:03Z' }),
      ],
      '2026-01-20',
      ['1 event is here more than once (2 repeats) [0]'],
    ],
    [
      'one UUID with other content is no repeat',
      [told(JAN), told({ ...OFF, uuid: 'a' }), told({ ...OFF, uuid: 'A', type: 'PRICE_INCREASE.PENDING' })],
      '2026-01-20',
      [],
    ],
  ])('%s', (_name, documents, asOf, expected) => {
    expect(messages(documents, { asOf })).toEqual(expected);
    expect(messages([...documents].reverse(), { asOf })).toEqual(expected);
  });

  it('the first of several arrivals counts', () => {
    const arrivals = ['2026-01-01T13:00Z', '2026-01-01T00:00:01Z'].map((received) => told({ ...JAN, received }));
    const [purchase] = foldPurchases(arrivals, { asOfMs: ms('2026-01-20') }).purchases;
    expect(purchase?.events).toMatchObject([{ receivedAtMs: ms('2026-01-01T00:00:01Z'), repeats: 1 }]);
    expect(purchase?.findings.map(({ id }) => id)).toEqual(['repeats', 'unverified']);
  });
});

it.each<[string, string, string, JsonObject, string]>([
  [
    'Production',
    '2026-02-03',
    'names the command',
    {},
    'storewire history --environment production --transaction-id 1 --since 180d lists what Apple sent',
  ],
  [
    'Sandbox',
    '2026-02-03',
    'names the command',
    {},
    'storewire history --environment sandbox --transaction-id 1 --since 30d lists what Apple sent',
  ],
  ['Sandbox', '2026-06-01', 'is too late', {}, 'Apple keeps notifications of Sandbox for 30 days only'],
  ['Xcode', '2026-02-03', 'has nothing to ask', {}, ''],
  [
    'Production',
    '2026-02-03',
    'never repeats an id that is not of Apple',
    { originalTransactionId: '1; rm -rf ~' },
    'storewire history --environment production --since 180d lists what Apple sent',
  ],
])('the hint in %s as of %s %s', (environment, asOf, _says, ids, hint) => {
  expect(findingsOf([told({ ...JAN, environment, renewal: null, transaction: ids })], { asOf })).toMatchObject([
    { hint },
  ]);
});

describe("Apple's history", () => {
  const attempt = (attemptDate: string, sendAttemptResult: string) => ({
    attemptDate: ms(attemptDate),
    sendAttemptResult,
  });

  it('tells when a notification arrived', () => {
    const sendAttempts = [attempt('2026-01-01T01:00Z', 'SUCCESS'), attempt('2026-01-01', 'TIMED_OUT')];
    expect(messages([{ ...told(JAN), sendAttempts }])).toEqual([
      "SUBSCRIBED.INITIAL_BUY arrived 1 hour after it was signed at 2026-01-01T00:00:00Z, when Apple's attempt 2 of 6 is due [0]",
    ]);
  });

  const failed = (times: readonly string[]) => times.map((time) => attempt(time, 'TIMED_OUT'));
  const SIX = ['2026-01-01', '2026-01-01T01:00Z', '2026-01-01T13:00Z', '2026-01-02T13:00Z', '2026-01-04T13:00Z'];

  it.each([
    [
      'Production',
      SIX.slice(0, 2),
      '2026-01-07T12:59Z',
      '2 attempts failed; Apple may still retry, until 2026-01-07T13:00:00Z',
    ],
    ['Production', SIX.slice(0, 2), '2026-01-07T13:00Z', '2 attempts failed, and Apple retries no more'],
    ['Production', [...SIX, '2026-01-06'], '2026-01-06', '6 attempts failed, and Apple retries no more'],
    ['Sandbox', SIX.slice(0, 1), '2026-01-01T00:01Z', '1 attempt failed, and the sandbox does not retry'],
    ['Xcode', SIX.slice(0, 1), '2026-01-01T00:01Z', '1 attempt failed'],
  ])('tells of one that did not arrive in %s after %j', (environment, times, asOf, words) => {
    const documents = [{ ...told({ ...JAN, environment }), sendAttempts: failed(times) }];
    expect(messages(documents, { asOf })).toEqual([
      `SUBSCRIBED.INITIAL_BUY signed at 2026-01-01T00:00:00Z was not delivered: ${words} [0]`,
    ]);
  });

  it('and the journal of the same notification: it arrived, and that is no repeat', () => {
    const sendAttempts = [attempt('2026-01-01', 'TIMED_OUT')];
    const documents = [{ ...told(JAN), sendAttempts }, told({ ...JAN, received: '2026-01-01T00:00:01Z' })];
    expect(findingsOf(documents)).toEqual([]);
  });
});

describe('environments', () => {
  it('the same id in both, and the same account of two purchases', () => {
    const other = {
      environment: 'Sandbox',
      transaction: { originalTransactionId: '7', transactionId: '7' },
      renewal: null,
    };
    const documents = [told(JAN), told({ ...JAN, environment: 'Sandbox' }), told({ ...JAN, ...other })];
    const { purchases } = foldPurchases(documents, { asOfMs: ms('2026-01-20') });
    const found = purchases.map(({ id, environment, findings }) => [
      id,
      environment,
      findings.filter((finding) => finding.id === 'mixed-environments').map(({ message }) => message),
    ]);
    expect(found.sort()).toEqual([
      ['1', 'Production', ['Its id also occurs in Sandbox; this purchase is of Production']],
      ['1', 'Sandbox', ['Its id also occurs in Production; this purchase is of Sandbox']],
      ['7', 'Sandbox', ['Its appAccountToken also occurs in Production; this purchase is of Sandbox']],
    ]);
  });

  it('the token of zeros is no account', () => {
    const none = { appAccountToken: '00000000-0000-0000-0000-000000000000' };
    const { purchases } = foldPurchases(
      [
        told({ ...JAN, transaction: none }),
        told({ ...JAN, environment: 'Sandbox', transaction: { ...none, originalTransactionId: '7' }, renewal: null }),
      ],
      { asOfMs: ms('2026-01-20') },
    );
    expect(purchases.flatMap(({ findings }) => findings.map(({ id }) => id))).toEqual(['unverified', 'unverified']);
  });
});

describe('verification', () => {
  it('counts what was not verified and what failed', () => {
    const [valid, open, none] = [
      told({ ...JAN, verdict: 'valid' }),
      told({ ...OFF, verdict: 'undetermined' }),
      told({ ...OFF, at: '2026-01-11', uuid: 'c' }),
    ];
    expect(messages([valid, open, none], { withUnverified: true })).toEqual([
      '2 of 3 notifications were not verified [1,2]',
    ]);
    expect(messages([valid], { withUnverified: true })).toEqual([]);
  });

  it('a forged refund among genuine notifications changes nothing', () => {
    const forged = told({
      ...JAN,
      at: '2026-01-05',
      type: 'REFUND',
      transaction: { revocationDate: ms('2026-01-05') },
      verdict: 'invalid',
      uuid: 'f',
    });
    const [purchase] = foldPurchases([told({ ...JAN, verdict: 'valid' }), forged], {
      asOfMs: ms('2026-01-20'),
    }).purchases;
    expect(purchase).toMatchObject({
      state: 'active',
      periods: [{ state: 'active', events: [0], isVerified: true }],
      events: [
        { stateAfter: 'active' },
        { stateAfter: 'active', meaning: 'Refunded as of 2026-01-05T00:00:00Z (ignored)' },
      ],
      findings: [
        { id: 'unverified', message: '1 of 2 notifications failed verification and changed nothing', events: [1] },
      ],
    });
  });

  it('of forgeries alone the story is told, unverified', () => {
    const [purchase] = foldPurchases([told({ ...JAN, verdict: 'invalid' })], { asOfMs: ms('2026-01-20') }).purchases;
    expect(purchase).toMatchObject({
      state: 'active',
      periods: [{ isVerified: false }],
      findings: [{ message: '1 of 1 notification failed verification' }],
    });
  });
});

it('more than twenty findings of a kind are counted', () => {
  const missing = Array.from({ length: 30 }, (_, year) =>
    told({
      ...JAN,
      at: `${2000 + year}-01-01`,
      type: 'DID_RENEW',
      id: String(year),
      from: `${2000 + year}-01-01`,
      to: `${2000 + year}-02-01`,
      uuid: String(year),
    }),
  );
  const found = findingsOf(missing, { asOf: '2029-01-15' });
  expect(found).toHaveLength(21);
  expect(found?.at(-1)).toMatchObject({ id: 'missing-period', message: '9 more of the same kind' });
});
