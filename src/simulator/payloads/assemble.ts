import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import type { EventContext } from './context.js';
import type { OtherContent } from './events.js';
import { renewalInfoPayload, statusOf } from './nested-payloads.js';
import { type Purchase, transactionPayload } from './purchase.js';
import type { Subscription } from './subscription.js';

/** A type with its subtype; null or left out for a type sent without one. */
export interface EventName {
  readonly type: string;
  readonly subtype?: string | null;
}

/** The notification of an event, given the subscription as it stands once the event has happened. */
export function assembleSubscription(event: EventName, scene: EventContext, state: Subscription): BuiltNotification {
  const data = { ...dataOf(scene), status: statusOf(state, scene.signedMs), ...consumptionReason(event) };
  return {
    notification: envelope(event, scene, { data }),
    transaction: transactionPayload(state.purchase, scene.app, scene.signedMs),
    renewalInfo: renewalInfoPayload(state, scene.app, scene.signedMs),
  };
}

/** The same of a product bought once: no renewal info, no status. */
export function assemblePurchase(event: EventName, scene: EventContext, purchase: Purchase): BuiltNotification {
  return {
    notification: envelope(event, scene, { data: { ...dataOf(scene), ...consumptionReason(event) } }),
    transaction: transactionPayload(purchase, scene.app, scene.signedMs),
  };
}

/** The same of an event that is not about one purchase. */
export function assembleOther(
  event: EventName,
  scene: EventContext,
  { container, appTransaction }: OtherContent,
): BuiltNotification {
  return { notification: envelope(event, scene, container), ...(appTransaction && { appTransaction }) };
}

/** Field order as Apple's. */
function envelope({ type, subtype }: EventName, scene: EventContext, container: JsonObject): JsonObject {
  return {
    notificationType: type,
    ...(subtype ? { subtype } : {}),
    notificationUUID: uuidFrom(scene.random),
    ...container,
    version: '2.0',
    signedDate: scene.signedMs,
  };
}

function dataOf({ app }: EventContext): JsonObject {
  const { appAppleId, bundleId, bundleVersion, environment } = app;
  return { appAppleId, bundleId, bundleVersion, environment };
}

function consumptionReason({ type }: EventName): JsonObject {
  return type === 'CONSUMPTION_REQUEST' ? { consumptionRequestReason: 'UNINTENDED_PURCHASE' } : {};
}

/** A notification before it is signed: the payload without its nested tokens, and what goes into those. */
export interface BuiltNotification {
  readonly notification: JsonObject;
  readonly transaction?: JsonObject;
  readonly renewalInfo?: JsonObject;
  readonly appTransaction?: JsonObject;
}
