import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import { type EventContext, midPeriod } from './context.js';
import { planRenewal, type Renewal, type Subscription } from './subscription.js';

/** A subscription for several seats: version 2.23, of which Apple has published field names but few rules. Unconfirmed. */
interface Seats {
  readonly bought: number;
  readonly renewing: number;
  readonly revoked?: number;
}

export function withSeats(scene: EventContext, seats: Seats): Subscription {
  const before = midPeriod(scene);
  const { price } = scene.plan;
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

/** What the developer changed in a subscription of the Advanced Commerce API. */
interface CommerceChange {
  readonly displayName?: string;
  readonly price?: number;
}

/** An Advanced Commerce subscription, whose next renewal carries the change. */
export function withAdvancedCommerce(scene: EventContext, change: CommerceChange): Subscription {
  const before = midPeriod(scene);
  const { plan } = scene;
  const shared: JsonObject = { period: plan.period, requestReferenceId: uuidFrom(scene.random), taxCode: 'C003-00-2' };
  const advancedCommerceInfo: JsonObject = {
    ...shared,
    descriptors: descriptors('Premium'),
    estimatedTax: 0,
    items: [item(scene, 'Premium')],
    taxExclusivePrice: plan.price,
    taxRate: '0.0',
  };
  const purchase = { ...before.purchase, extra: { advancedCommerceInfo } };
  return planRenewal({ ...before, purchase }, commerceRenewal(scene, shared, change));
}

function commerceRenewal(scene: EventContext, shared: JsonObject, change: CommerceChange): Partial<Renewal> {
  const name = change.displayName ?? 'Premium';
  const rise: JsonObject =
    change.price === undefined
      ? {}
      : { priceIncreaseInfo: { dependentSKUs: [], price: change.price, status: 'SCHEDULED' } };
  const advancedCommerceInfo: JsonObject = {
    consistencyToken: uuidFrom(scene.random),
    descriptors: descriptors(name),
    items: [{ ...item(scene, name), ...rise }],
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

function item(scene: EventContext, displayName: string): JsonObject {
  return { SKU: scene.plan.productId, ...descriptors(displayName), price: scene.plan.price };
}
