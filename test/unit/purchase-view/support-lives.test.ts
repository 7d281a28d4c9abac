import { describe, expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import { describeShortState } from '../../../src/purchase-view/overview-words.js';
import { describeIdentity, describeState } from '../../../src/purchase-view/state-sentence.js';
import { ms, outline, type Told, told } from '../../support/purchase-story.js';

/** What a support person reads first: the sentences about the state. Lives that were once told wrongly. */
const sentences = (events: readonly Told[], asOf: string): readonly string[] => {
  const { purchases } = foldPurchases(
    events.map((event) => told({ verdict: 'valid', ...event })),
    { asOfMs: ms(asOf) },
  );
  return purchases.flatMap((purchase) => {
    const { headline, details, isUnverified } = describeState(purchase);
    return [`${isUnverified ? 'Not verified: ' : ''}${headline}`, ...details];
  });
};

const periodsOf = (events: readonly Told[], asOf: string) =>
  outline(foldPurchases(events.map(told), { asOfMs: ms(asOf) }).purchases[0])?.periods;

const renewal = (to: string, more: object = {}) => ({
  autoRenewStatus: 1,
  renewalDate: ms(to),
  renewalPrice: 9990,
  currency: 'USD',
  ...more,
});

const JAN: Told = {
  at: '2026-01-01',
  type: 'SUBSCRIBED.INITIAL_BUY',
  from: '2026-01-01',
  to: '2026-02-01',
  renewal: renewal('2026-02-01'),
  status: 1,
};
const FEB: Told = {
  at: '2026-02-01',
  type: 'DID_RENEW',
  id: '2',
  from: '2026-02-01',
  to: '2026-03-01',
  renewal: renewal('2026-03-01'),
  status: 1,
};
const OFF: Told = {
  ...JAN,
  at: '2026-01-20',
  type: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
  renewal: { autoRenewStatus: 0, renewalDate: ms('2026-02-01') },
};
const FEB_PAID: Told = { ...FEB, at: '2026-02-05', type: 'transaction' };
const COMMITTED = {
  commitmentInfo: { billingPeriodNumber: 1, totalBillingPeriods: 12, commitmentExpiresDate: ms('2027-01-01') },
};

interface Life {
  readonly name: string;
  readonly events: readonly Told[];
  readonly asOf: string;
  readonly says: readonly string[];
}

const SUBSCRIPTIONS: readonly Life[] = [
  {
    name: 'a renewal that was charged before the end of the period is paid for',
    events: [JAN, { ...FEB, at: '2026-01-31T14:00Z' }],
    asOf: '2026-01-31T15:00Z',
    says: ['Active until 2026-03-01T00:00:00Z (in 28 days), then renews for 9.99 USD'],
  },
  {
    name: 'a renewal that is paid ahead, and not verified',
    events: [
      JAN,
      { ...FEB, at: '2026-01-31T14:00Z', to: '2036-01-01', renewal: renewal('2036-01-01'), verdict: 'undetermined' },
    ],
    asOf: '2026-01-31T15:00Z',
    says: ['Not verified: Active until 2036-01-01T00:00:00Z (in 9.9 years), then renews for 9.99 USD'],
  },
  {
    name: 'a renewal that failed before the end of the period is not promised',
    events: [
      JAN,
      {
        ...JAN,
        at: '2026-01-31T14:00Z',
        type: 'DID_FAIL_TO_RENEW',
        renewal: renewal('2026-02-01', { isInBillingRetryPeriod: true }),
      },
    ],
    asOf: '2026-01-31T15:00Z',
    says: ['Active until 2026-02-01T00:00:00Z (in 9 hours), then in billing retry: the renewal has failed'],
  },
  {
    name: 'the same with a grace period',
    events: [
      JAN,
      {
        ...JAN,
        at: '2026-01-31T14:00Z',
        type: 'DID_FAIL_TO_RENEW.GRACE_PERIOD',
        renewal: renewal('2026-02-01', { isInBillingRetryPeriod: true, gracePeriodExpiresDate: ms('2026-02-17') }),
      },
    ],
    asOf: '2026-01-31T15:00Z',
    says: ['Active until 2026-02-01T00:00:00Z (in 9 hours), then in grace period: the renewal has failed'],
  },
  {
    name: 'auto-renewal was off, and a later transaction is a renewal: turned on again meanwhile',
    events: [JAN, OFF, FEB_PAID],
    asOf: '2026-02-10',
    says: ['Active until 2026-03-01T00:00:00Z (in 19 days)', 'No renewal info says if it renews.'],
  },
  {
    name: 'the transaction of a renewal that was charged early, beside its notification: nothing newer',
    events: [JAN, { ...FEB, at: '2026-01-31T14:00Z' }, FEB_PAID],
    asOf: '2026-02-10',
    says: ['Active until 2026-03-01T00:00:00Z (in 19 days), then renews for 9.99 USD'],
  },
  {
    name: 'a renewal that was charged early, as Apple tells of it when it is asked',
    events: [
      { ...JAN, type: 'transaction', at: '2026-01-31T20:00Z' },
      { ...FEB, type: 'transaction', at: '2026-01-31T20:00Z' },
      { at: '2026-01-31T20:00Z', type: 'renewalInfo', renewal: renewal('2026-03-01') },
    ],
    asOf: '2026-01-31T20:00Z',
    says: ['Active until 2026-03-01T00:00:00Z (in 28 days), then renews for 9.99 USD'],
  },
  {
    name: 'auto-renewal off, and no notification of the end',
    events: [JAN, OFF],
    asOf: '2026-02-10',
    says: [
      'State unknown since 2026-02-01T00:00:00Z (9 days ago)',
      'Auto-renew was off when it was last reported.',
      'No notification shows the state: ask Apple, storewire lookup 1.',
    ],
  },
  {
    name: 'a transaction of the Server API alone: Apple was asked already',
    events: [{ ...JAN, type: 'transaction', at: '2026-02-10' }],
    asOf: '2026-02-10',
    says: [
      'State unknown since 2026-02-01T00:00:00Z (9 days ago)',
      'The App Store returned no payload that shows the state.',
    ],
  },
  {
    name: 'Apple knows nothing of a purchase in Xcode',
    events: [{ ...JAN, environment: 'Xcode' }],
    asOf: '2026-02-10',
    says: ['State unknown since 2026-02-01T00:00:00Z (9 days ago)', 'No notification shows the state.'],
  },
  {
    name: 'a price that the customer has not agreed to',
    events: [
      {
        ...JAN,
        type: 'PRICE_INCREASE.PENDING',
        renewal: renewal('2026-02-01', { priceIncreaseStatus: 0, renewalPrice: 12990 }),
      },
    ],
    asOf: '2026-01-10',
    says: [
      'Active until 2026-02-01T00:00:00Z (in 22 days), then renews for 12.99 USD if the customer agrees to that price',
      'The customer has not yet agreed to the price increase.',
    ],
  },
  {
    name: 'a price that needs no consent',
    events: [{ ...JAN, type: 'PRICE_INCREASE.ACCEPTED', renewal: renewal('2026-02-01', { priceIncreaseStatus: 1 }) }],
    asOf: '2026-01-10',
    says: [
      'Active until 2026-02-01T00:00:00Z (in 22 days), then renews for 9.99 USD',
      'The customer agreed to the price increase, or it needs no consent.',
    ],
  },
  {
    name: 'a commitment is billed on after it was cancelled',
    events: [
      {
        ...OFF,
        transaction: COMMITTED,
        renewal: { autoRenewStatus: 0, commitmentInfo: { commitmentAutoRenewStatus: 0 } },
      },
    ],
    asOf: '2026-01-25',
    says: [
      'Active until 2026-02-01T00:00:00Z (in 7 days), then payment 2 of 12 is due',
      'Payment 1 of 12 of a commitment, until 2027-01-01T00:00:00Z (in 341 days), then ends.',
    ],
  },
  {
    name: 'a period without an end',
    events: [{ at: '2026-01-01', type: 'SUBSCRIBED.INITIAL_BUY', from: '2026-01-01', renewal: null, status: 1 }],
    asOf: '2026-01-25',
    says: [
      'Active since 2026-01-01T00:00:00Z (24 days ago)',
      'No renewal info says if it renews.',
      'No payload says when the period ends: it may be over.',
    ],
  },
  {
    name: 'a clock that is behind',
    events: [JAN, { ...JAN, at: '2026-01-15', type: 'REFUND', transaction: { revocationDate: ms('2026-01-15') } }],
    asOf: '2026-01-10',
    says: [
      'Active until 2026-01-15T00:00:00Z (in 5 days), renews 2026-02-01T00:00:00Z (in 22 days) for 9.99 USD',
      'A notification was signed at 2026-01-15T00:00:00Z (in 5 days), later than now: check the clock of this machine, unless it is test data.',
    ],
  },
];

const SEATS: Told = {
  ...JAN,
  at: '2026-01-10',
  type: 'DID_CHANGE_RENEWAL_PREF.INCREASE_QUANTITY',
  id: '2',
  from: '2026-01-10',
  transaction: { quantity: 5, additionalTransactionReason: 'SEAT_ADDITION' },
};

const SEATS_REFUNDED: Told = {
  ...SEATS,
  at: '2026-01-12',
  type: 'REFUND',
  transaction: { ...SEATS.transaction, revocationDate: ms('2026-01-12') },
};

const ACTIVE = 'Active until 2026-02-01T00:00:00Z (in 17 days), then renews for 9.99 USD';

const REFUNDS: readonly Life[] = [
  {
    name: 'seats that were added are refunded',
    events: [JAN, SEATS, SEATS_REFUNDED],
    asOf: '2026-01-15',
    says: [ACTIVE],
  },
  {
    name: 'the same with its subtype',
    events: [JAN, SEATS, { ...SEATS_REFUNDED, type: 'REFUND.SEATS' }],
    asOf: '2026-01-15',
    says: [ACTIVE],
  },
  { name: 'the same, and nothing else is known', events: [SEATS_REFUNDED], asOf: '2026-01-15', says: [ACTIVE] },
];

const REFUNDED: Told = {
  ...JAN,
  at: '2026-01-09',
  type: 'REFUND',
  transaction: { revocationDate: ms('2026-01-09') },
  status: 5,
};

const UNTOLD_REVERSALS: readonly Life[] = [
  {
    name: 'a later notification has the transaction unrevoked, and the status active',
    events: [JAN, REFUNDED, { ...JAN, at: '2026-01-20', type: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED' }],
    asOf: '2026-01-25',
    says: ['Active until 2026-02-01T00:00:00Z (in 7 days), then renews for 9.99 USD'],
  },
  {
    name: 'the status says revoked',
    events: [JAN, REFUNDED, { ...OFF, status: 5 }],
    asOf: '2026-01-25',
    says: ['Refunded since 2026-01-09T00:00:00Z (16 days ago)', 'The period was refunded: no access.'],
  },
];

const charge = (type: string, told: Partial<Told> = {}): Told => ({
  at: '2026-01-01',
  type: 'ONE_TIME_CHARGE',
  from: '2026-01-01',
  renewal: null,
  ...told,
  transaction: { type, ...told.transaction },
});

const ONE_TIME: readonly Life[] = [
  {
    name: 'a refund in part',
    events: [
      charge('Consumable', { transaction: { quantity: 5 } }),
      charge('Consumable', {
        at: '2026-01-10',
        type: 'REFUND',
        transaction: {
          quantity: 5,
          revocationDate: ms('2026-01-10'),
          revocationType: 'REFUND_PRORATED',
          revocationPercentage: 40000,
        },
      }),
    ],
    asOf: '2026-01-15',
    says: ['Refunded in part since 2026-01-10T00:00:00Z (5 days ago)', 'Part of the money was returned.'],
  },
  {
    name: 'a refund that was reversed: bought when it was bought',
    events: [
      charge('Consumable'),
      charge('Consumable', { at: '2026-01-10', type: 'REFUND', transaction: { revocationDate: ms('2026-01-10') } }),
      charge('Consumable', { at: '2026-01-20', type: 'REFUND_REVERSED' }),
    ],
    asOf: '2026-02-15',
    says: ['Bought 2026-01-01T00:00:00Z (45 days ago)'],
  },
  {
    name: 'a non-renewing subscription has no end',
    events: [charge('Non-Renewing Subscription')],
    asOf: '2026-06-05',
    says: ['Bought 2026-01-01T00:00:00Z (155 days ago)', 'Its end is not signed: the app decides how long it lasts.'],
  },
];

const REQUESTS: readonly Life[] = [
  {
    name: 'not answered',
    events: [charge('Consumable', { at: '2026-01-10', type: 'CONSUMPTION_REQUEST' })],
    asOf: '2026-01-15',
    says: [
      'Bought 2026-01-01T00:00:00Z (14 days ago)',
      'A refund was requested at 2026-01-10T00:00:00Z (5 days ago), and no notification shows the outcome.',
    ],
  },
  {
    name: 'declined',
    events: [
      charge('Consumable', { at: '2026-01-10', type: 'CONSUMPTION_REQUEST' }),
      charge('Consumable', { at: '2026-01-11', type: 'REFUND_DECLINED' }),
    ],
    asOf: '2026-01-15',
    says: ['Bought 2026-01-01T00:00:00Z (14 days ago)'],
  },
];

const info = (at: string, more: object): Told => ({
  at,
  type: 'renewalInfo',
  renewal: { autoRenewStatus: 1, ...more },
});

const RENEWAL_INFO_ALONE: readonly Life[] = [
  {
    name: 'in grace',
    events: [
      info('2026-02-10', {
        renewalDate: ms('2026-02-01'),
        isInBillingRetryPeriod: true,
        gracePeriodExpiresDate: ms('2026-02-17'),
      }),
    ],
    asOf: '2026-02-12',
    says: [
      'In grace period until 2026-02-17T00:00:00Z (in 5 days)',
      'The payment failed and Apple retries it: keep access open.',
    ],
  },
  {
    name: 'in billing retry',
    events: [info('2026-02-10', { renewalDate: ms('2026-02-01'), isInBillingRetryPeriod: true })],
    asOf: '2026-02-12',
    says: [
      'In billing retry since 2026-02-10T00:00:00Z (2 days ago)',
      'The payment failed and Apple retries it: no access until it succeeds.',
    ],
  },
  {
    name: 'expired',
    events: [info('2026-02-10', { autoRenewStatus: 0, renewalDate: ms('2026-02-01'), expirationIntent: 1 })],
    asOf: '2026-02-12',
    says: ['Expired since 2026-02-10T00:00:00Z (2 days ago)', 'No access.'],
  },
  {
    name: 'renewed since',
    events: [
      info('2026-01-10', { renewalDate: ms('2026-02-01') }),
      info('2026-02-03', { renewalDate: ms('2026-03-01') }),
    ],
    asOf: '2026-02-10',
    says: ['Active until 2026-03-01T00:00:00Z (in 19 days), then renews'],
  },
  {
    name: 'paid after a failure',
    events: [
      info('2026-02-10', { renewalDate: ms('2026-02-01'), isInBillingRetryPeriod: true }),
      info('2026-02-20', { renewalDate: ms('2026-03-20'), isInBillingRetryPeriod: false }),
    ],
    asOf: '2026-02-25',
    says: ['Active until 2026-03-20T00:00:00Z (in 23 days), then renews'],
  },
  {
    name: 'on again after the end that is known',
    events: [
      JAN,
      { ...OFF, at: '2026-02-01', type: 'EXPIRED.VOLUNTARY', status: 2 },
      info('2026-02-20', { renewalDate: ms('2026-03-20'), isInBillingRetryPeriod: false }),
    ],
    asOf: '2026-02-25',
    says: ['Active until 2026-03-20T00:00:00Z (in 23 days), then renews'],
  },
  {
    name: 'off, with a date after the end that is known: nothing is paid',
    events: [
      JAN,
      { ...OFF, at: '2026-02-01', type: 'EXPIRED.VOLUNTARY', status: 2 },
      info('2026-02-20', { autoRenewStatus: 0, renewalDate: ms('2026-03-20'), isInBillingRetryPeriod: false }),
    ],
    asOf: '2026-02-25',
    says: ['Expired since 2026-02-01T00:00:00Z (24 days ago)', 'No access.'],
  },
  {
    name: 'newer than the transaction that is known',
    events: [{ ...JAN, type: 'transaction' }, info('2026-02-10', { renewalDate: ms('2026-03-01') })],
    asOf: '2026-02-12',
    says: ['Active until 2026-03-01T00:00:00Z (in 17 days), then renews'],
  },
];

describe.each([
  ['a subscription', SUBSCRIPTIONS],
  ['a refund of seats', REFUNDS],
  ['a refund whose reversal is missing', UNTOLD_REVERSALS],
  ['bought once', ONE_TIME],
  ['a refund that was requested', REQUESTS],
  ['renewal info alone', RENEWAL_INFO_ALONE],
])('%s', (_kind, lives) => {
  it.each(lives)('$name', ({ events, asOf, says }) => {
    expect(sentences(events, asOf)).toStrictEqual(says);
  });
});

describe('history of a purchase', () => {
  const refunded = { ...JAN, at: '2026-01-05', type: 'REFUND', transaction: { revocationDate: ms('2026-01-05') } };
  const reversed = { ...JAN, at: '2026-01-10', type: 'REFUND_REVERSED' };

  it.each(['RENEWAL_EXTENDED', 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED'])(
    'keeps a refund that was reversed where %s has a later end',
    (type) => {
      const extended = { ...JAN, at: '2026-01-20', type, to: '2026-02-15' };
      expect(periodsOf([JAN, refunded, reversed, extended], '2026-02-10')).toStrictEqual([
        '2026-01-01 2026-01-05 active monthly [0]',
        '2026-01-05 2026-01-10 refunded monthly [1]',
        '2026-01-10 2026-02-15 active monthly [2,3]',
      ]);
    },
  );

  it('has a refund that only the notification of the end tells of', () => {
    const expired = {
      ...JAN,
      at: '2026-02-01',
      type: 'EXPIRED.VOLUNTARY',
      transaction: { revocationDate: ms('2026-01-19') },
      status: 2,
    };
    expect(periodsOf([JAN, expired], '2026-02-10')).toStrictEqual([
      '2026-01-01 2026-01-19 active monthly [0]',
      '2026-01-19 2026-02-01 refunded monthly [1]',
      '2026-02-01 … expired monthly [1]',
    ]);
  });
});

it('has the retries of Apple before an end that only renewal info tells of', () => {
  const ended = info('2026-05-01', { autoRenewStatus: 0, isInBillingRetryPeriod: false, expirationIntent: 2 });
  expect(periodsOf([JAN, ended], '2026-05-02')).toStrictEqual([
    '2026-01-01 2026-02-01 active monthly [0]',
    '2026-02-01 2026-04-02 in-billing-retry monthly [1]',
    '2026-04-02 … expired monthly [1]',
  ]);
});

describe('purchases with the same id', () => {
  it('of two apps are two, whatever the order', () => {
    const other = told({ ...JAN, at: '2026-01-10', type: 'REFUND', transaction: { revocationDate: ms('2026-01-10') } });
    const data = { bundleId: 'com.other.app', environment: 'Production' };
    const documents = [
      told(JAN),
      { ...other, notification: { ...other.notification, data } },
      told(info('2026-01-05', { renewalDate: ms('2026-02-01') })),
    ];
    const fold = (order: typeof documents) =>
      foldPurchases(order, { asOfMs: ms('2026-01-15') }).purchases.map(({ bundleId, state, events }) => [
        bundleId,
        state,
        events.length,
      ]);
    const expected = [
      ['com.example.app', 'active', 2],
      ['com.other.app', 'refunded', 1],
    ];
    expect(fold(documents)).toStrictEqual(expected);
    expect(fold(documents.toReversed())).toStrictEqual(expected);
  });

  it('0, as Xcode has it, are one for each product', () => {
    const buy = (productId: string) =>
      told(
        charge('Consumable', {
          type: 'transaction',
          id: '0',
          environment: 'Xcode',
          transaction: { type: 'Consumable', productId },
        }),
      );
    const { purchases } = foldPurchases([buy('coins'), buy('gems')], { asOfMs: ms('2026-01-15') });
    expect(purchases.map(({ productId }) => productId).sort()).toStrictEqual(['coins', 'gems']);
  });
});

it('shows no price of another product', () => {
  const upgraded = {
    ...JAN,
    at: '2026-01-10',
    type: 'DID_CHANGE_RENEWAL_PREF.UPGRADE',
    id: '2',
    from: '2026-01-10',
    to: '2026-02-10',
    transaction: { productId: 'pro', price: null },
  };
  const [purchase] = foldPurchases([JAN, upgraded].map(told), { asOfMs: ms('2026-01-15') }).purchases;
  expect(describeIdentity(purchase!)).toStrictEqual(['pro', 'subscription 1', 'Production']);
});

it('lists the day of purchase after a refund was reversed', () => {
  const events = ONE_TIME[1]!.events.map(told);
  const [purchase] = foldPurchases(events, { asOfMs: ms('2026-02-15') }).purchases;
  expect(describeShortState(purchase!)).toBe('bought 2026-01-01');
});

it('lists since when a state is not known', () => {
  const [purchase] = foldPurchases([told(JAN)], { asOfMs: ms('2026-03-01') }).purchases;
  expect(describeShortState(purchase!)).toBe('unknown since 2026-02-01');
});

it('tells of an end that renewal info alone has', () => {
  const events = [info('2026-02-10', { autoRenewStatus: 0, expirationIntent: 1 })].map(told);
  const [purchase] = foldPurchases(events, { asOfMs: ms('2026-02-12') }).purchases;
  expect(purchase?.events.map(({ meaning }) => meaning)).toStrictEqual(['Expired: the customer cancelled']);
});
