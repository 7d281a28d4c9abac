import { resubscribe } from '../payloads/subscription.js';
import type { Story } from './story.js';
import {
  autoRenewOff,
  daysLater,
  expiredVoluntarily,
  renewed,
  subscribed,
  subscriptionStory,
  trialStarted,
} from './subscription-chapters.js';

/** How subscriptions begin, go on and end when everything goes as planned. */
export const LIFE_STORIES: readonly Story[] = [
  subscriptionStory({
    name: 'first-purchase',
    title: 'A first subscription',
    opening: subscribed(),
    chapters: [],
  }),
  subscriptionStory({
    name: 'trial-to-paid',
    title: 'A free trial becomes a paid subscription',
    opening: trialStarted,
    chapters: [renewed('The trial ends and the first period is paid.'), renewed()],
  }),
  subscriptionStory({
    name: 'trial-cancelled',
    title: 'A free trial is cancelled before it costs anything',
    opening: trialStarted,
    chapters: [
      { ...autoRenewOff, says: 'The customer turns automatic renewal off; the trial goes on.' },
      { ...expiredVoluntarily, says: 'The trial ends and nothing renews.' },
    ],
  }),
  subscriptionStory({
    name: 'renewals',
    title: 'A subscription renews three times',
    opening: subscribed(),
    chapters: [renewed(), renewed(), renewed()],
  }),
  subscriptionStory({
    name: 'voluntary-expiry',
    title: 'A customer cancels and the subscription ends',
    opening: subscribed(),
    chapters: [renewed(), autoRenewOff, expiredVoluntarily],
  }),
  subscriptionStory({
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
