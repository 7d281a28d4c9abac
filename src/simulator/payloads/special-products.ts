import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import { type EventContext, midPeriod } from './context.js';
import { planRenewal, type Renewal, type Subscription } from './subscription.js';

/** Subscription with several seats (version 2.23). Unconfirmed: Apple documents the field names but few rules. */
interface Seats {
  readonly bought: number;
  readonly renewing: number;
  readonly revoked?: number;
}

export function withSeats(context: EventContext, seats: Seats): Subscription {
  const before = midPeriod(context);
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

/** Change of a subscription by the Advanced Commerce API. */
interface CommerceChange {
  readonly displayName?: string;
  readonly price?: number;
}

/** Advanced Commerce subscription. The change takes effect with the next renewal. */
export function withAdvancedCommerce(context: EventContext, change: CommerceChange): Subscription {
  const before = midPeriod(context);
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
  return {
    extra: { advancedCommerceInfo },
    ...(change.price === undefined ? {} : { priceIncrease: { status: 1, price: change.price } }),
  };
}

function descriptors(displayName: string): JsonObject {
  return { description: `${displayName} membership`, displayName };
}

function item(context: EventContext, displayName: string): JsonObject {
  return { SKU: context.plan.productId, ...descriptors(displayName), price: context.plan.price };
}
