import { expect, it } from 'vitest';
import { foldPurchases } from '../../src/purchase/fold-purchases.js';
import { ms, outline, type Told, told } from './purchase-story.js';

/** Events of one subscription, in order, and what they fold into at `asOf`. */
export interface SubscriptionLife {
  readonly name: string;
  readonly events: readonly Told[];
  readonly asOf: string;
  readonly state: string;
  readonly periods: readonly string[];
  readonly after: readonly string[];
  readonly findings?: readonly string[];
}

export const JAN: Told = {
  at: '2026-01-01',
  type: 'SUBSCRIBED.INITIAL_BUY',
  from: '2026-01-01',
  to: '2026-02-01',
  status: 1,
};
export const FEB: Told = {
  at: '2026-02-01',
  type: 'DID_RENEW',
  id: '2',
  from: '2026-02-01',
  to: '2026-03-01',
  status: 1,
};
export const MAR: Told = {
  at: '2026-03-01',
  type: 'DID_RENEW',
  id: '3',
  from: '2026-03-01',
  to: '2026-04-01',
  status: 1,
};
export const IN_GRACE = { autoRenewStatus: 1, isInBillingRetryPeriod: true, gracePeriodExpiresDate: ms('2026-02-17') };
export const IN_RETRY = { autoRenewStatus: 1, isInBillingRetryPeriod: true };
export const GRACE: Told = {
  ...JAN,
  at: '2026-02-01',
  type: 'DID_FAIL_TO_RENEW.GRACE_PERIOD',
  renewal: IN_GRACE,
  status: 4,
};
export const RETRY: Told = { ...JAN, at: '2026-02-01', type: 'DID_FAIL_TO_RENEW', renewal: IN_RETRY, status: 3 };
export const GRACE_OVER: Told = {
  ...JAN,
  at: '2026-02-17',
  type: 'GRACE_PERIOD_EXPIRED',
  renewal: IN_GRACE,
  status: 3,
};
export const RECOVERY: Told = {
  ...FEB,
  at: '2026-02-20',
  type: 'DID_RENEW.BILLING_RECOVERY',
  from: '2026-02-20',
  to: '2026-03-20',
};
export const EXPIRED_RETRY: Told = {
  ...JAN,
  at: '2026-04-02',
  type: 'EXPIRED.BILLING_RETRY',
  renewal: { autoRenewStatus: 0, expirationIntent: 2, isInBillingRetryPeriod: false },
  status: 2,
};
export const REFUND: Told = {
  ...JAN,
  at: '2026-01-10',
  type: 'REFUND',
  transaction: { revocationDate: ms('2026-01-09'), revocationType: 'REFUND_FULL' },
  renewal: { autoRenewStatus: 0 },
  status: 5,
};

/** One test for each life. */
export function testLives(lives: readonly SubscriptionLife[]): void {
  it.each(lives)('$name', ({ events, asOf, state, periods, after, findings = [] }) => {
    const { purchases, others } = foldPurchases(events.map(told), { asOfMs: ms(asOf) });
    expect(purchases.map(outline)).toEqual([{ state, periods, after, findings }]);
    expect(others).toEqual([]);
  });
}
