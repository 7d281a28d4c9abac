import { ToolError } from '../../errors.js';
import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import { type EventContext, endingAt, firstPurchase, midPeriod, oneTimePurchase } from './context.js';
import { appTransactionPayload } from './nested-payloads.js';
import type { Offer, ProductType, Purchase } from './purchase.js';
import { withAdvancedCommerce, withSeats } from './special-products.js';
import {
  days,
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

/** A type with one of its subtypes, null for the type without one. */
export interface SimulatedEvent {
  readonly type: string;
  readonly subtype: string | null;
}

export const SUBSCRIPTION: ProductType = 'Auto-Renewable Subscription';

/** The subscription as it stands once the event has happened, by `TYPE` or `TYPE.SUBTYPE`. */
export const SUBSCRIPTION_EVENTS: Readonly<Record<string, (scene: EventContext) => Subscription>> = {
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

const boughtEarlier: OneTimeEvent = (scene, productType) =>
  oneTimePurchase(scene, productType, scene.eventMs - days(2));

/** The purchase of a product bought once, as it stands once the event has happened. */
export const ONE_TIME_EVENTS: Readonly<Record<string, OneTimeEvent>> = {
  ONE_TIME_CHARGE: (scene, productType) => oneTimePurchase(scene, productType),
  CONSUMPTION_REQUEST: boughtEarlier,
  REFUND: (scene, productType) => ({
    ...boughtEarlier(scene, productType),
    revocation: { atMs: scene.eventMs, reason: 0, type: 'REFUND_FULL', percentage: 100_000 },
  }),
  REFUND_DECLINED: boughtEarlier,
  REFUND_REVERSED: boughtEarlier,
  REVOKE: (scene, productType) => ({
    ...boughtEarlier(scene, productType),
    ownership: 'FAMILY_SHARED',
    revocation: { atMs: scene.eventMs, reason: 0, type: 'FAMILY_REVOKE' },
  }),
};

export const OTHER_EVENTS: Readonly<Record<string, (scene: EventContext) => OtherContent>> = {
  TEST: (scene) => ({ container: { data: identity(scene) } }),
  'RENEWAL_EXTENSION.SUMMARY': (scene) => ({ container: { summary: summary(scene) } }),
  'EXTERNAL_PURCHASE_TOKEN.UNREPORTED': (scene) => tokenContent(scene, scene.eventMs - days(10), {}),
  'EXTERNAL_PURCHASE_TOKEN.CREATED': (scene) => customLinkToken(scene, scene.eventMs),
  'EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER': (scene) => customLinkToken(scene, scene.eventMs - days(30)),
  RESCIND_CONSENT: (scene) => consentContent(scene),
  // Of unclaimInfo only unclaimSeatIds is known (version 2.23); that it names the app like its siblings is unconfirmed.
  UNCLAIM_SEATS: (scene) => ({
    container: {
      unclaimInfo: { ...identity(scene), unclaimSeatIds: [uuidFrom(scene.random), uuidFrom(scene.random)] },
    },
  }),
};

/** Every event that can be built, by name. Source of the list: notificationType and subtype, up to version 2.23. */
export const SIMULATED_EVENTS: readonly SimulatedEvent[] = [
  ...new Set([SUBSCRIPTION_EVENTS, ONE_TIME_EVENTS, OTHER_EVENTS].flatMap((table) => Object.keys(table))),
]
  .sort()
  .map((key) => {
    const [type = '', subtype = null] = key.split('.');
    return { type, subtype };
  });

/** The product an event is about where nothing else is asked for. */
export function usualProduct(key: string): ProductType {
  return key === 'ONE_TIME_CHARGE' || key === 'CONSUMPTION_REQUEST' ? 'Consumable' : SUBSCRIPTION;
}

/** `TYPE` or `TYPE.SUBTYPE` of an event known here; throws `ERR_SIMULATOR_EVENT` (usage) with what there is instead. */
export function eventKey(type: string, subtype: string | null): string {
  const ofType = SIMULATED_EVENTS.filter((event) => event.type === type);
  if (ofType.some((event) => event.subtype === subtype)) return subtype === null ? type : `${type}.${subtype}`;
  const name = subtype === null ? `${type} without a subtype` : `${type} with subtype ${subtype}`;
  throw new ToolError('usage', 'ERR_SIMULATOR_EVENT', `There is no notification ${name}.`, {
    hint:
      ofType.length === 0
        ? `Types: ${[...new Set(SIMULATED_EVENTS.map((event) => event.type))].join(', ')}.`
        : `${type} is sent with: ${ofType.map((event) => event.subtype ?? 'no subtype').join(', ')}.`,
  });
}

/** `ERR_SIMULATOR_PRODUCT_TYPE` (usage). */
export function wrongProduct(key: string, productType: ProductType): ToolError {
  const products =
    key in SUBSCRIPTION_EVENTS ? SUBSCRIPTION : 'Consumable, Non-Consumable or Non-Renewing Subscription';
  return new ToolError('usage', 'ERR_SIMULATOR_PRODUCT_TYPE', `The App Store sends no ${key} for a ${productType}.`, {
    hint: `Leave the product type out, or choose ${products}.`,
  });
}

type OneTimeEvent = (scene: EventContext, productType: ProductType) => Purchase;

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

function onLowerPlan(scene: EventContext): Subscription {
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

/** The container of a notification that is not about one purchase, and the app transaction in it where it has one. */
export interface OtherContent {
  readonly container: JsonObject;
  readonly appTransaction?: JsonObject;
}

/** The app, and the app transaction that tells which installation is meant. */
export function consentContent(scene: EventContext): OtherContent {
  return { container: { appData: identity(scene) }, appTransaction: appTransactionPayload(scene) };
}

function identity({ app }: EventContext): JsonObject {
  return { appAppleId: app.appAppleId, bundleId: app.bundleId, environment: app.environment };
}

function summary(scene: EventContext): JsonObject {
  return {
    requestIdentifier: uuidFrom(scene.random),
    ...identity(scene),
    productId: scene.plan.productId,
    storefrontCountryCodes: ['USA', 'CAN', 'MEX'],
    succeededCount: 1042,
    failedCount: 3,
  };
}

function tokenContent({ app, random }: EventContext, createdMs: number, more: JsonObject): OtherContent {
  const id = uuidFrom(random);
  const externalPurchaseToken: JsonObject = {
    // This container names no environment: the prefix is what tells Sandbox.
    externalPurchaseId: app.environment === 'Sandbox' ? `SANDBOX_${id}` : id,
    tokenCreationDate: createdMs,
    appAppleId: app.appAppleId,
    bundleId: app.bundleId,
    ...more,
  };
  return { container: { externalPurchaseToken } };
}

/** How long a custom-link token lives is not documented in what was seen; a year keeps a reminder in its lifetime. */
export function customLinkToken(scene: EventContext, createdMs: number): OtherContent {
  return tokenContent(scene, createdMs, { tokenType: 'SERVICES', tokenExpirationDate: createdMs + days(365) });
}
