import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import type { EventContext } from './context.js';
import type { OtherContent } from './events.js';
import { renewalInfoPayload, statusOf } from './nested-payloads.js';
import { type Purchase, transactionPayload } from './purchase.js';
import type { Subscription } from './subscription.js';

/** Notification type and subtype; `subtype` is null or absent for a type sent without one. */
export interface EventName {
  readonly type: string;
  readonly subtype?: string | null;
}

/** Builds the notification of a subscription event. `state` is the subscription after the event. */
export function assembleSubscription(event: EventName, context: EventContext, state: Subscription): BuiltNotification {
  const data = { ...dataOf(context), status: statusOf(state, context.signedMs), ...consumptionReason(event) };
  return {
    notification: envelope(event, context, { data }),
    transaction: transactionPayload(state.purchase, context.app, context.signedMs),
    renewalInfo: renewalInfoPayload(state, context.app, context.signedMs),
  };
}

/** Builds the notification of a one-time purchase: no renewal info, no status. */
export function assemblePurchase(event: EventName, context: EventContext, purchase: Purchase): BuiltNotification {
  return {
    notification: envelope(event, context, { data: { ...dataOf(context), ...consumptionReason(event) } }),
    transaction: transactionPayload(purchase, context.app, context.signedMs),
  };
}

/** Builds the notification of an event without a purchase. */
export function assembleOther(
  event: EventName,
  context: EventContext,
  { container, appTransaction }: OtherContent,
): BuiltNotification {
  return { notification: envelope(event, context, container), ...(appTransaction && { appTransaction }) };
}

/** Fields in the order that Apple sends them. */
function envelope({ type, subtype }: EventName, context: EventContext, container: JsonObject): JsonObject {
  return {
    notificationType: type,
    ...(subtype ? { subtype } : {}),
    notificationUUID: uuidFrom(context.random),
    ...container,
    version: '2.0',
    signedDate: context.signedMs,
  };
}

function dataOf({ app }: EventContext): JsonObject {
  const { appAppleId, bundleId, bundleVersion, environment } = app;
  return { appAppleId, bundleId, bundleVersion, environment };
}

function consumptionReason({ type }: EventName): JsonObject {
  return type === 'CONSUMPTION_REQUEST' ? { consumptionRequestReason: 'UNINTENDED_PURCHASE' } : {};
}

/** An unsigned notification: its payload without the nested tokens, and the payloads of those tokens. */
export interface BuiltNotification {
  readonly notification: JsonObject;
  readonly transaction?: JsonObject;
  readonly renewalInfo?: JsonObject;
  readonly appTransaction?: JsonObject;
}
