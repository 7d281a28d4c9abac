import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import { matchesPurchaseId } from '../../../src/purchase/match-purchase-id.js';
import type { PurchaseDocument } from '../../../src/purchase/purchase.js';
import { ACCOUNT, ms, outline, type Told, told } from '../../support/purchase-story.js';

const ASKED = '2026-06-10T12:00Z';

const fold = (documents: readonly PurchaseDocument[], asOf = ASKED) =>
  foldPurchases(documents, { asOfMs: ms(asOf) }).purchases;

/** A transaction of Apple's transaction history: signed when it was asked for. */
const bought = (id: string, from: string, to: string, transaction: JsonObject = {}): PurchaseDocument =>
  told({ at: ASKED, type: 'transaction', id, from, to, transaction });

const renewalInfo = (renewal: JsonObject): PurchaseDocument => told({ at: ASKED, type: 'renewalInfo', renewal });

describe('transactions and renewal info alone, as the App Store Server API has them', () => {
  it('one token that several calls sign anew is one event, the latest; what changed in between is not dropped', () => {
    const refunded = { revocationDate: ms('2026-06-05'), revocationReason: 0 };
    const signed = (at: string, transaction: JsonObject = {}): PurchaseDocument =>
      told({ at, type: 'transaction', id: '1', from: '2026-06-01', to: '2026-07-01', transaction, verdict: 'valid' });
    const documents = [
      signed('2026-06-02'),
      signed('2026-06-03'),
      signed('2026-06-06', refunded),
      signed('2026-06-07', refunded),
      signed('2026-06-08'),
      signed('2026-06-08'),
    ];
    for (const order of [documents, documents.toReversed()]) {
      const [purchase] = fold(order);
      expect(purchase?.state).toBe('active');
      expect(purchase?.findings).toEqual([]);
      expect(purchase?.events.map(({ signedAtMs }) => signedAtMs)).toEqual(
        ['2026-06-03', '2026-06-07', '2026-06-08'].map(ms),
      );
    }
  });

  it('a history of renewals, in any order', () => {
    const documents = [
      bought('3', '2026-06-01', '2026-07-01'),
      bought('1', '2026-04-01', '2026-05-01'),
      renewalInfo({ autoRenewStatus: 1, renewalDate: ms('2026-07-01'), renewalPrice: 9990, currency: 'USD' }),
      bought('2', '2026-05-01', '2026-06-01'),
    ];
    const [purchase] = fold(documents);
    expect(outline(purchase)).toEqual({
      state: 'active',
      periods: [
        '2026-04-01 2026-05-01 active monthly [0]',
        '2026-05-01 2026-06-01 active monthly [1]',
        '2026-06-01 2026-07-01 active monthly [2,3]',
      ],
      after: ['active', 'active', 'active', 'active'],
      findings: [],
    });
    expect(purchase?.renewal).toMatchObject({ isOn: true, atMs: ms('2026-07-01'), price: { amountMilliunits: 9990 } });
  });

  it.each<[string, readonly PurchaseDocument[], string, readonly string[]]>([
    [
      'a lapse between two purchases',
      [
        bought('1', '2026-01-01', '2026-02-01'),
        bought('2', '2026-06-01', '2026-07-01', { transactionReason: 'PURCHASE' }),
      ],
      'active',
      [
        '2026-01-01 2026-02-01 active monthly [0]',
        '2026-02-01 2026-06-01 expired monthly [1]',
        '2026-06-01 2026-07-01 active monthly [1]',
      ],
    ],
    [
      'a lapse between two purchases, with renewal info that an earlier call signed',
      [
        told({ at: '2026-06-10T11:59Z', type: 'renewalInfo', renewal: { autoRenewStatus: 1 } }),
        bought('1', '2026-01-01', '2026-02-01'),
        bought('2', '2026-06-01', '2026-07-01', { transactionReason: 'PURCHASE' }),
      ],
      'active',
      [
        '2026-01-01 2026-02-01 active monthly [1]',
        '2026-02-01 2026-06-01 expired monthly [2]',
        '2026-06-01 2026-07-01 active monthly [0,2]',
      ],
    ],
    [
      'a renewal that was paid late: what was between is not known',
      [
        bought('1', '2026-04-20', '2026-05-20'),
        bought('2', '2026-06-01', '2026-07-01', { transactionReason: 'RENEWAL' }),
      ],
      'active',
      [
        '2026-04-20 2026-05-20 active monthly [0]',
        '2026-05-20 2026-06-01 unknown []',
        '2026-06-01 2026-07-01 active monthly [1]',
      ],
    ],
    [
      'an expired one',
      [
        bought('1', '2026-04-20', '2026-05-20'),
        renewalInfo({ autoRenewStatus: 0, expirationIntent: 1, isInBillingRetryPeriod: false }),
      ],
      'expired',
      ['2026-04-20 2026-05-20 active monthly [0]', '2026-05-20 … expired monthly [1]'],
    ],
    [
      'one in billing retry after its grace period',
      [
        bought('1', '2026-04-20', '2026-05-20'),
        renewalInfo({
          autoRenewStatus: 1,
          expirationIntent: 2,
          isInBillingRetryPeriod: true,
          gracePeriodExpiresDate: ms('2026-06-05'),
        }),
      ],
      'in-billing-retry',
      [
        '2026-04-20 2026-05-20 active monthly [0]',
        '2026-05-20 2026-06-05 in-grace-period monthly [1]',
        '2026-06-05 … in-billing-retry monthly [1]',
      ],
    ],
    [
      'a refund',
      [bought('1', '2026-06-01', '2026-07-01', { revocationDate: ms('2026-06-05'), revocationReason: 0 })],
      'refunded',
      ['2026-06-01 2026-06-05 active monthly [0]', '2026-06-05 … refunded monthly [0]'],
    ],
    [
      'the end of family sharing',
      [
        bought('1', '2026-06-01', '2026-07-01', {
          revocationDate: ms('2026-06-05'),
          inAppOwnershipType: 'FAMILY_SHARED',
        }),
      ],
      'revoked',
      ['2026-06-01 2026-06-05 active monthly [0]', '2026-06-05 … revoked monthly [0]'],
    ],
    [
      'the end of a seat',
      [
        bought('1', '2026-06-01', '2026-07-01', {
          revocationDate: ms('2026-06-05'),
          revocationType: 'ASSIGNMENT_REVOKE',
        }),
      ],
      'revoked',
      ['2026-06-01 2026-06-05 active monthly [0]', '2026-06-05 … revoked monthly [0]'],
    ],
    [
      'an upgrade: the replaced transaction is no refund',
      [
        bought('1', '2026-06-01', '2026-07-01', { isUpgraded: true, revocationDate: ms('2026-06-05') }),
        bought('2', '2026-06-05', '2026-07-05', { productId: 'yearly' }),
      ],
      'active',
      ['2026-06-01 2026-06-05 active monthly [0]', '2026-06-05 2026-07-05 active yearly [1]'],
    ],
    [
      'a replaced transaction without the one that replaced it',
      [bought('1', '2026-06-01', '2026-07-01', { isUpgraded: true, revocationDate: ms('2026-06-05') })],
      'unknown',
      ['2026-06-01 2026-06-05 active monthly [0]', '2026-06-05 … unknown []'],
    ],
    [
      'renewal info without any transaction',
      [renewalInfo({ autoRenewStatus: 1, renewalDate: ms('2026-07-01') })],
      'active',
      ['2026-06-10T12:00 2026-07-01 active [0]'],
    ],
  ])('%s', (_name, documents, state, periods) => {
    const [purchase] = fold(documents);
    expect(outline(purchase)).toMatchObject({ state, periods });
    expect(outline(fold([...documents].reverse())[0])).toEqual(outline(purchase));
  });

  it('a refund that a later answer no longer has was reversed', () => {
    const refunded = told({
      at: '2026-06-05',
      type: 'transaction',
      from: '2026-06-01',
      to: '2026-07-01',
      transaction: { revocationDate: ms('2026-06-05') },
    });
    const [purchase] = fold([bought('1', '2026-06-01', '2026-07-01'), refunded]);
    expect(outline(purchase)).toMatchObject({
      state: 'active',
      periods: [
        '2026-06-01 2026-06-05 active monthly',
        '2026-06-05 2026-06-10T12:00 refunded monthly',
        '2026-06-10T12:00 2026-07-01 active monthly',
      ].map((text) => expect.stringContaining(text)),
    });
  });
});

describe('one-time purchases', () => {
  const charge = (id: string, type: string, transaction: JsonObject = {}): Told => ({
    at: '2026-06-01T00:00:02Z',
    type: 'ONE_TIME_CHARGE',
    id,
    from: '2026-06-01',
    renewal: null,
    transaction: { type, productId: 'coins', ...transaction },
  });

  it.each(['Consumable', 'Non-Consumable', 'Non-Renewing Subscription'])('each %s is a purchase of its own', (type) => {
    const documents = [
      told(charge('10', type)),
      told(charge('11', type, { originalTransactionId: '10', quantity: 3 })),
    ];
    const purchases = fold(documents);
    expect(
      purchases.map(({ id, kind, originalTransactionId, quantity, renewal }) => ({
        id,
        kind,
        originalTransactionId,
        quantity,
        renewal,
      })),
    ).toEqual([
      { id: '10', kind: 'one-time', originalTransactionId: '1', quantity: 1, renewal: null },
      { id: '11', kind: 'one-time', originalTransactionId: '10', quantity: 3, renewal: null },
    ]);
    expect(purchases.map((purchase) => outline(purchase))).toEqual(
      [0, 1].map(() => ({
        state: 'active',
        periods: ['2026-06-01 … active coins [0]'],
        after: ['active'],
        findings: [],
      })),
    );
  });

  it('a refund, reversed', () => {
    const refund = charge('10', 'Consumable', { revocationDate: ms('2026-06-03'), revocationType: 'REFUND_FULL' });
    const story = [
      charge('10', 'Consumable'),
      { ...refund, at: '2026-06-03T00:00:02Z', type: 'REFUND' },
      { ...charge('10', 'Consumable'), at: '2026-06-05', type: 'REFUND_REVERSED' },
    ];
    expect(outline(fold(story.map(told))[0])).toEqual({
      state: 'active',
      periods: [
        '2026-06-01 2026-06-03 active coins [0]',
        '2026-06-03 2026-06-05 refunded coins [1]',
        '2026-06-05 … active coins [2]',
      ],
      after: ['active', 'refunded', 'active'],
      findings: [],
    });
  });
});

describe('seats', () => {
  const five: Told = {
    at: '2026-06-01',
    type: 'SUBSCRIBED.INITIAL_BUY',
    from: '2026-06-01',
    to: '2026-07-01',
    transaction: { quantity: 5 },
    status: 1,
  };
  const shared = { additionalTransactionReason: 'SEAT_ADDITION' };
  const added: Told = {
    ...five,
    at: '2026-06-05',
    type: 'DID_CHANGE_RENEWAL_PREF.INCREASE_QUANTITY',
    id: '2',
    from: '2026-06-05',
    transaction: { quantity: 3, ...shared },
  };

  it('added seats are part of the period, and count', () => {
    const [purchase] = fold([five, added].map(told));
    expect(outline(purchase)).toMatchObject({
      state: 'active',
      periods: ['2026-06-01 2026-07-01 active monthly [0,1]'],
      findings: [],
    });
    expect(purchase?.quantity).toBe(8);
  });

  it('added seats without the first ones: the number is not known', () => {
    expect(fold([told(added)])[0]).toMatchObject({ state: 'active', quantity: null });
  });

  it('a refund of the added seats leaves the others', () => {
    const refund: Told = {
      ...added,
      at: '2026-06-08',
      type: 'REFUND_DECLINED',
      transaction: { quantity: 3, ...shared, revocationDate: ms('2026-06-08') },
    };
    expect(fold([five, added, refund].map(told))[0]).toMatchObject({ state: 'active', quantity: null });
  });

  it('a refund of some seats ends nothing', () => {
    const refund: Told = {
      ...five,
      at: '2026-06-08',
      type: 'REFUND.SEATS',
      transaction: { quantity: 5, multiSeatInfo: { revokedSeatQuantity: 2 } },
    };
    const [purchase] = fold([five, refund].map(told));
    expect(purchase).toMatchObject({ state: 'active', quantity: null });
    expect(purchase?.events.at(-1)?.meaning).toBe('Seats refunded: 2 of 5');
    expect(outline(purchase)?.findings).toEqual([]);
  });
});

describe('documents that name no purchase', () => {
  it('RESCIND_CONSENT belongs to every purchase of that installation, in its environment', () => {
    const consent: PurchaseDocument = {
      kind: 'notification',
      source: 'story',
      notification: {
        notificationType: 'RESCIND_CONSENT',
        notificationUUID: 'c',
        signedDate: ms('2026-06-05'),
        appData: { bundleId: 'com.example.app', environment: 'Production' },
      },
      appTransaction: { appTransactionId: '70' },
    };
    const own = { transaction: { appTransactionId: '70' } };
    const first: Told = {
      at: '2026-06-01',
      type: 'SUBSCRIBED.INITIAL_BUY',
      from: '2026-06-01',
      to: '2026-07-01',
      ...own,
    };
    const { purchases, others } = foldPurchases([consent, told(first), told({ ...first, environment: 'Sandbox' })], {
      asOfMs: ms(ASKED),
    });
    expect(others).toEqual([]);
    expect(
      purchases.map(({ environment, state, events }) => [environment, state, events.map(({ type }) => type)]).sort(),
    ).toEqual([
      ['Production', 'active', ['SUBSCRIBED.INITIAL_BUY', 'RESCIND_CONSENT']],
      ['Sandbox', 'active', ['SUBSCRIBED.INITIAL_BUY']],
    ]);
    expect(foldPurchases([consent], { asOfMs: ms(ASKED) })).toEqual({
      purchases: [],
      others: [{ index: 0, reason: 'no purchase here is of the installation that it names' }],
    });
  });

  it.each<[PurchaseDocument['kind'], JsonObject, string]>([
    ['notification', { notificationType: 'TEST' }, 'a TEST notification is about no purchase'],
    [
      'notification',
      { notificationType: 'RENEWAL_EXTENSION', subtype: 'SUMMARY' },
      'a summary is about many purchases and names none',
    ],
    ['notification', { notificationType: 'DID_RENEW' }, 'the notification has no transaction with an id'],
    ['appTransaction', {}, 'an app transaction describes the app, not a purchase'],
    ['notificationV1', {}, 'version 1 notifications are not signed'],
    ['unknown', {}, 'not a payload of the App Store'],
  ])('%s %j', (kind, notification, reason) => {
    const document = { kind, source: 'story', ...(kind === 'notification' && { notification }) };
    expect(foldPurchases([document], { asOfMs: ms(ASKED) })).toEqual({ purchases: [], others: [{ index: 0, reason }] });
  });
});

it.each<[string, boolean]>([
  ['2000000123', true],
  ['20000001234567890', true],
  ['2000000999', true],
  ['200000012345678901', false],
  ['1', false],
  [ACCOUNT, true],
  [ACCOUNT.toUpperCase().slice(0, 8), true],
  [' 2000000123 ', true],
  ['', false],
  [' ', false],
])('--id %j matches: %s', (text, expected) => {
  const ids = { originalTransactionId: '20000001234567890' };
  const [purchase] = fold([
    told({
      at: '2026-06-01',
      type: 'DID_RENEW',
      id: '2000000999',
      from: '2026-06-01',
      to: '2026-07-01',
      transaction: ids,
    }),
  ]);
  expect(purchase !== undefined && matchesPurchaseId(purchase, text)).toBe(expected);
});
