import { assembleOther, assemblePurchase } from '../payloads/assemble.js';
import { SUBSCRIPTION } from '../payloads/events.js';
import { consentContent, customLinkToken, type OtherContent } from '../payloads/other-events.js';
import { oneTimePurchase } from '../payloads/scene.js';
import { type Chapter, type Story, storyOf } from './story.js';
import { daysLater, subscribed, subscriptionStory } from './subscription-chapters.js';

/** A later word about the same token. */
function aboutToken(event: string, says: string, count: number): Chapter<OtherContent> {
  return { event, says, when: daysLater(count), happen: (before) => before };
}

/** What is bought once, and what is no purchase at all. */
export const OTHER_STORIES: readonly Story[] = [
  storyOf({
    name: 'one-time-charge',
    title: 'A consumable is bought',
    productType: 'Consumable',
    assemble: assemblePurchase,
    opening: {
      event: 'ONE_TIME_CHARGE',
      says: 'A customer buys a consumable.',
      state: (scene, atMs) => oneTimePurchase(scene, 'Consumable', atMs),
    },
    chapters: [],
  }),
  // That a custom-link token is told of as UNREPORTED as well, with the same fields, is unconfirmed.
  storyOf({
    name: 'external-purchase-token',
    title: 'A token for purchases outside the App Store is made and not reported',
    productType: SUBSCRIPTION,
    assemble: assembleOther,
    opening: {
      event: 'EXTERNAL_PURCHASE_TOKEN.CREATED',
      says: 'A customer follows your link out of the app: a token is made.',
      state: customLinkToken,
    },
    chapters: [
      aboutToken('EXTERNAL_PURCHASE_TOKEN.UNREPORTED', 'You have not reported the token to Apple.', 10),
      aboutToken('EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER', 'The token is still active: keep reporting.', 20),
    ],
  }),
  subscriptionStory({
    name: 'rescind-consent',
    title: "A parent takes back the consent to a child's use of the app",
    opening: subscribed('A child, with the consent of a parent, subscribes.'),
    chapters: [
      {
        event: 'RESCIND_CONSENT',
        says: 'The parent withdraws consent for the app: appTransactionId tells whose.',
        when: daysLater(3),
        happen: (before) => before,
        assemble: (event, scene) => assembleOther(event, scene, consentContent(scene)),
      },
    ],
  }),
];
