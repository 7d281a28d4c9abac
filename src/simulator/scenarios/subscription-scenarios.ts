import { addPeriods, renew, resubscribe } from '../payloads/subscription.js';
import type { ScenarioDefinition } from './scenario.js';
import {
  autoRenewOff,
  billingFailed,
  billingFailedInGrace,
  daysLater,
  defineSubscriptionScenario,
  expiredVoluntarily,
  graceOver,
  renewed,
  retriesOver,
  type SubscriptionStep,
  subscribed,
  trialStarted,
} from './subscription-steps.js';

/** Scenarios of purchase, renewal and expiry without billing errors. */
export const LIFECYCLE_SCENARIOS: readonly ScenarioDefinition[] = [
  defineSubscriptionScenario({
    name: 'first-purchase',
    title: 'A first subscription',
    first: subscribed(),
    steps: [],
  }),
  defineSubscriptionScenario({
    name: 'trial-to-paid',
    title: 'A free trial becomes a paid subscription',
    first: trialStarted,
    steps: [renewed('The trial ends and the first period is paid.'), renewed()],
  }),
  defineSubscriptionScenario({
    name: 'trial-cancelled',
    title: 'A free trial is cancelled before the first payment',
    first: trialStarted,
    steps: [
      { ...autoRenewOff, says: 'The customer turns auto-renew off; the trial continues.' },
      { ...expiredVoluntarily, says: 'The trial ends without renewal.' },
    ],
  }),
  defineSubscriptionScenario({
    name: 'renewals',
    title: 'A subscription renews three times',
    first: subscribed(),
    steps: [renewed(), renewed(), renewed()],
  }),
  defineSubscriptionScenario({
    name: 'voluntary-expiry',
    title: 'A customer cancels and the subscription ends',
    first: subscribed(),
    steps: [renewed(), autoRenewOff, expiredVoluntarily],
  }),
  defineSubscriptionScenario({
    name: 'resubscribe',
    title: 'A customer leaves and comes back after 90 days',
    first: subscribed(),
    steps: [
      autoRenewOff,
      expiredVoluntarily,
      {
        event: 'SUBSCRIBED.RESUBSCRIBE',
        says: 'The customer subscribes again.',
        when: daysLater(90),
        apply: (before, atMs) => resubscribe(before, atMs),
      },
    ],
  }),
];

/** Payment after the period: the new period begins with the payment. */
const recovered: SubscriptionStep = {
  event: 'DID_RENEW.BILLING_RECOVERY',
  says: 'The charge succeeds three days later: a new period begins then.',
  when: daysLater(3),
  apply: (before, atMs) => renew(before, atMs),
};

/** Payment within the grace period: service was not interrupted, so the renewal date stays. Unconfirmed: purchaseDate may stay as well. */
const recoveredInGrace: SubscriptionStep = {
  event: 'DID_RENEW.BILLING_RECOVERY',
  says: 'The charge succeeds six days later, within the grace period: the renewal date stays.',
  when: daysLater(6),
  apply: (before, atMs) => renew(before, atMs, addPeriods(before.expiresMs, before.renewal.plan.period)),
};

/** Scenarios of failed renewal charges, with and without a grace period, recovered or lost. */
export const BILLING_SCENARIOS: readonly ScenarioDefinition[] = [
  defineSubscriptionScenario({
    name: 'billing-retry',
    title: 'A renewal fails and is paid three days later',
    first: subscribed(),
    steps: [billingFailed, recovered],
  }),
  defineSubscriptionScenario({
    name: 'billing-retry-grace',
    title: 'A renewal fails and is paid within the grace period',
    first: subscribed(),
    steps: [billingFailedInGrace, recoveredInGrace],
  }),
  defineSubscriptionScenario({
    name: 'billing-retry-lost',
    title: 'A renewal fails and is never paid',
    first: subscribed(),
    steps: [billingFailedInGrace, graceOver, retriesOver],
  }),
];
