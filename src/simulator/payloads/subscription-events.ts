import { days } from './period.js';
import type { Offer } from './purchase.js';
import { endingAt, firstPurchase, midPeriod, type Scene } from './scene.js';
import { withAdvancedCommerce, withSeats } from './special-products.js';
import {
  expire,
  extend,
  failBilling,
  planRenewal,
  renew,
  resubscribe,
  revoke,
  type Subscription,
  upgrade,
} from './subscription.js';

/** App Store Connect offers 3, 16 and 28 days of grace; billing is retried for up to 60 days. */
const GRACE_MS = days(16);
const BILLING_RETRY_MS = days(60);

const OFFER: Offer = {
  type: 3,
  identifier: 'WINTER',
  discountType: 'PAY_AS_YOU_GO',
  period: 'P1M',
  price: 4990,
};

/** A rise by a fifth, on a price people would see: tenths of the currency. */
const risenPrice = (price: number): number => Math.round((price * 1.2) / 100) * 100;

/** The subscription as it stands once the event has happened, by `TYPE` or `TYPE.SUBTYPE`. */
export const SUBSCRIPTION_EVENTS: Readonly<Record<string, (scene: Scene) => Subscription>> = {
  'SUBSCRIBED.INITIAL_BUY': (scene) => firstPurchase(scene),
  'SUBSCRIBED.RESUBSCRIBE': (scene) => resubscribe(expire(endingAt(scene, scene.eventMs - days(90)), 1), scene.eventMs),
  DID_RENEW: (scene) => renew(endingAt(scene, scene.eventMs), scene.eventMs),
  'DID_RENEW.BILLING_RECOVERY': (scene) => renew(failBilling(endingAt(scene, scene.eventMs - days(3))), scene.eventMs),
  DID_FAIL_TO_RENEW: (scene) => failBilling(endingAt(scene, scene.eventMs)),
  'DID_FAIL_TO_RENEW.GRACE_PERIOD': (scene) => failBilling(endingAt(scene, scene.eventMs), scene.eventMs + GRACE_MS),
  GRACE_PERIOD_EXPIRED: (scene) => failBilling(endingAt(scene, scene.eventMs - GRACE_MS), scene.eventMs),
  'EXPIRED.VOLUNTARY': (scene) => expire(endingAt(scene, scene.eventMs), 1),
  'EXPIRED.BILLING_RETRY': (scene) => expire(failBilling(endingAt(scene, scene.eventMs - BILLING_RETRY_MS)), 2),
  'EXPIRED.PRICE_INCREASE': (scene) => expire(askForMore(endingAt(scene, scene.eventMs), 0), 3),
  'EXPIRED.PRODUCT_NOT_FOR_SALE': (scene) => expire(endingAt(scene, scene.eventMs), 4),
  EXPIRED: (scene) => expire(endingAt(scene, scene.eventMs), 5),
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED': (scene) => planRenewal(midPeriod(scene), { isOn: true }),
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED': (scene) => planRenewal(midPeriod(scene), { isOn: false }),
  'DID_CHANGE_RENEWAL_PREF.UPGRADE': (scene) => upgrade(onLowerPlan(scene), scene.plan, scene.eventMs),
  'DID_CHANGE_RENEWAL_PREF.DOWNGRADE': (scene) => planRenewal(midPeriod(scene), { plan: scene.lowerPlan }),
  DID_CHANGE_RENEWAL_PREF: (scene) => midPeriod(scene),
  // Which type the two seat subtypes belong to, and whether an increase takes effect at once, is unconfirmed.
  'DID_CHANGE_RENEWAL_PREF.INCREASE_QUANTITY': (scene) => withSeats(scene, { bought: 8, renewing: 8 }),
  'DID_CHANGE_RENEWAL_PREF.DECREASE_QUANTITY': (scene) => withSeats(scene, { bought: 5, renewing: 3 }),
  'OFFER_REDEEMED.UPGRADE': (scene) => upgrade(onLowerPlan(scene), scene.plan, scene.eventMs, OFFER),
  'OFFER_REDEEMED.DOWNGRADE': (scene) => planRenewal(midPeriod(scene), { plan: scene.lowerPlan, offer: OFFER }),
  OFFER_REDEEMED: (scene) => planRenewal(midPeriod(scene), { offer: OFFER }),
  'PRICE_INCREASE.PENDING': (scene) => askForMore(midPeriod(scene), 0),
  'PRICE_INCREASE.ACCEPTED': (scene) => askForMore(midPeriod(scene), 1),
  CONSUMPTION_REQUEST: (scene) => midPeriod(scene),
  REFUND: (scene) =>
    revoke(midPeriod(scene), { atMs: scene.eventMs, reason: 0, type: 'REFUND_FULL', percentage: 100_000 }),
  // Part of a purchase: whether revocationDate is set as well is unconfirmed; without it the rest stays active.
  'REFUND.SEATS': (scene) => withSeats(scene, { bought: 5, renewing: 3, revoked: 2 }),
  REFUND_DECLINED: (scene) => midPeriod(scene),
  REFUND_REVERSED: (scene) => planRenewal(midPeriod(scene), { isOn: false }),
  REVOKE: (scene) => revoke(familyShared(midPeriod(scene)), { atMs: scene.eventMs, reason: 0, type: 'FAMILY_REVOKE' }),
  RENEWAL_EXTENDED: (scene) => extendBy(midPeriod(scene), days(14)),
  'RENEWAL_EXTENSION.FAILURE': (scene) => midPeriod(scene),
  METADATA_UPDATE: (scene) => withAdvancedCommerce(scene, { displayName: 'Premium Plus' }),
  MIGRATION: (scene) => withAdvancedCommerce(scene, {}),
  PRICE_CHANGE: (scene) => withAdvancedCommerce(scene, { price: risenPrice(scene.plan.price) }),
};

function onLowerPlan(scene: Scene): Subscription {
  return midPeriod({ ...scene, plan: scene.lowerPlan });
}

function askForMore(before: Subscription, status: 0 | 1): Subscription {
  return planRenewal(before, { priceIncrease: { status, price: risenPrice(before.plan.price) } });
}

function familyShared(before: Subscription): Subscription {
  return { ...before, purchase: { ...before.purchase, ownership: 'FAMILY_SHARED' } };
}

function extendBy(before: Subscription, ms: number): Subscription {
  return extend(before, before.expiresMs + ms);
}
