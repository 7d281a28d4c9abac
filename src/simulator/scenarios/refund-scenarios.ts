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

const consumptionRequested: SubscriptionStep = {
  event: 'CONSUMPTION_REQUEST',
  says: 'The customer requests a refund; Apple requests consumption data.',
  when: withinPeriod,
  apply: (before) => before,
};

const refunded: SubscriptionStep = {
  event: 'REFUND',
  says: 'Apple refunds the purchase: revoke access. Auto-renew is off.',
  when: withinPeriod,
  apply: (before, atMs) => revoke(before, refundOf(atMs)),
};

const refundReversed: SubscriptionStep = {
  event: 'REFUND_REVERSED',
  says: 'Apple reverses the refund after a dispute: restore access. Auto-renew stays off.',
  when: withinPeriod,
  apply: (before) => reinstate(before),
};

function reinstate(before: Subscription): Subscription {
  const { revocation: _revocation, ...purchase } = before.purchase;
  return { ...before, purchase };
}

const refundDeclined: SubscriptionStep = {
  event: 'REFUND_DECLINED',
  says: 'Apple declines the refund: no change.',
  when: withinPeriod,
  apply: (before) => before,
};

const sharingEnded: SubscriptionStep = {
  event: 'REVOKE',
  says: 'Family Sharing ends, or the purchase was refunded: revoke access.',
  when: withinPeriod,
  apply: (before, atMs) => revoke(before, { atMs, reason: 0, type: 'FAMILY_REVOKE' }),
};

const consumableConsumptionRequested: StepDefinition<Purchase> = {
  event: 'CONSUMPTION_REQUEST',
  says: 'The customer requests a refund; Apple requests consumption data within 12 hours.',
  when: daysLater(2),
  apply: (before) => before,
};

const consumableRefunded: StepDefinition<Purchase> = {
  event: 'REFUND',
  says: 'Apple refunds the purchase.',
  when: daysLater(1),
  apply: (before, atMs) => ({ ...before, revocation: refundOf(atMs) }),
};

/** Scenarios of refunds and revocations. */
export const REFUND_SCENARIOS: readonly ScenarioDefinition[] = [
  defineSubscriptionScenario({
    name: 'refund',
    title: 'A subscription is refunded',
    first: subscribed(),
    steps: [consumptionRequested, refunded],
  }),
  defineSubscriptionScenario({
    name: 'refund-reversed',
    title: 'A refund is reversed after a dispute',
    first: subscribed(),
    steps: [refunded, refundReversed],
  }),
  defineSubscriptionScenario({
    name: 'refund-declined',
    title: 'A refund is requested and declined',
    first: subscribed(),
    steps: [consumptionRequested, refundDeclined],
  }),
  defineScenario({
    name: 'consumption-request',
    title: 'Apple requests consumption data, then refunds a consumable',
    productType: 'Consumable',
    assemble: assemblePurchase,
    first: {
      event: 'ONE_TIME_CHARGE',
      says: 'A customer buys a consumable.',
      create: (context, atMs) => oneTimePurchase(context, 'Consumable', atMs),
    },
    steps: [consumableConsumptionRequested, consumableRefunded],
  }),
  defineSubscriptionScenario({
    name: 'family-revoke',
    title: 'A family member gets a subscription and loses it',
    first: {
      ...subscribed('A family member gets the subscription through Family Sharing.'),
      create: (context, atMs) => {
        const shared = subscribed().create(context, atMs);
        return { ...shared, purchase: { ...shared.purchase, ownership: 'FAMILY_SHARED' } };
      },
    },
    steps: [sharingEnded],
  }),
];

/** A later notification about the same token. */
function tokenReminder(event: string, says: string, count: number): StepDefinition<OtherContent> {
  return { event, says, when: daysLater(count), apply: (before) => before };
}

/** Scenarios of one-time purchases, and of events without a purchase. */
export const OTHER_SCENARIOS: readonly ScenarioDefinition[] = [
  defineScenario({
    name: 'one-time-charge',
    title: 'A consumable is bought',
    productType: 'Consumable',
    assemble: assemblePurchase,
    first: {
      event: 'ONE_TIME_CHARGE',
      says: 'A customer buys a consumable.',
      create: (context, atMs) => oneTimePurchase(context, 'Consumable', atMs),
    },
    steps: [],
  }),
  // Unconfirmed: Apple sends UNREPORTED for a custom-link token too, with the same fields.
  defineScenario({
    name: 'external-purchase-token',
    title: 'An external purchase token is created and not reported',
    productType: SUBSCRIPTION,
    assemble: assembleOther,
    first: {
      event: 'EXTERNAL_PURCHASE_TOKEN.CREATED',
      says: 'A customer follows your link out of the app: Apple creates a token.',
      create: customLinkToken,
    },
    steps: [
      tokenReminder('EXTERNAL_PURCHASE_TOKEN.UNREPORTED', 'You have not reported the token to Apple.', 10),
      tokenReminder('EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER', 'The token is still active: keep reporting.', 20),
    ],
  }),
  defineSubscriptionScenario({
    name: 'rescind-consent',
    title: "A parent withdraws consent to a child's use of the app",
    first: subscribed('A child, with the consent of a parent, subscribes.'),
    steps: [
      {
        event: 'RESCIND_CONSENT',
        says: 'The parent withdraws consent: appTransactionId identifies the child.',
        when: daysLater(3),
        apply: (before) => before,
        assemble: (event, context) => assembleOther(event, context, consentContent(context)),
      },
    ],
  }),
];
