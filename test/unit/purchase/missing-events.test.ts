import { describe, expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import { ms, type Told, told } from '../../support/purchase-story.js';
import {
  FEB,
  GRACE,
  JAN,
  MAR,
  RECOVERY,
  REFUND,
  RETRY,
  type SubscriptionLife,
  testLives,
} from '../../support/subscription-lives.js';

const YEARLY = { productId: 'yearly', autoRenewProductId: 'yearly', autoRenewStatus: 1, renewalDate: ms('2027-01-20') };

const NEXT_MONTH = { autoRenewStatus: 1, renewalDate: ms('2026-03-01') };

const REFUND_JAN = { ...REFUND, renewal: NEXT_MONTH, status: 1 };

const EXPIRED = {
  ...JAN,
  at: '2026-02-01',
  type: 'EXPIRED.VOLUNTARY',
  renewal: { autoRenewStatus: 0, expirationIntent: 1 },
  status: 2,
};

const REFUND_FEB: Told = {
  ...FEB,
  at: '2026-02-10',
  type: 'REFUND',
  transaction: { revocationDate: ms('2026-02-10') },
  renewal: { autoRenewStatus: 0 },
  status: 5,
};

const ABOUT_JAN: Told = { ...JAN, at: '2026-02-20', type: 'CONSUMPTION_REQUEST', renewal: NEXT_MONTH };

const { transaction: _transaction, ...RENEWAL_ALONE } = told(ABOUT_JAN);

const RESTORED_FEB = [
  '2026-01-01 2026-02-01 active monthly [0,3]',
  '2026-02-01 2026-02-10 active monthly [1]',
  '2026-02-10 2026-02-20 refunded monthly [2]',
  '2026-02-20 2026-03-01 active monthly [3]',
];

const LIVES: readonly SubscriptionLife[] = [
  {
    name: 'the refund of what an upgrade replaced, without the upgrade: active on the new product',
    events: [
      JAN,
      {
        ...REFUND,
        at: '2026-01-21',
        transaction: { revocationDate: ms('2026-01-20'), isUpgraded: true },
        renewal: YEARLY,
        status: 1,
      },
    ],
    asOf: '2026-02-10',
    state: 'active',
    periods: [
      '2026-01-01 2026-01-20 active monthly [0]',
      '2026-01-20 2026-01-21 unknown []',
      '2026-01-21 2027-01-20 active yearly [1]',
    ],
    after: ['active', 'active'],
    findings: ['missing-period [0,1]'],
  },
  {
    name: 'the same without status and renewal info: not confidently refunded',
    events: [
      JAN,
      {
        at: '2026-01-21',
        type: 'REFUND',
        from: '2026-01-01',
        to: '2026-02-01',
        transaction: { revocationDate: ms('2026-01-20'), isUpgraded: true },
        renewal: null,
      },
    ],
    asOf: '2026-02-10',
    state: 'unknown',
    periods: ['2026-01-01 2026-01-20 active monthly [0,1]', '2026-01-20 … unknown []'],
    after: ['active', 'unknown'],
    findings: ['missing-period [1]'],
  },
  {
    name: 'the refund of a period whose renewal is missing: active until the renewal date',
    events: [JAN, { ...REFUND_JAN, at: '2026-02-10', transaction: { revocationDate: ms('2026-02-10') } }],
    asOf: '2026-02-15',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-10 unknown []',
      '2026-02-10 2026-03-01 active monthly [1]',
    ],
    after: ['active', 'active'],
    findings: ['missing-period [0,1]'],
  },
  {
    name: 'the refund of a period, as the subscription is in billing retry of a later one',
    events: [
      JAN,
      {
        ...REFUND,
        at: '2026-03-10',
        transaction: { revocationDate: ms('2026-03-10') },
        renewal: { autoRenewStatus: 1, isInBillingRetryPeriod: true, renewalDate: ms('2026-03-01') },
        status: 3,
      },
    ],
    asOf: '2026-03-15',
    state: 'in-billing-retry',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-03-10 unknown []',
      '2026-03-10 … in-billing-retry monthly [1]',
    ],
    after: ['active', 'in-billing-retry'],
    findings: ['missing-period [0,1]', 'missing-notification [1]'],
  },
  {
    name: 'refunded, and bought again without a notification: an event of an older transaction tells',
    events: [
      JAN,
      FEB,
      {
        ...REFUND,
        ...{ id: '2', from: '2026-02-01', to: '2026-03-01' },
        at: '2026-02-10',
        transaction: { revocationDate: ms('2026-02-10') },
      },
      {
        ...JAN,
        at: '2026-02-20',
        type: 'REFUND_DECLINED',
        renewal: { autoRenewStatus: 1, renewalDate: ms('2026-03-15') },
        status: 1,
      },
    ],
    asOf: '2026-02-25',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0,3]',
      '2026-02-01 2026-02-10 active monthly [1]',
      '2026-02-10 2026-02-20 refunded monthly [2]',
      '2026-02-20 2026-03-15 active monthly [3]',
    ],
    after: ['active', 'active', 'refunded', 'active'],
    findings: ['missing-notification [3]'],
  },
  {
    name: 'a renewal after an expiry: bought again in between',
    events: [JAN, EXPIRED, { ...MAR, transaction: { transactionReason: 'RENEWAL' } }],
    asOf: '2026-03-10',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-01 expired monthly [1]',
      '2026-02-01 2026-03-01 unknown []',
      '2026-03-01 2026-04-01 active monthly [2]',
    ],
    after: ['active', 'expired', 'active'],
    findings: ['missing-period [1,2]'],
  },
  {
    name: 'a renewal after an expiry in the sandbox, where a month is five minutes',
    events: [
      { ...JAN, environment: 'Sandbox', from: '2026-01-01', to: '2026-01-01T00:05Z' },
      { ...EXPIRED, environment: 'Sandbox', at: '2026-01-01T00:05Z', from: '2026-01-01', to: '2026-01-01T00:05Z' },
      { ...MAR, environment: 'Sandbox', at: '2026-01-01T00:20Z', from: '2026-01-01T00:20Z', to: '2026-01-01T00:25Z' },
    ],
    asOf: '2026-01-01T00:21Z',
    state: 'active',
    periods: [
      '2026-01-01 2026-01-01T00:05 active monthly [0]',
      '2026-01-01T00:05 2026-01-01T00:05 expired monthly [1]',
      '2026-01-01T00:05 2026-01-01T00:20 unknown []',
      '2026-01-01T00:20 2026-01-01T00:25 active monthly [2]',
    ],
    after: ['active', 'expired', 'active'],
    findings: ['missing-period [1,2]'],
  },
  {
    name: 'subscribed again within an active period: its end is missing, and may have come at any time before',
    events: [JAN, { ...FEB, at: '2026-01-20', type: 'SUBSCRIBED.RESUBSCRIBE', from: '2026-01-20', to: '2026-02-20' }],
    asOf: '2026-01-25',
    state: 'active',
    periods: [
      '2026-01-01 2026-01-01 active monthly [0]',
      '2026-01-01 2026-01-20 unknown []',
      '2026-01-20 2026-02-20 active monthly [1]',
    ],
    after: ['active', 'active'],
    findings: ['missing-period [0,1]'],
  },
  {
    name: 'an expiry that is signed days after the end: a failed renewal may have come before',
    events: [JAN, { ...EXPIRED, at: '2026-02-10' }],
    asOf: '2026-02-15',
    state: 'expired',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-10 unknown []',
      '2026-02-10 … expired monthly [1]',
    ],
    after: ['active', 'expired'],
    findings: ['missing-period [0,1]'],
  },
  {
    name: 'a recovery that keeps the renewal date, without the failure: not active before it',
    events: [JAN, { ...RECOVERY, at: '2026-02-05', from: '2026-02-01', to: '2026-03-01' }],
    asOf: '2026-02-15',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-05 unknown []',
      '2026-02-05 2026-03-01 active monthly [1]',
    ],
    after: ['active', 'active'],
    findings: ['recovery-without-failure [1]'],
  },
  {
    name: 'a reversal whose refund is missing',
    events: [JAN, { ...JAN, at: '2026-01-20', type: 'REFUND_REVERSED' }],
    asOf: '2026-01-25',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0,1]'],
    after: ['active', 'active'],
    findings: ['missing-notification [1]'],
  },
  {
    name: 'a history that begins in mid-life: what was before it is not missing',
    events: [
      { ...REFUND_JAN, at: '2026-02-10', transaction: { revocationDate: ms('2026-02-10') } },
      { ...FEB, at: '2026-02-12', type: 'CONSUMPTION_REQUEST' },
    ],
    asOf: '2026-02-15',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 2026-03-01 active monthly [1]'],
    after: ['active', 'active'],
  },
  {
    name: 'refunded, and active until the same date again: an event of an older transaction tells of the reversal',
    events: [JAN, FEB, REFUND_FEB, ABOUT_JAN],
    asOf: '2026-02-25',
    state: 'active',
    periods: RESTORED_FEB,
    after: ['active', 'active', 'refunded', 'active'],
    findings: ['missing-notification [2,3]'],
  },
  {
    name: 'the same, with the notification of the reversal signed later',
    events: [JAN, FEB, REFUND_FEB, ABOUT_JAN, { ...FEB, at: '2026-02-21', type: 'REFUND_REVERSED' }],
    asOf: '2026-02-25',
    state: 'active',
    periods: [...RESTORED_FEB.slice(0, 3), '2026-02-20 2026-03-01 active monthly [4]'],
    after: ['active', 'active', 'refunded', 'active', 'active'],
  },
  {
    name: 'seats refunded, and that refund reversed: nothing is missing',
    events: [
      JAN,
      { ...JAN, at: '2026-01-10', type: 'REFUND.SEATS' },
      { ...JAN, at: '2026-01-20', type: 'REFUND_REVERSED' },
    ],
    asOf: '2026-01-25',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0,1,2]'],
    after: ['active', 'active', 'active'],
  },
  {
    name: 'a failure that is signed a second after an event that shows it: it is not missing',
    events: [
      JAN,
      { ...RETRY, type: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED' },
      { ...RETRY, at: '2026-02-01T00:00:01Z' },
    ],
    asOf: '2026-02-10',
    state: 'in-billing-retry',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … in-billing-retry monthly [1,2]'],
    after: ['active', 'in-billing-retry', 'in-billing-retry'],
  },
  {
    name: 'a reversal whose refund may have come before the history begins',
    events: [FEB, { ...JAN, at: '2026-02-20', type: 'REFUND_REVERSED' }],
    asOf: '2026-02-25',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [1]', '2026-02-01 2026-03-01 active monthly [0]'],
    after: ['active', 'active'],
  },
  {
    name: 'a refund and a new subscription of the same moment: the older transaction comes first',
    events: [
      JAN,
      { ...FEB, at: '2026-01-10', type: 'SUBSCRIBED.RESUBSCRIBE', from: '2026-01-10', to: '2026-02-10' },
      REFUND,
    ],
    asOf: '2026-01-15',
    state: 'active',
    periods: [
      '2026-01-01 2026-01-09 active monthly [0]',
      '2026-01-09 2026-01-10 refunded monthly [1]',
      '2026-01-10 2026-02-10 active monthly [2]',
    ],
    after: ['active', 'refunded', 'active'],
  },
  {
    name: 'a failed renewal without subtype whose status and renewal info say grace period',
    events: [JAN, { ...GRACE, type: 'DID_FAIL_TO_RENEW' }],
    asOf: '2026-02-10',
    state: 'in-grace-period',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 2026-02-17 in-grace-period monthly [1]'],
    after: ['active', 'in-grace-period'],
  },
];

describe('the life of a subscription of which notifications are missing', () => {
  testLives(LIVES);

  it.each([
    ['an event of an older transaction', told(ABOUT_JAN)],
    ['renewal info alone', RENEWAL_ALONE],
  ])('says what shows the reversal of a refund: %s', (_name, document) => {
    const documents = [...[JAN, FEB, REFUND_FEB].map(told), document];
    const { purchases } = foldPurchases(documents, { asOfMs: ms('2026-02-25') });
    expect(purchases.map(({ state }) => state)).toEqual(['active']);
    expect(purchases[0]?.findings.map(({ message }) => message)).toContain(
      'The refund signed at 2026-02-10T00:00:00Z was reversed by 2026-02-20T00:00:00Z, as data.status signed then is 1 (active), but no REFUND_REVERSED shows it',
    );
  });

  it.each([
    [{ revocationDate: ms('2026-01-20'), isUpgraded: true }, ': what an upgrade replaced'],
    [{ revocationDate: ms('2026-02-10') }, ': an earlier period, from 2026-01-01T00:00:00Z'],
  ])('says which period a refund is of: %j', (transaction, of) => {
    const refund = { ...REFUND_JAN, at: '2026-02-10', transaction };
    const { purchases } = foldPurchases([JAN, refund].map(told), { asOfMs: ms('2026-02-15') });
    expect(purchases[0]?.events.at(-1)?.meaning).toMatch(new RegExp(`^Refunded as of [^ ]+Z${of}$`));
  });
});
