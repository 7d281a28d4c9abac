import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/simulator/random.js';
import { buildScenario } from '../../../../src/simulator/scenarios/scenarios.js';

const NOW_MS = Date.parse('2026-11-02T09:00:00.417Z');
const steps = buildScenario('monthly-commitment', { nowMs: NOW_MS, random: seededRandom('commitment') });
const transactions = steps.map(({ built }) => built.transaction ?? {});
const renewals = steps.map(({ built }) => built.renewalInfo ?? {});

describe('monthly-commitment', () => {
  it('bills twelve periods, the cancellation in the third included, and then expires', () => {
    expect(steps.map(({ type, subtype }) => (subtype === null ? type : `${type}.${subtype}`))).toEqual([
      'SUBSCRIBED.INITIAL_BUY',
      'DID_RENEW',
      'DID_RENEW',
      'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
      ...Array.from({ length: 9 }, () => 'DID_RENEW'),
      'EXPIRED.VOLUNTARY',
    ]);
    const numbers = transactions.map(({ commitmentInfo }) => Object(commitmentInfo).billingPeriodNumber);
    expect(numbers).toEqual([1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12]);
  });

  it('ends when its last period ends', () => {
    const end = transactions.at(-1)?.expiresDate;
    expect(new Set(transactions.map(({ commitmentInfo }) => Object(commitmentInfo).commitmentExpiresDate))).toEqual(
      new Set([end]),
    );
    for (const transaction of transactions)
      expect(transaction).toMatchObject({ billingPlanType: 'MONTHLY', price: 9990 });
  });

  it('keeps autoRenewStatus on after the cancellation, until the end: only the commitment will not renew', () => {
    expect(renewals.map(({ autoRenewStatus }) => autoRenewStatus)).toEqual([...Array.from({ length: 13 }, () => 1), 0]);
    expect(renewals.map(({ commitmentInfo }) => Object(commitmentInfo).commitmentAutoRenewStatus)).toEqual([
      ...[1, 1, 1],
      ...Array.from({ length: 11 }, () => 0),
    ]);
    expect(renewals[0]).toMatchObject({
      renewalBillingPlanType: 'MONTHLY',
      commitmentInfo: { commitmentRenewalPrice: 119_880, commitmentRenewalBillingPlanType: 'MONTHLY' },
    });
  });
});
