import type { EventContext } from './context.js';
import { endOfPeriod, type PeriodLength } from './period-length.js';
import { familyRevocation, fullRefund, type Purchase, WINTER_OFFER } from './purchase.js';
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

/** Everything that the next state of a subscription depends on. */
export interface Moment {
  readonly atMs: number;
  /** `plan` is that of the state, `upgradePlan` and `lowerPlan` those that a change leads to. */
  readonly context: EventContext & { readonly upgradePlan: EventContext['plan'] };
  readonly length: PeriodLength;
  /** Start that periods are counted from; null where each is counted from the one before. */
  readonly anchorMs: number | null;
}

/** One event that follows another of the same purchase. */
export interface Transition<State> {
  /** Time of the event (ms) if none is given, from the state and the time of the event before. */
  readonly when: (before: State, previousMs: number) => number;
  /** That time depends on the dates of the period; false for a fixed wait. */
  readonly followsPeriod: boolean;
  /** Earliest time (ms) that makes sense: of an event that cannot come early, that of {@link when}. */
  readonly notBefore: (before: State, previousMs: number) => number;
  readonly apply: (before: State, moment: Moment) => State;
}

type SubscriptionTransition = Transition<Subscription>;

const periodEnd = (before: Subscription): number => before.expiresMs;

/** A third into the rest of the period, else a day later. */
const withinPeriod = ({ expiresMs }: Subscription, previousMs: number): number =>
  expiresMs > previousMs ? previousMs + Math.floor((expiresMs - previousMs) / 3_000) * 1_000 : previousMs + days(1);

const anyMoment = (_before: unknown, previousMs: number): number => previousMs;

const afterPeriod = ({ expiresMs }: Subscription, previousMs: number): number => Math.max(expiresMs, previousMs);

function due(when: SubscriptionTransition['when'], apply: SubscriptionTransition['apply']): SubscriptionTransition {
  return { when, followsPeriod: true, notBefore: when, apply };
}

function anyTime(apply: SubscriptionTransition['apply'], when = withinPeriod): SubscriptionTransition {
  const isWithin = when === withinPeriod;
  return { when, followsPeriod: isWithin, notBefore: isWithin ? anyMoment : afterPeriod, apply };
}

const unchanged: SubscriptionTransition = anyTime((before) => before);

/** A renewal is notified up to a day before the period ends, and the new period begins with that end. */
const RENEWED_EARLY_MS = days(1);

function renewed(before: Subscription, { atMs, length, anchorMs }: Moment): Subscription {
  const { expiresMs } = before;
  const isEarly = atMs < expiresMs && expiresMs - atMs <= RENEWED_EARLY_MS;
  const startMs = isEarly ? expiresMs : atMs;
  return renew(before, startMs, endOfPeriod(startMs, length, anchorMs));
}

/** A payment within the grace period keeps the renewal date; a later one begins a new period. */
function recovered(before: Subscription, { atMs, length }: Moment): Subscription {
  const isInGrace = (before.renewal.graceUntilMs ?? 0) > atMs;
  return renew(before, atMs, endOfPeriod(isInGrace ? before.expiresMs : atMs, length));
}

const recoveryTime = ({ expiresMs, renewal }: Subscription): number =>
  renewal.graceUntilMs === undefined
    ? expiresMs + days(3)
    : Math.min(expiresMs + days(6), expiresMs + (renewal.graceUntilMs - expiresMs) / 2);

function withPriceIncrease(before: Subscription, status: 0 | 1): Subscription {
  const known = before.renewal.priceIncrease?.price;
  const price = known ?? increasedPrice(before.plan.price);
  const plan = status === 1 ? { plan: { ...before.renewal.plan, price } } : {};
  return planRenewal(before, { ...plan, priceIncrease: { status, price } });
}

/** Expired; a grace period that would go on ends with it. */
function ended(intent: Parameters<typeof expire>[1]): SubscriptionTransition['apply'] {
  return (before, { atMs }) => {
    const { graceUntilMs, ...renewal } = before.renewal;
    const isOver = graceUntilMs === undefined || graceUntilMs <= atMs;
    return expire(isOver ? before : { ...before, renewal }, intent);
  };
}

function reinstate(before: Subscription): Subscription {
  return { ...before, purchase: withoutRevocation(before.purchase) };
}

function withoutRevocation({ revocation: _revocation, ...purchase }: Purchase): Purchase {
  return purchase;
}

/** The first period of the subscription again. */
function firstPeriod(before: Subscription, { length }: Moment): Subscription {
  const { purchase, plan } = before;
  const atMs = purchase.originalPurchaseMs;
  const expiresMs = endOfPeriod(atMs, length);
  const first = {
    ...withoutRevocation(purchase),
    transactionId: purchase.originalTransactionId,
    purchaseMs: atMs,
    reason: 'PURCHASE' as const,
  };
  const renewal = { plan, isOn: true, isInBillingRetry: false };
  return extend({ ...before, purchase: first, runStartedMs: atMs, renewal }, expiresMs);
}

const seatsOf = ({ purchase }: Subscription): number => Math.max(2, purchase.quantity);

/** State of a subscription after an event that follows another, by `TYPE` or `TYPE.SUBTYPE`. */
export const SUBSCRIPTION_TRANSITIONS: Readonly<Record<string, SubscriptionTransition>> = {
  'SUBSCRIBED.INITIAL_BUY': due((before) => before.purchase.originalPurchaseMs, firstPeriod),
  'SUBSCRIBED.RESUBSCRIBE': anyTime(
    (before, { atMs, length }) => extend(resubscribe(before, atMs), endOfPeriod(atMs, length)),
    (before, previousMs) => Math.max(before.expiresMs, previousMs) + days(90),
  ),
  DID_RENEW: due(periodEnd, renewed),
  'DID_RENEW.BILLING_RECOVERY': anyTime(recovered, recoveryTime),
  DID_FAIL_TO_RENEW: due(periodEnd, (before) => failBilling(before)),
  'DID_FAIL_TO_RENEW.GRACE_PERIOD': due(periodEnd, (before) => failBilling(before, before.expiresMs + GRACE_MS)),
  GRACE_PERIOD_EXPIRED: due(
    (before) => before.renewal.graceUntilMs ?? before.expiresMs + GRACE_MS,
    (before, { atMs }) => failBilling(before, before.renewal.graceUntilMs ?? atMs),
  ),
  'EXPIRED.VOLUNTARY': due(periodEnd, ended(1)),
  'EXPIRED.BILLING_RETRY': due(
    (before) => before.expiresMs + BILLING_RETRY_MS,
    (before) => expire(failBilling(before), 2),
  ),
  'EXPIRED.PRICE_INCREASE': due(periodEnd, (before, moment) => ended(3)(withPriceIncrease(before, 0), moment)),
  'EXPIRED.PRODUCT_NOT_FOR_SALE': due(periodEnd, ended(4)),
  EXPIRED: due(periodEnd, ended(5)),
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED': anyTime((before) => planRenewal(before, { isOn: true })),
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED': anyTime((before) => planRenewal(before, { isOn: false })),
  'DID_CHANGE_RENEWAL_PREF.UPGRADE': anyTime((before, { atMs, context, length }) =>
    extend(upgrade(before, context.upgradePlan, atMs), endOfPeriod(atMs, length)),
  ),
  'DID_CHANGE_RENEWAL_PREF.DOWNGRADE': anyTime((before, { context }) =>
    planRenewal(before, { plan: context.lowerPlan }),
  ),
  DID_CHANGE_RENEWAL_PREF: anyTime((before) => planRenewal(before, { plan: before.plan })),
  'DID_CHANGE_RENEWAL_PREF.INCREASE_QUANTITY': anyTime((before, { context }) =>
    withAddedSeats(context, { before: before.purchase.quantity, added: 3 }, before),
  ),
  'DID_CHANGE_RENEWAL_PREF.DECREASE_QUANTITY': anyTime((before, { context }) =>
    withSeats(context, { bought: seatsOf(before), renewing: seatsOf(before) - 1 }, before),
  ),
  'OFFER_REDEEMED.UPGRADE': anyTime((before, { atMs, context, length }) =>
    extend(upgrade(before, context.upgradePlan, atMs, WINTER_OFFER), endOfPeriod(atMs, length)),
  ),
  'OFFER_REDEEMED.DOWNGRADE': anyTime((before, { context }) =>
    planRenewal(before, { plan: context.lowerPlan, offer: WINTER_OFFER }),
  ),
  OFFER_REDEEMED: anyTime((before) => planRenewal(before, { offer: WINTER_OFFER })),
  'PRICE_INCREASE.PENDING': anyTime((before) => withPriceIncrease(before, 0)),
  'PRICE_INCREASE.ACCEPTED': anyTime((before) => withPriceIncrease(before, 1)),
  CONSUMPTION_REQUEST: unchanged,
  REFUND: anyTime((before, { atMs }) => revoke(before, fullRefund(atMs))),
  'REFUND.SEATS': anyTime((before, { context }) =>
    withSeats(context, { bought: seatsOf(before), renewing: seatsOf(before) - 1, revoked: 1 }, before),
  ),
  REFUND_DECLINED: unchanged,
  REFUND_REVERSED: anyTime((before) => planRenewal(reinstate(before), { isOn: false })),
  REVOKE: anyTime((before, { atMs }) => revoke(familyShared(before), familyRevocation(atMs))),
  RENEWAL_EXTENDED: anyTime((before) => extend(before, before.expiresMs + days(14))),
  'RENEWAL_EXTENSION.FAILURE': unchanged,
  METADATA_UPDATE: anyTime((before, { context }) =>
    withAdvancedCommerce(context, { displayName: 'Premium Plus' }, before),
  ),
  MIGRATION: anyTime((before, { context }) => migrated(context, before)),
  PRICE_CHANGE: anyTime((before, { context }) =>
    withAdvancedCommerce(context, { price: increasedPrice(before.plan.price) }, before),
  ),
};

function daysAfter(count: number, apply: Transition<Purchase>['apply']): Transition<Purchase> {
  return { when: (_before, previousMs) => previousMs + days(count), followsPeriod: false, notBefore: anyMoment, apply };
}

/** State of a one-time purchase after an event that follows another, by `TYPE`. */
export const ONE_TIME_TRANSITIONS: Readonly<Record<string, Transition<Purchase>>> = {
  ONE_TIME_CHARGE: {
    when: ({ purchaseMs }) => purchaseMs,
    followsPeriod: true,
    notBefore: ({ purchaseMs }) => purchaseMs,
    apply: withoutRevocation,
  },
  CONSUMPTION_REQUEST: daysAfter(2, (before) => before),
  REFUND: daysAfter(1, (before, { atMs }) => ({ ...before, revocation: fullRefund(atMs) })),
  REFUND_DECLINED: daysAfter(1, (before) => before),
  REFUND_REVERSED: daysAfter(1, withoutRevocation),
  REVOKE: daysAfter(1, (before, { atMs }) => ({
    ...before,
    ownership: 'FAMILY_SHARED',
    revocation: familyRevocation(atMs),
  })),
};

/** Events that begin a purchase: nothing comes before them. */
export const BEGINNINGS: ReadonlySet<string> = new Set(['SUBSCRIBED.INITIAL_BUY', 'ONE_TIME_CHARGE']);

/** Days after the event before, for events without a purchase. */
export const OTHER_DAYS: Readonly<Record<string, number>> = {
  'EXTERNAL_PURCHASE_TOKEN.UNREPORTED': 10,
  'EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER': 20,
  RESCIND_CONSENT: 3,
};
