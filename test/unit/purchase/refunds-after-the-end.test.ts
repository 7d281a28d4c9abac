import { describe } from 'vitest';
import { ms, type Told } from '../../support/purchase-story.js';
import {
  EXPIRED_RETRY,
  GRACE,
  IN_GRACE,
  IN_RETRY,
  JAN,
  RETRY,
  type SubscriptionLife,
  testLives,
} from '../../support/subscription-lives.js';

const OFF = { autoRenewStatus: 0, expirationIntent: 1, renewalDate: ms('2026-02-01') };

const EXPIRED: Told = { ...JAN, at: '2026-02-01', type: 'EXPIRED.VOLUNTARY', renewal: OFF, status: 2 };

const REFUND: Told = {
  at: '2026-02-10',
  type: 'REFUND',
  from: '2026-01-01',
  to: '2026-02-01',
  transaction: { revocationDate: ms('2026-02-09'), revocationType: 'REFUND_FULL' },
};

const UNTIL_EXPIRY = ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … expired monthly [1,2]'];

const LIVES: readonly SubscriptionLife[] = [
  {
    name: 'after the expiry: it stays expired, by the same transaction',
    events: [JAN, EXPIRED, { ...REFUND, renewal: OFF, status: 2 }],
    asOf: '2026-02-25',
    state: 'expired',
    periods: UNTIL_EXPIRY,
    after: ['active', 'expired', 'expired'],
  },
  {
    name: 'after the expiry, with no status',
    events: [JAN, EXPIRED, { ...REFUND, renewal: OFF }],
    asOf: '2026-02-25',
    state: 'expired',
    periods: UNTIL_EXPIRY,
    after: ['active', 'expired', 'expired'],
  },
  {
    name: 'in grace: the renewal is still retried',
    events: [JAN, GRACE, { ...REFUND, renewal: IN_GRACE, status: 4 }],
    asOf: '2026-02-15',
    state: 'in-grace-period',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 2026-02-17 in-grace-period monthly [1,2]'],
    after: ['active', 'in-grace-period', 'in-grace-period'],
  },
  {
    name: 'in billing retry: the renewal is still retried',
    events: [JAN, RETRY, { ...REFUND, renewal: IN_RETRY, status: 3 }],
    asOf: '2026-02-15',
    state: 'in-billing-retry',
    periods: ['2026-01-01 2026-02-01 active monthly [0]', '2026-02-01 … in-billing-retry monthly [1,2]'],
    after: ['active', 'in-billing-retry', 'in-billing-retry'],
  },
  {
    name: 'in billing retry, then the expiry of the refunded transaction: retried until then',
    events: [
      JAN,
      RETRY,
      { ...REFUND, renewal: IN_RETRY, status: 3 },
      { ...EXPIRED_RETRY, transaction: REFUND.transaction ?? {} },
    ],
    asOf: '2026-04-25',
    state: 'expired',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-04-02 in-billing-retry monthly [1,2]',
      '2026-04-02 … expired monthly [3]',
    ],
    after: ['active', 'in-billing-retry', 'in-billing-retry', 'expired'],
  },
  {
    name: 'after the expiry, of a subscription that was bought again without a notification',
    events: [JAN, EXPIRED, { ...REFUND, renewal: { autoRenewStatus: 1, renewalDate: ms('2026-03-05') }, status: 1 }],
    asOf: '2026-02-25',
    state: 'active',
    periods: [
      '2026-01-01 2026-02-01 active monthly [0]',
      '2026-02-01 2026-02-10 expired monthly [1]',
      '2026-02-10 2026-03-05 active monthly [2]',
    ],
    after: ['active', 'expired', 'active'],
    findings: ['missing-notification [2]'],
  },
];

describe('the refund of the last period after its end', () => testLives(LIVES));
