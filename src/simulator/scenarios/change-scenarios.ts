import { WINTER_OFFER } from '../payloads/purchase.js';
import { days, expire, extend, increasedPrice, planRenewal, upgrade } from '../payloads/subscription.js';
import type { ScenarioDefinition } from './scenario.js';
import {
  atPeriodEnd,
  defineSubscriptionScenario,
  renewed,
  type SubscriptionStep,
  subscribed,
  withinPeriod,
} from './subscription-steps.js';

const upgraded: SubscriptionStep = {
  event: 'DID_CHANGE_RENEWAL_PREF.UPGRADE',
  says: 'The customer upgrades: the higher plan starts immediately.',
  when: withinPeriod,
  apply: (before, atMs, context) => upgrade(before, context.plan, atMs),
};

const downgraded: SubscriptionStep = {
  event: 'DID_CHANGE_RENEWAL_PREF.DOWNGRADE',
  says: 'The customer downgrades: the lower plan starts with the next renewal.',
  when: withinPeriod,
  apply: (before, _atMs, context) => planRenewal(before, { plan: context.lowerPlan }),
};

const lowerSubscribed = subscribed('A customer subscribes to the lower plan.', (context) => context.lowerPlan);

const lowerRenewed = renewed('The next period is paid at the price of the lower plan.');

const priceIncreasePending: SubscriptionStep = {
  event: 'PRICE_INCREASE.PENDING',
  says: 'Apple asks the customer to consent to a higher price.',
  when: withinPeriod,
  apply: (before) => planRenewal(before, { priceIncrease: { status: 0, price: increasedPrice(before.plan.price) } }),
};

/** The accepted price applies from the next renewal on. */
const priceIncreaseAccepted: SubscriptionStep = {
  event: 'PRICE_INCREASE.ACCEPTED',
  says: 'The customer consents to the higher price.',
  when: withinPeriod,
  apply: (before) => {
    const price = increasedPrice(before.plan.price);
    return planRenewal(before, {
      plan: { ...before.renewal.plan, price },
      priceIncrease: { status: 1, price },
    });
  },
};

const codeRedeemed: SubscriptionStep = {
  event: 'OFFER_REDEEMED',
  says: 'The subscriber redeems an offer code for the next period.',
  when: withinPeriod,
  apply: (before) => planRenewal(before, { offer: WINTER_OFFER }),
};

const extended: SubscriptionStep = {
  event: 'RENEWAL_EXTENDED',
  says: 'You extend the renewal date by 14 days.',
  when: withinPeriod,
  apply: (before) => extend(before, before.expiresMs + days(14)),
};

/** Scenarios of changing plans, prices and offers. */
export const CHANGE_SCENARIOS: readonly ScenarioDefinition[] = [
  defineSubscriptionScenario({
    name: 'upgrade',
    title: 'A customer upgrades to a higher plan',
    first: lowerSubscribed,
    steps: [upgraded, renewed()],
  }),
  defineSubscriptionScenario({
    name: 'downgrade',
    title: 'A customer downgrades to a lower plan',
    first: subscribed(),
    steps: [downgraded, lowerRenewed],
  }),
  defineSubscriptionScenario({
    name: 'upgrade-downgrade',
    title: 'A customer upgrades, then downgrades',
    first: lowerSubscribed,
    steps: [upgraded, downgraded, lowerRenewed],
  }),
  defineSubscriptionScenario({
    name: 'price-increase',
    title: 'The price increases and the customer consents',
    first: subscribed(),
    steps: [priceIncreasePending, priceIncreaseAccepted, renewed('The first period at the higher price is paid.')],
  }),
  defineSubscriptionScenario({
    name: 'price-increase-refused',
    title: 'The price increases and the customer does not consent',
    first: subscribed(),
    steps: [
      priceIncreasePending,
      {
        event: 'EXPIRED.PRICE_INCREASE',
        says: 'The period ends without consent: the subscription expires.',
        when: atPeriodEnd,
        apply: (before) => expire(before, 3),
      },
    ],
  }),
  defineSubscriptionScenario({
    name: 'offer-code',
    title: 'A subscriber redeems an offer code',
    first: subscribed(),
    steps: [codeRedeemed, renewed('The next period is paid at the price of the offer.')],
  }),
  defineSubscriptionScenario({
    name: 'renewal-extended',
    title: 'You extend a subscription by 14 days',
    first: subscribed(),
    steps: [extended, renewed()],
  }),
];
