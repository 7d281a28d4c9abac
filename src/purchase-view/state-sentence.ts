import { REFUNDED_IN_PART } from '../purchase/event-meaning.js';
import type { NextRenewal, Period, PurchaseTimeline, SignedPrice } from '../purchase/purchase.js';
import { showText } from '../terminal/escape.js';
import { formatAge, formatMoment, formatMoney, groupDigits } from '../terminal/format.js';

/** The state of a purchase in words; every text of a payload in it is escaped. */
export interface StateWords {
  /** `Active until 2026-12-29T08:55:52Z (in 30 days), then renews for 9.99 USD` */
  readonly headline: string;
  /** Full sentences: what to do, or what is not known. */
  readonly details: readonly string[];
  /** Nothing of the present state is verified. */
  readonly isUnverified: boolean;
}

/** The answer of a timeline: the state as of `asOfMs`. */
export function describeState(purchase: PurchaseTimeline): StateWords {
  const present = purchase.periods.findLast(({ fromMs }) => fromMs <= purchase.asOfMs) ?? purchase.periods[0];
  return {
    headline: capitalise(headlineOf(purchase)),
    details: [
      ...accessOf(purchase),
      ...migrationOf(purchase),
      ...renewalDetails(purchase),
      ...commitmentOf(purchase),
      ...endOf(purchase),
      ...requestOf(purchase),
      ...clockOf(purchase),
    ],
    isUnverified:
      purchase.events.length > 0 &&
      present !== undefined &&
      present.state !== 'unknown' &&
      !(present.isVerified && runAfter(purchase, present).every(({ isVerified }) => isVerified)),
  };
}

/** Periods after the present one in the same state, as of a renewal that is paid already: the headline has their end. */
function runAfter({ periods, state, stateUntilMs }: PurchaseTimeline, present: Period): readonly Period[] {
  return periods.filter(
    (period) =>
      period.state === state &&
      period.fromMs > present.fromMs &&
      (stateUntilMs === null || period.fromMs < stateUntilMs),
  );
}

/** When something was bought, also where a refund of it was reversed since. */
export function boughtMs({ periods, stateSinceMs }: PurchaseTimeline): number | null {
  return periods[0]?.fromMs ?? stateSinceMs;
}

function isRefundedInPart({ state, events }: PurchaseTimeline): boolean {
  const last = state === 'refunded' ? events.findLast(({ stateAfter }) => stateAfter === 'refunded') : undefined;
  return last?.meaning.startsWith(REFUNDED_IN_PART) === true;
}

function headlineOf(purchase: PurchaseTimeline): string {
  const { state, stateSinceMs, stateUntilMs, kind, quantity } = purchase;
  const since = stateSinceMs === null ? '' : ` since ${moment(stateSinceMs, purchase)}`;
  const until = stateUntilMs === null ? since : ` until ${moment(stateUntilMs, purchase)}`;
  const count = quantity === null || quantity === 1 ? '' : `, quantity ${groupDigits(quantity)}`;
  switch (state) {
    case 'active':
      if (kind === 'one-time' && stateUntilMs === null)
        return `bought ${moment(boughtMs(purchase) ?? 0, purchase)}${count}`;
      return `active${until}${count}${kind === 'one-time' ? '' : renewalClause(purchase)}`;
    case 'in-grace-period':
      return `in grace period${until}`;
    case 'in-billing-retry':
      return `in billing retry${since}`;
    case 'unknown':
      return `state unknown${since}`;
    case 'refunded':
      return `refunded${isRefundedInPart(purchase) ? ' in part' : ''}${since}`;
    case 'migrated':
      return `migrated to subscription ${showText(purchase.migratedTo ?? 'unknown')}${since.replace(' since ', ' at ')}`;
    case 'expired':
      return since === '' ? 'expired: the date of the end is not signed' : `expired${since}`;
    default:
      return `${state}${since}`;
  }
}

function renewalClause(purchase: PurchaseTimeline): string {
  const { renewal, productId, stateUntilMs, asOfMs, commitment } = purchase;
  const next = purchase.periods.find(({ fromMs }) => stateUntilMs !== null && fromMs >= stateUntilMs)?.state;
  if (next === 'in-grace-period') return ', then in grace period: the renewal has failed';
  if (next === 'in-billing-retry') return ', then in billing retry: the renewal has failed';
  if (renewal === null || renewal.isOn === null) return '';
  if (!renewal.isOn && commitment !== null && commitment.period < commitment.periods)
    return `, then payment ${commitment.period + 1} of ${commitment.periods} is due`;
  if (!renewal.isOn) return ', then ends: auto-renew is off';
  const at =
    renewal.atMs === null || renewal.atMs === stateUntilMs
      ? 'then renews'
      : `renews ${moment(renewal.atMs, { asOfMs })}`;
  const product =
    renewal.productId === null || renewal.productId === productId ? '' : ` as ${showText(renewal.productId)}`;
  const price = describePrice(renewal.price);
  const consent = renewal.priceIncrease === 'pending' ? ' if the customer agrees to that price' : '';
  return `, ${at}${product}${price === null ? '' : ` for ${price}${consent}`}`;
}

function accessOf(purchase: PurchaseTimeline): readonly string[] {
  const { state, kind, stateUntilMs, asOfMs, renewal } = purchase;
  switch (state) {
    case 'in-grace-period':
      return ['The payment failed and Apple retries it: keep access open.'];
    case 'in-billing-retry': {
      const until = stateUntilMs === null ? '' : ` until ${moment(stateUntilMs, { asOfMs })}`;
      return [`The payment failed and Apple retries it${until}: no access until it succeeds.`];
    }
    case 'migrated':
      return ['That subscription has the state: look there.'];
    case 'expired':
      return ['No access.'];
    case 'refunded':
      if (kind === 'one-time')
        return [isRefundedInPart(purchase) ? 'Part of the money was returned.' : 'The money was returned: no access.'];
      return ['The period was refunded: no access.'];
    case 'revoked':
      return ['The purchase was withdrawn: no access.'];
    case 'unknown':
      return [
        ...(renewal?.isOn === false ? ['Auto-renew was off when it was last reported.'] : []),
        wasAsked(purchase)
          ? 'The App Store returned no payload that shows the state.'
          : `No notification shows the state${askApple(purchase)}.`,
      ];
    default:
      return [];
  }
}

/** Tokens without a notification come from the Server API: it was asked already. */
function wasAsked({ events }: PurchaseTimeline): boolean {
  return events.length > 0 && events.every(({ type }) => type === 'transaction' || type === 'renewalInfo');
}

function migrationOf({ state, migratedTo, migratedFrom }: PurchaseTimeline): readonly string[] {
  return [
    ...(migratedTo === null || state === 'migrated'
      ? []
      : [`It was migrated to subscription ${showText(migratedTo)}.`]),
    ...(migratedFrom === null ? [] : [`Migrated from subscription ${showText(migratedFrom)}.`]),
  ];
}

const APPLE_ID = /^\d{1,20}$/;

/** The command for what Apple knows; the App Store has no record of a purchase in Xcode. */
function askApple({ id, environment }: PurchaseTimeline): string {
  if (environment === 'Xcode' || environment === 'LocalTesting') return '';
  return `: ask Apple, storewire lookup ${APPLE_ID.test(id) ? id : 'ID'}`;
}

/** An end that no payload has. */
function endOf({ state, kind, type, stateUntilMs }: PurchaseTimeline): readonly string[] {
  if (state !== 'active' || stateUntilMs !== null) return [];
  if (kind === 'subscription') return ['No payload says when the period ends: it may be over.'];
  return type === 'Non-Renewing Subscription' ? ['Its end is not signed: the app decides how long it lasts.'] : [];
}

const ANSWERS: ReadonlySet<string> = new Set(['REFUND', 'REFUND.SEATS', 'REFUND_DECLINED', 'REFUND_REVERSED']);

/** A refund that was requested last, and not answered: the state may have changed since. */
function requestOf({ events, asOfMs }: PurchaseTimeline): readonly string[] {
  const last = events.findLast(({ type }) => type === 'CONSUMPTION_REQUEST' || ANSWERS.has(type));
  if (last === undefined || ANSWERS.has(last.type)) return [];
  const at = last.signedAtMs === null ? '' : ` at ${moment(last.signedAtMs, { asOfMs })}`;
  return [`A refund was requested${at}, and no notification shows the outcome.`];
}

const CLOCK_SKEW_MS = 5 * 60_000;

/** A notification from the future: the state is that of a time before it. */
function clockOf({ events, asOfMs }: PurchaseTimeline): readonly string[] {
  const last = events.findLast(({ uuid, signedAtMs }) => uuid !== null && signedAtMs !== null)?.signedAtMs ?? null;
  if (last === null || last - asOfMs <= CLOCK_SKEW_MS) return [];
  return [
    `A notification was signed at ${moment(last, { asOfMs })}, later than now: check the clock of this machine, unless it is test data.`,
  ];
}

function renewalDetails({ renewal, kind, state }: PurchaseTimeline): readonly string[] {
  if (kind === 'one-time' || state !== 'active') return [];
  if (renewal === null || renewal.isOn === null) return ['No renewal info says if it renews.'];
  return renewal.isOn ? priceIncreaseOf(renewal) : [];
}

/** A commitment is billed by the month: access goes on to its end. */
function commitmentOf({ commitment, asOfMs, state }: PurchaseTimeline): readonly string[] {
  if (commitment === null || state !== 'active') return [];
  const { period, periods, endsAtMs, renews } = commitment;
  const end = endsAtMs === null ? '' : `, until ${moment(endsAtMs, { asOfMs })}`;
  const then = renews === null ? '' : renews ? ', then renews' : ', then ends';
  return [`Payment ${period} of ${periods} of a commitment${end}${then}.`];
}

function priceIncreaseOf({ priceIncrease }: NextRenewal): readonly string[] {
  if (priceIncrease === 'pending') return ['The customer has not yet agreed to the price increase.'];
  return priceIncrease === 'accepted' ? ['The customer agreed to the price increase, or it needs no consent.'] : [];
}

/** `9.99 USD`; null where the price is not known. */
function describePrice(price: SignedPrice | null): string | null {
  return price === null ? null : formatMoney(price.amountMilliunits, price.currency);
}

/** Price and offer of a period: `9.99 USD`, `free trial`. */
function describePeriodPrice({ price, offer }: Pick<Period, 'price' | 'offer'>): string | null {
  const amount = describePrice(price);
  const words = offer === null ? null : (OFFERS[offer.discountType ?? ''] ?? 'offer');
  return [amount, words].filter((part) => part !== null).join(', ') || null;
}

const OFFERS: Readonly<Record<string, string>> = {
  FREE_TRIAL: 'free trial',
  PAY_AS_YOU_GO: 'reduced price',
  PAY_UP_FRONT: 'reduced price, paid up front',
  ONE_TIME: 'reduced price, once',
};

/** Identity of a purchase in short texts, escaped: product, price, id, environment and ownership. */
export function describeIdentity(purchase: PurchaseTimeline): readonly string[] {
  const { productId, kind, id, environment, ownership, periods, bundleId } = purchase;
  const price = periods.findLast((period) => period.price !== null && period.productId === productId);
  const paid = price === undefined ? null : describePeriodPrice(price);
  return [
    showText(productId ?? bundleId ?? 'unknown product'),
    ...(paid === null ? [] : [paid]),
    `${kind === 'subscription' ? 'subscription' : 'purchase'} ${showText(id)}`,
    ...(environment === null ? [] : [showText(environment)]),
    ...(ownership === 'FAMILY_SHARED' ? ['Family Sharing'] : []),
  ];
}

/** `2026-08-31T08:55:54Z (90 days ago)`. */
function moment(ms: number, { asOfMs }: Pick<PurchaseTimeline, 'asOfMs'>): string {
  const text = formatMoment(Math.floor(ms / 1_000) * 1_000);
  return text === null ? 'an impossible date' : `${text} (${formatAge(ms, asOfMs)})`;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
