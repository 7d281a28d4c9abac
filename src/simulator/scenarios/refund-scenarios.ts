import { assembleOther, assemblePurchase } from '../payloads/assemble.js';
import { oneTimePurchase } from '../payloads/context.js';
import { consentContent, customLinkToken, type OtherContent, SUBSCRIPTION } from '../payloads/events.js';
import type { Purchase } from '../payloads/purchase.js';
import { revoke, type Subscription } from '../payloads/subscription.js';
import { defineScenario, type ScenarioDefinition, type StepDefinition } from './scenario.js';
import {
  daysLater,
  defineSubscriptionScenario,
  type SubscriptionStep,
  subscribed,
  withinPeriod,
} from './subscription-steps.js';

const refundOf = (atMs: number): NonNullable<Purchase['revocation']> => ({
  atMs,
  reason: 0,
  type: 'REFUND_FULL',
  percentage: 100_000,
});

const refundAsked: SubscriptionStep = {
  event: 'CONSUMPTION_REQUEST',
  says: 'The customer asks for a refund; Apple wants to know what was used.',
  when: withinPeriod,
  happen: (before) => before,
};

const refunded: SubscriptionStep = {
  event: 'REFUND',
  says: 'Apple refunds the purchase: access ends, and so does automatic renewal.',
  when: withinPeriod,
  happen: (before, atMs) => revoke(before, refundOf(atMs)),
};

const refundReversed: SubscriptionStep = {
  event: 'REFUND_REVERSED',
  says: 'The refund is undone after a dispute: give access back. Automatic renewal stays off.',
  when: withinPeriod,
  happen: (before) => reinstate(before),
};

function reinstate(before: Subscription): Subscription {
  const { revocation: _undone, ...purchase } = before.purchase;
  return { ...before, purchase };
}

const refundDeclined: SubscriptionStep = {
  event: 'REFUND_DECLINED',
  says: 'Apple declines the refund: nothing changes.',
  when: withinPeriod,
  happen: (before) => before,
};

const shareEnded: SubscriptionStep = {
  event: 'REVOKE',
  says: 'Sharing ends, or the buyer was refunded: this member loses access.',
  when: withinPeriod,
  happen: (before, atMs) => revoke(before, { atMs, reason: 0, type: 'FAMILY_REVOKE' }),
};

const consumptionAsked: StepDefinition<Purchase> = {
  event: 'CONSUMPTION_REQUEST',
  says: 'The customer asks for a refund; Apple wants to know within 12 hours what was used.',
  when: daysLater(2),
  happen: (before) => before,
};

const consumableRefunded: StepDefinition<Purchase> = {
  event: 'REFUND',
  says: 'Apple refunds the purchase.',
  when: daysLater(1),
  happen: (before, atMs) => ({ ...before, revocation: refundOf(atMs) }),
};

/** Purchases taken back, and given back. */
export const REFUND_SCENARIOS: readonly ScenarioDefinition[] = [
  defineSubscriptionScenario({
    name: 'refund',
    title: 'A subscription is refunded',
    opening: subscribed(),
    chapters: [refundAsked, refunded],
  }),
  defineSubscriptionScenario({
    name: 'refund-reversed',
    title: 'A refund is undone after a dispute',
    opening: subscribed(),
    chapters: [refunded, refundReversed],
  }),
  defineSubscriptionScenario({
    name: 'refund-declined',
    title: 'A refund is asked for and declined',
    opening: subscribed(),
    chapters: [refundAsked, refundDeclined],
  }),
  defineScenario({
    name: 'consumption-request',
    title: 'Apple asks what was used, then refunds a consumable',
    productType: 'Consumable',
    assemble: assemblePurchase,
    opening: {
      event: 'ONE_TIME_CHARGE',
      says: 'A customer buys a consumable.',
      state: (scene, atMs) => oneTimePurchase(scene, 'Consumable', atMs),
    },
    chapters: [consumptionAsked, consumableRefunded],
  }),
  defineSubscriptionScenario({
    name: 'family-revoke',
    title: 'A family member gets a subscription and loses it',
    opening: {
      ...subscribed('A family member gets the subscription through Family Sharing.'),
      state: (scene, atMs) => {
        const shared = subscribed().state(scene, atMs);
        return { ...shared, purchase: { ...shared.purchase, ownership: 'FAMILY_SHARED' } };
      },
    },
    chapters: [shareEnded],
  }),
];

/** A later word about the same token. */
function aboutToken(event: string, says: string, count: number): StepDefinition<OtherContent> {
  return { event, says, when: daysLater(count), happen: (before) => before };
}

/** What is bought once, and what is no purchase at all. */
export const OTHER_SCENARIOS: readonly ScenarioDefinition[] = [
  defineScenario({
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
  defineScenario({
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
  defineSubscriptionScenario({
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
