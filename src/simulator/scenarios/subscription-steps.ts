import { assembleSubscription } from '../payloads/assemble.js';
import { type EventContext, firstPurchase } from '../payloads/context.js';
import { SUBSCRIPTION } from '../payloads/events.js';
import type { Offer } from '../payloads/purchase.js';
import {
  addPeriods,
  days,
  expire,
  failBilling,
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

type Moment = SubscriptionStep['when'];

/** App Store Connect offers 3, 16 and 28 days of grace; billing is retried for up to 60 days. */
const GRACE_MS = days(16);

const BILLING_RETRY_MS = days(60);

/** A story about one auto-renewable subscription. */
export function defineSubscriptionScenario(
  plot: Pick<ScenarioOutline<Subscription>, 'name' | 'title' | 'opening' | 'chapters'>,
): ScenarioDefinition {
  return defineScenario({ ...plot, productType: SUBSCRIPTION, assemble: assembleSubscription });
}

export const atPeriodEnd: Moment = (before) => before.expiresMs;

const atRetryEnd: Moment = (before) => before.expiresMs + BILLING_RETRY_MS;

/** A third of what is left of the period: always before its end, however short it is. */
export const withinPeriod: Moment = (before, lastMs) =>
  lastMs + Math.floor((before.expiresMs - lastMs) / 3_000) * 1_000;

export function daysLater(count: number): (before: unknown, lastMs: number) => number {
  return (_before, lastMs) => lastMs + days(count);
}

/** The first purchase in the group: of the plan, or of the lower one. */
export function subscribed(
  says = 'A customer subscribes.',
  planOf: (scene: EventContext) => EventContext['plan'] = (scene) => scene.plan,
): FirstStepDefinition<Subscription> {
  return {
    event: 'SUBSCRIBED.INITIAL_BUY',
    says,
    state: (scene, atMs) => firstPurchase(scene, atMs, planOf(scene)),
  };
}

const TRIAL: Offer = { type: 1, discountType: 'FREE_TRIAL', period: 'P1W', price: 0 };

/** The first purchase, a week of which is free. */
export const trialStarted: FirstStepDefinition<Subscription> = {
  event: 'SUBSCRIBED.INITIAL_BUY',
  says: 'A customer subscribes; the first week is free.',
  state: (scene, atMs) => {
    const trial = subscribe(scene, scene.plan, atMs, addPeriods(atMs, TRIAL.period));
    return { ...trial, purchase: { ...trial.purchase, offer: TRIAL } };
  },
};

export function renewed(says = 'The next period is paid.'): SubscriptionStep {
  return { event: 'DID_RENEW', says, when: atPeriodEnd, happen: (before, atMs) => renew(before, atMs) };
}

export const autoRenewOff: SubscriptionStep = {
  event: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
  says: 'The customer turns automatic renewal off; the paid period goes on.',
  when: withinPeriod,
  happen: (before) => planRenewal(before, { isOn: false }),
};

export const expiredVoluntarily: SubscriptionStep = {
  event: 'EXPIRED.VOLUNTARY',
  says: 'The period ends and nothing renews.',
  when: atPeriodEnd,
  happen: (before) => expire(before, 1),
};

export const billingFailed: SubscriptionStep = {
  event: 'DID_FAIL_TO_RENEW',
  says: 'The renewal cannot be charged. There is no grace period: access may stop, Apple goes on trying.',
  when: atPeriodEnd,
  happen: (before) => failBilling(before),
};

export const billingFailedInGrace: SubscriptionStep = {
  event: 'DID_FAIL_TO_RENEW.GRACE_PERIOD',
  says: 'The renewal cannot be charged. Access goes on through 16 days of grace.',
  when: atPeriodEnd,
  happen: (before) => failBilling(before, before.expiresMs + GRACE_MS),
};

export const graceOver: SubscriptionStep = {
  event: 'GRACE_PERIOD_EXPIRED',
  says: 'The grace period ends unpaid: access may stop, Apple goes on trying.',
  when: (before) => before.renewal.graceUntilMs ?? before.expiresMs,
  happen: (before) => before,
};

export const retriesOver: SubscriptionStep = {
  event: 'EXPIRED.BILLING_RETRY',
  says: 'After 60 days Apple stops trying: the subscription is over.',
  when: atRetryEnd,
  happen: (before) => expire(before, 2),
};
