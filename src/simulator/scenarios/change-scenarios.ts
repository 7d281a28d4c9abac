import type { Offer } from '../payloads/purchase.js';
import { days, expire, extend, planRenewal, type Subscription, upgrade } from '../payloads/subscription.js';
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
  says: 'The customer moves up: the higher plan begins at once.',
  when: withinPeriod,
  happen: (before, atMs, scene) => upgrade(before, scene.plan, atMs),
};

const downgraded: SubscriptionStep = {
  event: 'DID_CHANGE_RENEWAL_PREF.DOWNGRADE',
  says: 'The customer moves down: the lower plan begins with the next renewal.',
  when: withinPeriod,
  happen: (before, _atMs, scene) => planRenewal(before, { plan: scene.lowerPlan }),
};

const lowerBought = subscribed('A customer subscribes to the lower plan.', (scene) => scene.lowerPlan);

const lowerRenewed = renewed('The lower plan is paid from now on.');

/** A rise by a fifth, on a price people would see: tenths of the currency. */
const risenPrice = ({ plan }: Subscription): number => Math.round((plan.price * 1.2) / 100) * 100;

const priceAsked: SubscriptionStep = {
  event: 'PRICE_INCREASE.PENDING',
  says: 'The customer is told of a higher price, and has to agree.',
  when: withinPeriod,
  happen: (before) => planRenewal(before, { priceIncrease: { status: 0, price: risenPrice(before) } }),
};

/** What was agreed to is the price of the plan from the next renewal on. */
const priceAccepted: SubscriptionStep = {
  event: 'PRICE_INCREASE.ACCEPTED',
  says: 'The customer agrees to the higher price.',
  when: withinPeriod,
  happen: (before) => {
    const price = risenPrice(before);
    return planRenewal(before, {
      plan: { ...before.renewal.plan, price },
      priceIncrease: { status: 1, price },
    });
  },
};

const CODE: Offer = {
  type: 3,
  identifier: 'WINTER',
  discountType: 'PAY_AS_YOU_GO',
  period: 'P1M',
  price: 4990,
};

const codeRedeemed: SubscriptionStep = {
  event: 'OFFER_REDEEMED',
  says: 'The subscriber redeems an offer code for the next period.',
  when: withinPeriod,
  happen: (before) => planRenewal(before, { offer: CODE }),
};

const extended: SubscriptionStep = {
  event: 'RENEWAL_EXTENDED',
  says: 'You extend the renewal date by 14 days.',
  when: withinPeriod,
  happen: (before) => extend(before, before.expiresMs + days(14)),
};

/** Plans, prices and offers that change on the way. */
export const CHANGE_SCENARIOS: readonly ScenarioDefinition[] = [
  defineSubscriptionScenario({
    name: 'upgrade',
    title: 'A customer moves to a higher plan',
    opening: lowerBought,
    chapters: [upgraded, renewed()],
  }),
  defineSubscriptionScenario({
    name: 'downgrade',
    title: 'A customer moves to a lower plan',
    opening: subscribed(),
    chapters: [downgraded, lowerRenewed],
  }),
  defineSubscriptionScenario({
    name: 'upgrade-downgrade',
    title: 'A customer moves up, and down again',
    opening: lowerBought,
    chapters: [upgraded, downgraded, lowerRenewed],
  }),
  defineSubscriptionScenario({
    name: 'price-increase',
    title: 'The price rises and the customer agrees',
    opening: subscribed(),
    chapters: [priceAsked, priceAccepted, renewed('The first period at the higher price is paid.')],
  }),
  defineSubscriptionScenario({
    name: 'price-increase-refused',
    title: 'The price rises and the customer does not agree',
    opening: subscribed(),
    chapters: [
      priceAsked,
      {
        event: 'EXPIRED.PRICE_INCREASE',
        says: 'The period ends without an answer: the subscription is over.',
        when: atPeriodEnd,
        happen: (before) => expire(before, 3),
      },
    ],
  }),
  defineSubscriptionScenario({
    name: 'offer-code',
    title: 'A subscriber redeems an offer code',
    opening: subscribed(),
    chapters: [codeRedeemed, renewed('The next period is paid at the price of the offer.')],
  }),
  defineSubscriptionScenario({
    name: 'renewal-extended',
    title: 'You give a subscriber 14 days more',
    opening: subscribed(),
    chapters: [extended, renewed()],
  }),
];
