import type { JsonObject } from '../../jws/json.js';
import { firstPurchase } from '../payloads/context.js';
import { addPeriods, expire, renew, type Subscription } from '../payloads/subscription.js';
import type { ScenarioDefinition } from './scenario.js';
import { atPeriodEnd, defineSubscriptionScenario, type SubscriptionStep, withinPeriod } from './subscription-steps.js';

/** Billing periods of a commitment. */
const PERIODS = 12;

/** Period in which the customer cancels. */
const CANCELLED_IN = 3;

/**
 * State of a commitment, in the fields of version 2.21. A cancellation ends the commitment after its last period: until then
 * autoRenewStatus stays on and every period is billed. Source: docs, "Managing the life cycle of monthly subscriptions with a
 * 12-month commitment".
 */
interface Commitment {
  /** Period that the state is in, from 1. */
  readonly period: number;
  readonly willRenew: boolean;
}

function withCommitment(state: Subscription, { period, willRenew }: Commitment): Subscription {
  const { plan, purchase, renewal } = state;
  const endMs = addPeriods(purchase.originalPurchaseMs, plan.period, PERIODS);
  const commitmentPrice = plan.price * PERIODS;
  const transaction: JsonObject = {
    billingPlanType: 'MONTHLY',
    commitmentInfo: {
      billingPeriodNumber: period,
      totalBillingPeriods: PERIODS,
      commitmentExpiresDate: endMs,
      commitmentPrice,
    },
  };
  const next: JsonObject = {
    commitmentAutoRenewProductId: renewal.plan.productId,
    commitmentAutoRenewStatus: willRenew ? 1 : 0,
    ...(willRenew
      ? {
          commitmentRenewalBillingPlanType: 'MONTHLY',
          commitmentRenewalDate: endMs,
          commitmentRenewalPrice: commitmentPrice,
        }
      : {}),
  };
  const billing: JsonObject = renewal.isOn ? { renewalBillingPlanType: 'MONTHLY' } : {};
  return {
    ...state,
    purchase: { ...purchase, extra: transaction },
    renewal: { ...renewal, extra: { ...billing, commitmentInfo: next } },
  };
}

const cancelled: SubscriptionStep = {
  event: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
  says: 'The customer cancels: the commitment will not renew, but its remaining periods are billed. Access continues.',
  when: withinPeriod,
  apply: (before) => withCommitment(before, { period: CANCELLED_IN, willRenew: false }),
};

/** Renewal into a period of the commitment. The times are counted from the start, so that a month's last day is kept. */
function billed(period: number): SubscriptionStep {
  return {
    event: 'DID_RENEW',
    says: `Period ${period} of ${PERIODS} is billed.`,
    when: atPeriodEnd,
    apply: (before, atMs) => {
      const endMs = addPeriods(before.purchase.originalPurchaseMs, before.plan.period, period);
      return withCommitment(renew(before, atMs, endMs), { period, willRenew: period <= CANCELLED_IN });
    },
  };
}

/** Nothing follows the last period, so renewal is off in every field. */
const ended: SubscriptionStep = {
  event: 'EXPIRED.VOLUNTARY',
  says: 'The commitment ends: access ends.',
  when: atPeriodEnd,
  apply: (before) => withCommitment(expire(before, 1), { period: PERIODS, willRenew: false }),
};

const periods = Array.from({ length: PERIODS - 1 }, (_period, index) => billed(index + 2));

/** A subscription billed monthly with a commitment to twelve periods, cancelled in the third. */
export const COMMITMENT_SCENARIO: ScenarioDefinition = defineSubscriptionScenario({
  name: 'monthly-commitment',
  title: 'A 12-month commitment, billed monthly, is cancelled and runs to its end',
  first: {
    event: 'SUBSCRIBED.INITIAL_BUY',
    says: `A customer commits to ${PERIODS} periods and pays the first.`,
    create: (context, atMs) => withCommitment(firstPurchase(context, atMs), { period: 1, willRenew: true }),
  },
  steps: [...periods.slice(0, CANCELLED_IN - 1), cancelled, ...periods.slice(CANCELLED_IN - 1), ended],
});
