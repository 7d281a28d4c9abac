import { ToolError } from '../../errors.js';
import type { JsonObject } from '../../jws/json.js';
import { nearestWord } from '../../notification/catalogue/edit-distance.js';
import { uuidFrom } from '../random.js';
import { type EventContext, endingAt, firstPurchase, midPeriod, oneTimePurchase } from './context.js';
import { appTransactionPayload } from './nested-payloads.js';
import { familyRevocation, fullRefund, type ProductType, type Purchase, WINTER_OFFER } from './purchase.js';
import { migrated, withAddedSeats, withAdvancedCommerce, withSeats } from './special-products.js';
import {
  BILLING_RETRY_MS,
  days,
  expire,
  extend,
  failBilling,
  familyShared,
  GRACE_MS,
  increasedPrice,
  planRenewal,
  renew,
  resubscribe,
  revoke,
  type Subscription,
  upgrade,
} from './subscription.js';

/** Notification type with a subtype, or null if it is sent without one. */
export interface SimulatedEvent {
  readonly type: string;
  readonly subtype: string | null;
}

export const SUBSCRIPTION: ProductType = 'Auto-Renewable Subscription';

/** Subscription state after the event, by `TYPE` or `TYPE.SUBTYPE`. */
export const SUBSCRIPTION_EVENTS: Readonly<Record<string, (context: EventContext) => Subscription>> = {
  'SUBSCRIBED.INITIAL_BUY': (context) => firstPurchase(context),
  'SUBSCRIBED.RESUBSCRIBE': (context) =>
    resubscribe(expire(endingAt(context, context.eventMs - days(90)), 1), context.eventMs),
  DID_RENEW: (context) => renew(endingAt(context, context.eventMs), context.eventMs),
  'DID_RENEW.BILLING_RECOVERY': (context) =>
    renew(failBilling(endingAt(context, context.eventMs - days(3))), context.eventMs),
  DID_FAIL_TO_RENEW: (context) => failBilling(endingAt(context, context.eventMs)),
  'DID_FAIL_TO_RENEW.GRACE_PERIOD': (context) =>
    failBilling(endingAt(context, context.eventMs), context.eventMs + GRACE_MS),
  GRACE_PERIOD_EXPIRED: (context) => failBilling(endingAt(context, context.eventMs - GRACE_MS), context.eventMs),
  'EXPIRED.VOLUNTARY': (context) => expire(endingAt(context, context.eventMs), 1),
  'EXPIRED.BILLING_RETRY': (context) => expire(failBilling(endingAt(context, context.eventMs - BILLING_RETRY_MS)), 2),
  'EXPIRED.PRICE_INCREASE': (context) => expire(increasePrice(endingAt(context, context.eventMs), 0), 3),
  'EXPIRED.PRODUCT_NOT_FOR_SALE': (context) => expire(endingAt(context, context.eventMs), 4),
  EXPIRED: (context) => expire(endingAt(context, context.eventMs), 5),
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED': (context) => planRenewal(midPeriod(context), { isOn: true }),
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED': (context) => planRenewal(midPeriod(context), { isOn: false }),
  'DID_CHANGE_RENEWAL_PREF.UPGRADE': (context) => upgrade(onLowerPlan(context), context.plan, context.eventMs),
  'DID_CHANGE_RENEWAL_PREF.DOWNGRADE': (context) => planRenewal(midPeriod(context), { plan: context.lowerPlan }),
  DID_CHANGE_RENEWAL_PREF: (context) => midPeriod(context),
  // Unconfirmed: the type of the two seat subtypes.
  'DID_CHANGE_RENEWAL_PREF.INCREASE_QUANTITY': (context) => withAddedSeats(context, { before: 5, added: 3 }),
  'DID_CHANGE_RENEWAL_PREF.DECREASE_QUANTITY': (context) => withSeats(context, { bought: 5, renewing: 3 }),
  'OFFER_REDEEMED.UPGRADE': (context) => upgrade(onLowerPlan(context), context.plan, context.eventMs, WINTER_OFFER),
  'OFFER_REDEEMED.DOWNGRADE': (context) =>
    planRenewal(midPeriod(context), { plan: context.lowerPlan, offer: WINTER_OFFER }),
  OFFER_REDEEMED: (context) => planRenewal(midPeriod(context), { offer: WINTER_OFFER }),
  'PRICE_INCREASE.PENDING': (context) => increasePrice(midPeriod(context), 0),
  'PRICE_INCREASE.ACCEPTED': (context) => increasePrice(midPeriod(context), 1),
  CONSUMPTION_REQUEST: (context) => midPeriod(context),
  REFUND: (context) => revoke(midPeriod(context), fullRefund(context.eventMs)),
  // Partial refund: revocationDate appears only when every seat is revoked.
  'REFUND.SEATS': (context) => withSeats(context, { bought: 5, renewing: 3, revoked: 2 }),
  REFUND_DECLINED: (context) => midPeriod(context),
  REFUND_REVERSED: (context) => planRenewal(midPeriod(context), { isOn: false }),
  REVOKE: (context) => revoke(familyShared(midPeriod(context)), familyRevocation(context.eventMs)),
  RENEWAL_EXTENDED: (context) => extendBy(midPeriod(context), days(14)),
  'RENEWAL_EXTENSION.FAILURE': (context) => midPeriod(context),
  METADATA_UPDATE: (context) => withAdvancedCommerce(context, { displayName: 'Premium Plus' }),
  MIGRATION: migrated,
  PRICE_CHANGE: (context) => withAdvancedCommerce(context, { price: increasedPrice(context.plan.price) }),
};

const purchasedEarlier: OneTimeEvent = (context, productType) =>
  oneTimePurchase(context, productType, context.eventMs - days(2));

/** One-time purchase after the event, by `TYPE`. */
export const ONE_TIME_EVENTS: Readonly<Record<string, OneTimeEvent>> = {
  ONE_TIME_CHARGE: (context, productType) => oneTimePurchase(context, productType),
  CONSUMPTION_REQUEST: purchasedEarlier,
  REFUND: (context, productType) => ({
    ...purchasedEarlier(context, productType),
    revocation: fullRefund(context.eventMs),
  }),
  REFUND_DECLINED: purchasedEarlier,
  REFUND_REVERSED: purchasedEarlier,
  REVOKE: (context, productType) => ({
    ...purchasedEarlier(context, productType),
    ownership: 'FAMILY_SHARED',
    revocation: familyRevocation(context.eventMs),
  }),
};

export const OTHER_EVENTS: Readonly<Record<string, (context: EventContext) => OtherContent>> = {
  TEST: (context) => ({ container: { data: identity(context) } }),
  'RENEWAL_EXTENSION.SUMMARY': (context) => ({ container: { summary: summary(context) } }),
  'EXTERNAL_PURCHASE_TOKEN.UNREPORTED': (context) => tokenContent(context, context.eventMs - days(10), {}),
  'EXTERNAL_PURCHASE_TOKEN.CREATED': (context) => customLinkToken(context, context.eventMs),
  'EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER': (context) => customLinkToken(context, context.eventMs - days(30)),
  RESCIND_CONSENT: (context) => consentContent(context),
  // Only unclaimSeatIds of unclaimInfo is documented (version 2.23). Unconfirmed: the app fields, as in the other containers.
  UNCLAIM_SEATS: (context) => ({
    container: {
      unclaimInfo: { ...identity(context), unclaimSeatIds: [uuidFrom(context.random), uuidFrom(context.random)] },
    },
  }),
};

/** Every event that can be built, sorted by name. Source: Apple's notificationType and subtype, up to version 2.23. */
export const SIMULATED_EVENTS: readonly SimulatedEvent[] = [
  ...new Set([SUBSCRIPTION_EVENTS, ONE_TIME_EVENTS, OTHER_EVENTS].flatMap((table) => Object.keys(table))),
]
  .sort()
  .map((key) => {
    const [type = '', subtype = null] = key.split('.');
    return { type, subtype };
  });

/** Product type of an event if none is given. */
export function defaultProductType(key: string): ProductType {
  return key === 'ONE_TIME_CHARGE' || key === 'CONSUMPTION_REQUEST' ? 'Consumable' : SUBSCRIPTION;
}

/** Returns `TYPE` or `TYPE.SUBTYPE` of a known event. Throws `ERR_SIMULATOR_EVENT` (usage), whose hint names known ones. */
export function eventKey(type: string, subtype: string | null): string {
  const key = keyOf({ type, subtype });
  const ofType = SIMULATED_EVENTS.filter((event) => event.type === type);
  if (ofType.some((event) => event.subtype === subtype)) return key;
  const name = subtype === null && ofType.length > 0 ? `${type} without a subtype` : key;
  throw new ToolError('usage', 'ERR_SIMULATOR_EVENT', `no notification is called ${name}`, {
    hint: eventHint(key, ofType),
  });
}

function eventHint(key: string, ofType: readonly SimulatedEvent[]): string {
  const known = SIMULATED_EVENTS.map(keyOf);
  const similar = known.filter((name) => lettersOf(name) === lettersOf(key) || name.endsWith(`.${key}`));
  if (similar.length > 0) return `Did you mean ${similar.join(' or ')}?`;
  const nearest = nearestWord(key, known);
  if (nearest !== null) return `Did you mean ${nearest}?`;
  if (ofType.length > 0) {
    return `Subtypes of ${ofType[0]?.type}: ${ofType.map((event) => event.subtype ?? 'none').join(', ')}.`;
  }
  return `Types: ${[...new Set(SIMULATED_EVENTS.map((event) => event.type))].join(', ')}.`;
}

/** Letters alone: `DID_RENEW:BILLING-RECOVERY` is written with other separators than `DID_RENEW.BILLING_RECOVERY`. */
function lettersOf(name: string): string {
  return name.replaceAll(/[^A-Z]/gi, '').toUpperCase();
}

function keyOf({ type, subtype }: SimulatedEvent): string {
  return subtype === null ? type : `${type}.${subtype}`;
}

/** Error `ERR_SIMULATOR_PRODUCT_TYPE` (usage). */
export function productTypeError(key: string, productType: ProductType): ToolError {
  const products =
    key in SUBSCRIPTION_EVENTS ? SUBSCRIPTION : 'Consumable, Non-Consumable or Non-Renewing Subscription';
  return new ToolError(
    'usage',
    'ERR_SIMULATOR_PRODUCT_TYPE',
    `the App Store sends no ${key} for a product of type ${productType}`,
    {
      hint: `Omit the product type, or use ${products}.`,
    },
  );
}

type OneTimeEvent = (context: EventContext, productType: ProductType) => Purchase;

function onLowerPlan(context: EventContext): Subscription {
  return midPeriod({ ...context, plan: context.lowerPlan });
}

function increasePrice(before: Subscription, status: 0 | 1): Subscription {
  return planRenewal(before, { priceIncrease: { status, price: increasedPrice(before.plan.price) } });
}

function extendBy(before: Subscription, ms: number): Subscription {
  return extend(before, before.expiresMs + ms);
}

/** Container of a notification without a purchase, with its app transaction if it has one. */
export interface OtherContent {
  readonly container: JsonObject;
  readonly appTransaction?: JsonObject;
}

/** App fields and the app transaction, which identifies the installation. */
export function consentContent(context: EventContext): OtherContent {
  return { container: { appData: identity(context) }, appTransaction: appTransactionPayload(context) };
}

function identity({ app }: EventContext): JsonObject {
  return { appAppleId: app.appAppleId, bundleId: app.bundleId, environment: app.environment };
}

function summary(context: EventContext): JsonObject {
  return {
    requestIdentifier: uuidFrom(context.random),
    ...identity(context),
    productId: context.plan.productId,
    storefrontCountryCodes: ['USA', 'CAN', 'MEX'],
    succeededCount: 1042,
    failedCount: 3,
  };
}

function tokenContent({ app, random }: EventContext, createdMs: number, more: JsonObject): OtherContent {
  const id = uuidFrom(random);
  const externalPurchaseToken: JsonObject = {
    // The container has no environment field; the prefix marks Sandbox.
    externalPurchaseId: app.environment === 'Sandbox' ? `SANDBOX_${id}` : id,
    tokenCreationDate: createdMs,
    appAppleId: app.appAppleId,
    bundleId: app.bundleId,
    ...more,
  };
  return { container: { externalPurchaseToken } };
}

/** Apple does not document the lifetime of a custom-link token; a year is longer than any reminder. */
export function customLinkToken(context: EventContext, createdMs: number): OtherContent {
  return tokenContent(context, createdMs, { tokenType: 'SERVICES', tokenExpirationDate: createdMs + days(365) });
}
