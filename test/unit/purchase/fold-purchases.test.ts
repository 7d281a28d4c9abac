import { describe, expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import { ms, outline, type Told, told } from '../../support/purchase-story.js';

interface Row {
  readonly name: string;
  readonly events: readonly Told[];
  readonly asOf: string;
  readonly state: string;
  readonly periods: readonly string[];
  readonly after: readonly string[];
  readonly findings?: readonly string[];
}

const JAN: Told = {
  at: '2026-01-01',
  type: 'SUBSCRIBED.INITIAL_BUY',
  from: '2026-01-01',
  to: '2026-02-01',
  status: 1,
};
const FEB: Told = { at: '2026-02-01', type: 'DID_RENEW', id: '2', from: '2026-02-01', to: '2026-03-01', status: 1 };
const MAR: Told = { at: '2026-03-01', type: 'DID_RENEW', id: '3', from: '2026-03-01', to: '2026-04-01', status: 1 };
const IN_GRACE = { autoRenewStatus: 1, isInBillingRetryPeriod: true, gracePeriodExpiresDate: ms('2026-02-17') };
const IN_RETRY = { autoRenewStatus: 1, isInBillingRetryPeriod: true };
const GRACE: Told = {
  ...JAN,
  at: '2026-02-01',
  type: 'DID_FAIL_TO_RENEW.GRACE_PERIOD',
  renewal: IN_GRACE,
  status: 4,
};
const RETRY: Told = { ...JAN, at: '2026-02-01', type: 'DID_FAIL_TO_RENEW', renewal: IN_RETRY, status: 3 };
const GRACE_OVER: Told = { ...JAN, at: '2026-02-17', type: 'GRACE_PERIOD_EXPIRED', renewal: IN_GRACE, status: 3 };
const RECOVERY: Told = {
  ...FEB,
  at: '2026-02-20',
  type: 'DID_RENEW.BILLING_RECOVERY',
  from: '2026-02-20',
  to: '2026-03-20',
};
const EXPIRED_RETRY: Told = {
  ...JAN,
  at: '2026-04-02',
  type: 'EXPIRED.BILLING_RETRY',
  renewal: { autoRenewStatus: 0, expirationIntent: 2, isInBillingRetryPeriod: false },
  status: 2,
};
const REFUND: Told = {
  ...JAN,
  at: '2026-01-10',
  type: 'REFUND',
  transaction: { revocationDate: ms('2026-01-09'), revocationType: 'REFUND_FULL' },
  renewal: { autoRenewStatus: 0 },
  status: 5,
};

const ROWS: readonly Row[] = [
  {
    name: 'REFUND, then REFUND_REVERSED',
    events: [JAN, REFUND, { ...JAN, at: '2026-01-20', type: 'REFUND_REVERSED', status: 1 }],
    asOf: '2026-01-25',
    state: 'active',
    periods: [
      '2026-01-01 2026-01-09 active monthly [0]',
      '2026-01-09 2026-01-20 refunded monthly [1]',
      '2026-01-20 2026-02-01 active monthly [2]',
    ],
    after: ['active', 'refunded', 'active'],
  },
  {
    name: 'a refund reversed after the end of the period',
    events: [JAN, REFUND, { ...JAN, at: '2026-02-20', type: 'REFUND_REVERSED', status: 2 }],
    asOf: '2026-02-25',
    state: 'expired',
    periods: [
      '2026-01-01 2026-01-09 active monthly [0]',
      '2026-01-09 2026-02-20 refunded monthly [1]',
      '2026-02-20 … expired monthly [2]',
    ],
    after: ['active', 'refunded', 'expired'],
  },
  {
    name: 'a refund of an earlier period changes nothing now',
    events: [JAN, FEB, { ...REFUND, at: '2026-02-10', transaction: { revocationDate: ms('2026-02-09') }, status: 1 }],
    asOf: '2026-02-15',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0,2]', '2026-02-01 2026-03-01 active monthly [1]'],
    after: ['active', 'active', 'active'],
  },
  {
    name: 'a prorated refund ends access, too',
    events: [
      JAN,
      {
        ...REFUND,
        transaction: {
          revocationDate: ms('2026-01-09'),
          revocationType: 'REFUND_PRORATED',
          revocationPercentage: 50_000,
        },
      },
    ],
    asOf: '2026-01-25',
    state: 'refunded',
    periods: ['2026-01-01 2026-01-09 active monthly [0]', '2026-01-09 … refunded monthly [1]'],
    after: ['active', 'refunded'],
  },
  {
    name: 'a refunded subscription that is bought again',
    events: [
      JAN,
      REFUND,
      { ...FEB, type: 'SUBSCRIBED.RESUBSCRIBE', at: '2026-01-20', from: '2026-01-20', to: '2026-02-20' },
    ],
    asOf: '2026-01-25',
    state: 'active',
    periods: [
      '2026-01-01 2026-01-09 active monthly [0]',
      '2026-01-09 2026-01-20 refunded monthly [1]',
      '2026-01-20 2026-02-20 active monthly [2]',
    ],
    after: ['active', 'refunded', 'active'],
  },
  {
    name: 'expiry after a refund: it stays refunded where the status says so',
    events: [JAN, REFUND, { ...REFUND, at: '2026-02-01', type: 'EXPIRED.VOLUNTARY' }],
    asOf: '2026-02-05',
    state: 'refunded',
    periods: ['2026-01-01 2026-01-09 active monthly [0]', '2026-01-09 … refunded monthly [1,2]'],
    after: ['active', 'refunded', 'refunded'],
  },
  {
    name: 'grace, then recovery',
    events: [JAN, GRACE, { ...RECOVERY, at: '2026-02-07', from: '2026-02-07', to: '2026-03-01' }],
    asOf: '2026-02-25',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-07 in-grace-period monthly [1]',
      '2026-02-07 2026-03-01 active monthly [2]',
    ],
    after: ['active', 'in-grace-period', 'active'],
  },
  {
    name: 'grace, then recovery of a transaction that begins where the period ended',
    events: [JAN, GRACE, { ...RECOVERY, at: '2026-02-07', from: '2026-02-01', to: '2026-03-01' }],
    asOf: '2026-02-25',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-07 in-grace-period monthly [1]',
      '2026-02-07 2026-03-01 active monthly [2]',
    ],
    after: ['active', 'in-grace-period', 'active'],
  },
  {
    name: 'recovery after a grace period whose end is missing: it was billing retry',
    events: [JAN, GRACE, RECOVERY],
    asOf: '2026-02-25',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-17 in-grace-period monthly [1]',
      '2026-02-17 2026-02-20 in-billing-retry monthly [2]',
      '2026-02-20 2026-03-20 active monthly [2]',
    ],
    after: ['active', 'in-grace-period', 'active'],
  },
  {
    name: 'in grace now',
    events: [JAN, GRACE],
    asOf: '2026-02-10',
    state: 'in-grace-period',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 2026-02-17 in-grace-period monthly [1]'],
    after: ['active', 'in-grace-period'],
  },
  {
    name: 'a grace period that ended, and nothing after it',
    events: [JAN, GRACE],
    asOf: '2026-03-10',
    state: 'unknown',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-17 in-grace-period monthly [1]',
      '2026-02-17 … unknown []',
    ],
    after: ['active', 'in-grace-period'],
    findings: ['missing-period [1]'],
  },
  {
    name: 'in billing retry now, without an end',
    events: [JAN, RETRY],
    asOf: '2026-03-10',
    state: 'in-billing-retry',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … in-billing-retry monthly [1]'],
    after: ['active', 'in-billing-retry'],
  },
  {
    name: 'billing retry of more than 60 days, and nothing after it',
    events: [JAN, RETRY],
    asOf: '2026-06-01',
    state: 'unknown',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-04-03 in-billing-retry monthly [1]',
      '2026-04-03 … unknown []',
    ],
    after: ['active', 'in-billing-retry'],
    findings: ['missing-period [1]'],
  },
  {
    name: 'expiry out of retry',
    events: [JAN, GRACE, GRACE_OVER, EXPIRED_RETRY],
    asOf: '2026-05-01',
    state: 'expired',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-17 in-grace-period monthly [1]',
      '2026-02-17 2026-04-02 in-billing-retry monthly [2]',
      '2026-04-02 … expired monthly [3]',
    ],
    after: ['active', 'in-grace-period', 'in-billing-retry', 'expired'],
  },
  {
    name: 'expiry out of retry whose failure is missing: the expiry tells of it',
    events: [JAN, EXPIRED_RETRY],
    asOf: '2026-05-01',
    state: 'expired',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-04-02 in-billing-retry monthly [1]',
      '2026-04-02 … expired monthly [1]',
    ],
    after: ['active', 'expired'],
  },
  {
    name: 'a customer who cancels during billing retry',
    events: [JAN, RETRY, { ...EXPIRED_RETRY, at: '2026-02-10', type: 'EXPIRED.VOLUNTARY' }],
    asOf: '2026-03-01',
    state: 'expired',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-10 in-billing-retry monthly [1]',
      '2026-02-10 … expired monthly [2]',
    ],
    after: ['active', 'in-billing-retry', 'expired'],
  },
  {
    name: 'upgrade in mid-period',
    events: [
      JAN,
      {
        ...FEB,
        at: '2026-01-15',
        type: 'DID_CHANGE_RENEWAL_PREF.UPGRADE',
        from: '2026-01-15',
        to: '2026-02-15',
        transaction: { productId: 'yearly' },
      },
    ],
    asOf: '2026-02-10',
    state: 'active',
    periods: ['2026-01-01 2026-01-15 active monthly [0]', '2026-01-15 2026-02-15 active yearly [1]'],
    after: ['active', 'active'],
  },
  {
    name: 'downgrade at renewal',
    events: [
      JAN,
      {
        ...JAN,
        at: '2026-01-15',
        type: 'DID_CHANGE_RENEWAL_PREF.DOWNGRADE',
        renewal: { autoRenewStatus: 1, autoRenewProductId: 'basic' },
      },
      { ...FEB, transaction: { productId: 'basic' } },
    ],
    asOf: '2026-02-10',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0,1]', '2026-02-01 2026-03-01 active basic [2]'],
    after: ['active', 'active', 'active'],
  },
  {
    name: 'family sharing that ends',
    events: [
      { ...JAN, transaction: { inAppOwnershipType: 'FAMILY_SHARED' } },
      {
        ...REFUND,
        type: 'REVOKE',
        transaction: {
          inAppOwnershipType: 'FAMILY_SHARED',
          revocationDate: ms('2026-01-09'),
          revocationType: 'FAMILY_REVOKE',
        },
      },
    ],
    asOf: '2026-01-25',
    state: 'revoked',
    periods: ['2026-01-01 2026-01-09 active monthly [0]', '2026-01-09 … revoked monthly [1]'],
    after: ['active', 'revoked'],
  },
  {
    name: 'a renewal date that was extended',
    events: [JAN, { ...JAN, at: '2026-01-20', type: 'RENEWAL_EXTENDED', to: '2026-02-15' }],
    asOf: '2026-02-10',
    state: 'active',
    periods: ['2026-01-01 2026-02-15 active monthly [0,1]'],
    after: ['active', 'active'],
  },
  {
    name: 'a missing DID_RENEW',
    events: [JAN, MAR],
    asOf: '2026-03-10',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-03-01 unknown []',
      '2026-03-01 2026-04-01 active monthly [1]',
    ],
    after: ['active', 'active'],
    findings: ['missing-period [0,1]'],
  },
  {
    name: 'a DID_RENEW that is missing, of a period that another notification tells of',
    events: [JAN, { ...FEB, at: '2026-02-10', type: 'PRICE_INCREASE.PENDING' }, MAR],
    asOf: '2026-03-10',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-03-01 active monthly [1]',
      '2026-03-01 2026-04-01 active monthly [2]',
    ],
    after: ['active', 'active', 'active'],
  },
  {
    name: 'a period that ended, and nothing after it: not confidently expired',
    events: [{ ...JAN, renewal: { autoRenewStatus: 0 } }],
    asOf: '2026-03-10',
    state: 'unknown',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … unknown []'],
    after: ['active'],
    findings: ['missing-period [0]'],
  },
  {
    name: 'a period that ended an hour ago: the renewal may be on its way',
    events: [JAN],
    asOf: '2026-02-01T01:00Z',
    state: 'unknown',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … unknown []'],
    after: ['active'],
  },
  {
    name: 'renewals of the sandbox, every five minutes, signed early and late',
    events: [
      { ...JAN, to: '2026-01-01T00:05Z', environment: 'Sandbox' },
      { ...FEB, at: '2026-01-01T00:04Z', from: '2026-01-01T00:05Z', to: '2026-01-01T00:10Z', environment: 'Sandbox' },
      { ...MAR, at: '2026-01-01T00:11Z', from: '2026-01-01T00:11Z', to: '2026-01-01T00:16Z', environment: 'Sandbox' },
    ],
    asOf: '2026-01-01T00:12Z',
    state: 'active',
    periods: [
      '2026-01-01 2026-01-01T00:05 active monthly [0]',
      '2026-01-01T00:05 2026-01-01T00:10 active monthly [1]',
      '2026-01-01T00:11 2026-01-01T00:16 active monthly [2]',
    ],
    after: ['active', 'active', 'active'],
  },
  {
    name: 'a missing renewal of the sandbox',
    events: [
      { ...JAN, to: '2026-01-01T00:05Z', environment: 'Sandbox' },
      { ...MAR, at: '2026-01-01T00:10Z', from: '2026-01-01T00:10Z', to: '2026-01-01T00:15Z', environment: 'Sandbox' },
    ],
    asOf: '2026-01-01T00:12Z',
    state: 'active',
    periods: [
      '2026-01-01 2026-01-01T00:05 active monthly [0]',
      '2026-01-01T00:05 2026-01-01T00:10 unknown []',
      '2026-01-01T00:10 2026-01-01T00:15 active monthly [1]',
    ],
    after: ['active', 'active'],
    findings: ['missing-period [0,1]'],
  },
  {
    name: 'a recovery without a failure',
    events: [JAN, RECOVERY],
    asOf: '2026-03-01',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-20 unknown []',
      '2026-02-20 2026-03-20 active monthly [1]',
    ],
    after: ['active', 'active'],
    findings: ['recovery-without-failure [1]'],
  },
  {
    name: 'a history that begins with a recovery',
    events: [RECOVERY],
    asOf: '2026-03-01',
    state: 'active',
    periods: ['2026-02-20 2026-03-20 active monthly [0]'],
    after: ['active'],
  },
  {
    name: 'a history that begins with the end of a grace period',
    events: [GRACE_OVER],
    asOf: '2026-03-01',
    state: 'in-billing-retry',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-17 in-grace-period monthly [0]',
      '2026-02-17 … in-billing-retry monthly [0]',
    ],
    after: ['in-billing-retry'],
  },
  {
    name: 'a history that begins in billing retry, with an event about something else',
    events: [{ ...RETRY, at: '2026-02-10', type: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED' }],
    asOf: '2026-03-01',
    state: 'in-billing-retry',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … in-billing-retry monthly [0]'],
    after: ['in-billing-retry'],
  },
  {
    name: 'a status where nothing else tells the state',
    events: [{ ...JAN, at: '2026-02-10', type: 'REFUND_DECLINED', renewal: null, status: 2 }],
    asOf: '2026-03-01',
    state: 'expired',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … expired monthly [0]'],
    after: ['expired'],
  },
  {
    name: 'an event about an old transaction, of a subscription that is active',
    events: [
      {
        ...JAN,
        at: '2026-03-10',
        type: 'CONSUMPTION_REQUEST',
        renewal: { autoRenewStatus: 1, renewalDate: ms('2026-04-01') },
        status: 1,
      },
    ],
    asOf: '2026-03-15',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-03-10 unknown []',
      '2026-03-10 2026-04-01 active monthly [0]',
    ],
    after: ['active'],
  },
  {
    name: 'an event about an old transaction tells of the renewal of the present one',
    events: [
      JAN,
      FEB,
      { ...JAN, at: '2026-03-02', type: 'CONSUMPTION_REQUEST', renewal: IN_RETRY, status: 3 },
      { ...MAR, at: '2026-03-05', type: 'DID_RENEW.BILLING_RECOVERY', from: '2026-03-05', to: '2026-04-05' },
    ],
    asOf: '2026-03-15',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0,2]',
      '2026-02-01 2026-03-01 active monthly [1]',
      '2026-03-01 2026-03-05 in-billing-retry monthly [2]',
      '2026-03-05 2026-04-05 active monthly [3]',
    ],
    after: ['active', 'active', 'in-billing-retry', 'active'],
  },
  {
    name: 'a data.status that contradicts',
    events: [JAN, { ...JAN, at: '2026-01-10', type: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED', status: 5 }],
    asOf: '2026-01-15',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0,1]'],
    after: ['active', 'active'],
    findings: ['status-differs [1]'],
  },
  {
    name: 'a renewal that was charged and signed before the period ended',
    events: [JAN, { ...FEB, at: '2026-01-31T02:00Z' }],
    asOf: '2026-02-15',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 2026-03-01 active monthly [1]'],
    after: ['active', 'active'],
  },
  {
    name: 'a failure that was signed before the period ended, with the status of that moment',
    events: [JAN, { ...RETRY, at: '2026-01-31T20:00Z', status: 1 }],
    asOf: '2026-02-15',
    state: 'in-billing-retry',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … in-billing-retry monthly [1]'],
    after: ['active', 'in-billing-retry'],
  },
  {
    name: 'payloads of 2022: a date in the nested tokens only, no status',
    events: [
      { ...JAN, at: null, transaction: { signedDate: ms('2026-01-01') } },
      { ...FEB, at: null, transaction: { signedDate: ms('2026-02-01') } },
    ],
    asOf: '2026-02-15',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 2026-03-01 active monthly [1]'],
    after: ['active', 'active'],
  },
  {
    name: 'no date of signing at all: the purchase dates order them',
    events: [
      { ...FEB, at: null },
      { ...JAN, at: null },
    ],
    asOf: '2026-02-15',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 2026-03-01 active monthly [1]'],
    after: ['active', 'active'],
  },
  {
    name: 'a type that this version does not know',
    events: [JAN, { ...JAN, at: '2026-01-10', type: 'SOMETHING_NEW' }],
    asOf: '2026-01-15',
    state: 'active',
    periods: ['2026-01-01 2026-02-01 active monthly [0,1]'],
    after: ['active', 'active'],
  },
];

describe('the life of a subscription', () => {
  it.each(ROWS)('$name', ({ events, asOf, state, periods, after, findings = [] }) => {
    const { purchases, others } = foldPurchases(events.map(told), { asOfMs: ms(asOf) });
    expect(purchases.map(outline)).toEqual([{ state, periods, after, findings }]);
    expect(others).toEqual([]);
  });
});
