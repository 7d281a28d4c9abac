import { assembleSubscription } from '../payloads/assemble.js';
import { type EventContext, firstPurchase } from '../payloads/context.js';
import { SUBSCRIPTION } from '../payloads/events.js';
import type { Offer } from '../payloads/purchase.js';
import {
  addPeriods,
  BILLING_RETRY_MS,
  days,
  expire,
  failBilling,
  GRACE_MS,
  planRenewal,
  renew,
  type Subscription,
  subscribe,
} from '../payloads/subscription.js';
import {
  defineScenario,
  type FirstStepDefinition,
  type ScenarioDefinition,
  type ScenarioOutline,
  type StepDefinition,
} from './scenario.js';

export type SubscriptionStep = StepDefinition<Subscription>;

type StepTime = SubscriptionStep['when'];

/** Defines a scenario of one auto-renewable subscription. */
export function defineSubscriptionScenario(
  outline: Pick<ScenarioOutline<Subscription>, 'name' | 'title' | 'first' | 'steps'>,
): ScenarioDefinition {
  return defineScenario({ ...outline, productType: SUBSCRIPTION, assemble: assembleSubscription });
}

export const atPeriodEnd: StepTime = (before) => before.expiresMs;

const atRetryEnd: StepTime = (before) => before.expiresMs + BILLING_RETRY_MS;

/** A third into the rest of the period: before its end, even for a short period. */
export const withinPeriod: StepTime = (before, previousMs) =>
  previousMs + Math.floor((before.expiresMs - previousMs) / 3_000) * 1_000;

export function daysLater(count: number): (before: unknown, previousMs: number) => number {
  return (_before, previousMs) => previousMs + days(count);
}

/** First purchase in the group. `planOf` selects the plan. */
export function subscribed(
  says = 'A customer subscribes.',
  planOf: (context: EventContext) => EventContext['plan'] = (context) => context.plan,
): FirstStepDefinition<Subscription> {
  return {
    event: 'SUBSCRIBED.INITIAL_BUY',
    says,
    create: (context, atMs) => firstPurchase(context, atMs, planOf(context)),
  };
}

const TRIAL: Offer = { type: 1, discountType: 'FREE_TRIAL', period: 'P1W', price: 0 };

/** First purchase, with a free trial of one week. */
export const trialStarted: FirstStepDefinition<Subscription> = {
  event: 'SUBSCRIBED.INITIAL_BUY',
  says: 'A customer subscribes; the first week is free.',
  create: (context, atMs) => {
    const trial = subscribe(context, context.plan, atMs, addPeriods(atMs, TRIAL.period));
    return { ...trial, purchase: { ...trial.purchase, offer: TRIAL } };
  },
};

export function renewed(says = 'The next period is paid.'): SubscriptionStep {
  return { event: 'DID_RENEW', says, when: atPeriodEnd, apply: (before, atMs) => renew(before, atMs) };
}

export const autoRenewOff: SubscriptionStep = {
  event: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
  says: 'The customer turns auto-renew off; the paid period continues.',
  when: withinPeriod,
  apply: (before) => planRenewal(before, { isOn: false }),
};

export const expiredVoluntarily: SubscriptionStep = {
  event: 'EXPIRED.VOLUNTARY',
  says: 'The period ends without renewal.',
  when: atPeriodEnd,
  apply: (before) => expire(before, 1),
};

export const billingFailed: SubscriptionStep = {
  event: 'DID_FAIL_TO_RENEW',
  says: 'The renewal charge fails without a grace period: access may stop, Apple keeps retrying.',
  when: atPeriodEnd,
  apply: (before) => failBilling(before),
};

export const billingFailedInGrace: SubscriptionStep = {
  event: 'DID_FAIL_TO_RENEW.GRACE_PERIOD',
  says: 'The renewal charge fails. Access continues for a grace period of 16 days.',
  when: atPeriodEnd,
  apply: (before) => failBilling(before, before.expiresMs + GRACE_MS),
};

export const graceOver: SubscriptionStep = {
  event: 'GRACE_PERIOD_EXPIRED',
  says: 'The grace period ends unpaid: access may stop, Apple keeps retrying.',
  when: (before) => before.renewal.graceUntilMs ?? before.expiresMs,
  apply: (before) => before,
};

export const retriesOver: SubscriptionStep = {
  event: 'EXPIRED.BILLING_RETRY',
  says: 'Apple stops retrying after 60 days: the subscription expires.',
  when: atRetryEnd,
  apply: (before) => expire(before, 2),
};
