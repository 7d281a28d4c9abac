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

/** How subscriptions begin, go on and end when everything goes as planned. */
export const LIFECYCLE_SCENARIOS: readonly ScenarioDefinition[] = [
  defineSubscriptionScenario({
    name: 'first-purchase',
    title: 'A first subscription',
    opening: subscribed(),
    chapters: [],
  }),
  defineSubscriptionScenario({
    name: 'trial-to-paid',
    title: 'A free trial becomes a paid subscription',
    opening: trialStarted,
    chapters: [renewed('The trial ends and the first period is paid.'), renewed()],
  }),
  defineSubscriptionScenario({
    name: 'trial-cancelled',
    title: 'A free trial is cancelled before it costs anything',
    opening: trialStarted,
    chapters: [
      { ...autoRenewOff, says: 'The customer turns automatic renewal off; the trial goes on.' },
      { ...expiredVoluntarily, says: 'The trial ends and nothing renews.' },
    ],
  }),
  defineSubscriptionScenario({
    name: 'renewals',
    title: 'A subscription renews three times',
    opening: subscribed(),
    chapters: [renewed(), renewed(), renewed()],
  }),
  defineSubscriptionScenario({
    name: 'voluntary-expiry',
    title: 'A customer cancels and the subscription ends',
    opening: subscribed(),
    chapters: [renewed(), autoRenewOff, expiredVoluntarily],
  }),
  defineSubscriptionScenario({
    name: 'resubscribe',
    title: 'A customer leaves and comes back after 90 days',
    opening: subscribed(),
    chapters: [
      autoRenewOff,
      expiredVoluntarily,
      {
        event: 'SUBSCRIBED.RESUBSCRIBE',
        says: 'The customer subscribes again.',
        when: daysLater(90),
        happen: (before, atMs) => resubscribe(before, atMs),
      },
    ],
  }),
];

/** Paid too late: the new period begins on the day of the payment. */
const recovered: SubscriptionStep = {
  event: 'DID_RENEW.BILLING_RECOVERY',
  says: 'The charge goes through three days later: a new period begins then.',
  when: daysLater(3),
  happen: (before, atMs) => renew(before, atMs),
};

/** Paid within grace: the days of service were never interrupted, so the date of renewal stays. Whether purchaseDate stays too is unconfirmed. */
const recoveredInGrace: SubscriptionStep = {
  event: 'DID_RENEW.BILLING_RECOVERY',
  says: 'The charge goes through six days later, within grace: the day of renewal stays what it was.',
  when: daysLater(6),
  happen: (before, atMs) => renew(before, atMs, addPeriods(before.expiresMs, before.renewal.plan.period)),
};

/** Renewals that cannot be charged, with and without grace, paid in the end or lost. */
export const BILLING_SCENARIOS: readonly ScenarioDefinition[] = [
  defineSubscriptionScenario({
    name: 'billing-retry',
    title: 'A renewal fails and is paid three days later',
    opening: subscribed(),
    chapters: [billingFailed, recovered],
  }),
  defineSubscriptionScenario({
    name: 'billing-retry-grace',
    title: 'A renewal fails and is paid within the grace period',
    opening: subscribed(),
    chapters: [billingFailedInGrace, recoveredInGrace],
  }),
  defineSubscriptionScenario({
    name: 'billing-retry-lost',
    title: 'A renewal fails, grace runs out, and nobody ever pays',
    opening: subscribed(),
    chapters: [billingFailedInGrace, graceOver, retriesOver],
  }),
];
