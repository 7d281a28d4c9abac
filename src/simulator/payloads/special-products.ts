import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import { type EventContext, midPeriod } from './context.js';
import { laterId, newTransactionId } from './purchase.js';
import { planRenewal, type Renewal, type Subscription } from './subscription.js';

/** Subscription with several seats (version 2.23). `quantity` is the number of seats. */
interface Seats {
  readonly bought: number;
  readonly renewing: number;
  readonly revoked?: number;
}

export function withSeats(context: EventContext, seats: Seats, before = midPeriod(context)): Subscription {
  const { price } = context.plan;
  const multiSeatInfo: JsonObject = {
    invitationManagement: 'APPLE',
    priceTiers: [{ price, quantity: seats.bought }],
    ...(seats.revoked === undefined ? {} : { revokedSeatQuantity: seats.revoked }),
  };
  const purchase = { ...before.purchase, quantity: seats.bought, extra: { multiSeatInfo } };
  const renewalTiers: JsonObject = { renewalPriceTiers: [{ price, quantity: seats.renewing }] };
  return planRenewal(
    { ...before, purchase },
    { extra: { renewalQuantity: seats.renewing, multiSeatInfo: renewalTiers } },
  );
}

interface AddedSeats {
  readonly before: number;
  readonly added: number;
}

/**
 * Seats added during a period: an additional transaction covers the added seats until the end of the period, and has
 * `additionalTransactionReason`, as the earlier transaction of the period has from then on.
 */
export function withAddedSeats(
  context: EventContext,
  { before, added }: AddedSeats,
  earlier = midPeriod(context),
): Subscription {
  const state = withSeats(context, { bought: added, renewing: before + added }, earlier);
  const { purchase } = state;
  const { subscription } = purchase;
  const additional = {
    ...purchase,
    transactionId: laterId(purchase.transactionId),
    purchaseMs: context.eventMs,
    reason: 'PURCHASE' as const,
    extra: { ...purchase.extra, additionalTransactionReason: 'SEAT_ADDITION' },
    ...(subscription && {
      subscription: { ...subscription, webOrderLineItemId: laterId(subscription.webOrderLineItemId) },
    }),
  };
  return { ...state, purchase: additional };
}

/** Change of a subscription by the Advanced Commerce API. */
interface CommerceChange {
  readonly displayName?: string;
  readonly price?: number;
}

/** Subscription that was migrated to the Advanced Commerce API: its transaction names the one it replaces. */
export function migrated(context: EventContext, before = midPeriod(context)): Subscription {
  const state = withAdvancedCommerce(context, {}, before);
  const previousOriginalTransactionId = newTransactionId(context.app, context.random);
  const extra = { ...state.purchase.extra, previousOriginalTransactionId };
  return { ...state, purchase: { ...state.purchase, extra } };
}

/** Advanced Commerce subscription. The change takes effect with the next renewal. */
export function withAdvancedCommerce(
  context: EventContext,
  change: CommerceChange,
  before = midPeriod(context),
): Subscription {
  const { plan } = context;
  const shared: JsonObject = {
    period: plan.period,
    requestReferenceId: uuidFrom(context.random),
    taxCode: 'C003-00-2',
  };
  const advancedCommerceInfo: JsonObject = {
    ...shared,
    descriptors: descriptors('Premium'),
    estimatedTax: 0,
    items: [item(context, 'Premium')],
    taxExclusivePrice: plan.price,
    taxRate: '0.0',
  };
  const purchase = { ...before.purchase, extra: { advancedCommerceInfo } };
  return planRenewal({ ...before, purchase }, commerceRenewal(context, shared, change));
}

function commerceRenewal(context: EventContext, shared: JsonObject, change: CommerceChange): Partial<Renewal> {
  const name = change.displayName ?? 'Premium';
  // SCHEDULED means that the customer has not been told, so renewal info has no priceIncreaseStatus.
  const rise: JsonObject =
    change.price === undefined
      ? {}
      : { priceIncreaseInfo: { dependentSKUs: [], price: change.price, status: 'SCHEDULED' } };
  const advancedCommerceInfo: JsonObject = {
    consistencyToken: uuidFrom(context.random),
    descriptors: descriptors(name),
    items: [{ ...item(context, name), ...rise }],
    ...shared,
  };
  return { extra: { advancedCommerceInfo } };
}

function descriptors(displayName: string): JsonObject {
  return { description: `${displayName} membership`, displayName };
}

function item(context: EventContext, displayName: string): JsonObject {
  return { SKU: context.plan.productId, ...descriptors(displayName), price: context.plan.price };
}
