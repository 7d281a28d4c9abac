import { addPeriods } from '../payloads/period.js';
import { renew } from '../payloads/subscription.js';
import type { Story } from './story.js';
import {
  billingFailed,
  billingFailedInGrace,
  daysLater,
  graceOver,
  retriesOver,
  type SubscriptionChapter,
  subscribed,
  subscriptionStory,
} from './subscription-chapters.js';

/** Paid too late: the new period begins on the day of the payment. */
const recovered: SubscriptionChapter = {
  event: 'DID_RENEW.BILLING_RECOVERY',
  says: 'The charge goes through three days later: a new period begins then.',
  when: daysLater(3),
  happen: (before, atMs) => renew(before, atMs),
};

/** Paid within grace: the days of service were never interrupted, so the date of renewal stays. Whether purchaseDate stays too is unconfirmed. */
const recoveredInGrace: SubscriptionChapter = {
  event: 'DID_RENEW.BILLING_RECOVERY',
  says: 'The charge goes through six days later, within grace: the day of renewal stays what it was.',
  when: daysLater(6),
  happen: (before, atMs) => renew(before, atMs, addPeriods(before.expiresMs, before.renewal.plan.period)),
};

/** Renewals that cannot be charged, with and without grace, paid in the end or lost. */
export const BILLING_STORIES: readonly Story[] = [
  subscriptionStory({
    name: 'billing-retry',
    title: 'A renewal fails and is paid three days later',
    opening: subscribed(),
    chapters: [billingFailed, recovered],
  }),
  subscriptionStory({
    name: 'billing-retry-grace',
    title: 'A renewal fails and is paid within the grace period',
    opening: subscribed(),
    chapters: [billingFailedInGrace, recoveredInGrace],
  }),
  subscriptionStory({
    name: 'billing-retry-lost',
    title: 'A renewal fails, grace runs out, and nobody ever pays',
    opening: subscribed(),
    chapters: [billingFailedInGrace, graceOver, retriesOver],
  }),
];
