import {
  assembleOther,
  assemblePurchase,
  assembleSubscription,
  type BuiltNotification,
  type EventName,
} from './assemble.js';
import { type Edits, editNotification } from './edits.js';
import {
  defaultProductType,
  eventKey,
  ONE_TIME_EVENTS,
  OTHER_EVENTS,
  productTypeError,
  SUBSCRIPTION,
  SUBSCRIPTION_EVENTS,
} from './events.js';
import { contextOf, type PayloadOptions } from './options.js';

/** The event to build, and the app, product and customer of it. */
export interface NotificationOptions extends PayloadOptions, Edits {
  /** Apple's `notificationType`. */
  readonly type: string;
  /** Apple's `subtype`; null or absent for a type sent without one. */
  readonly subtype?: string | null;
}

/**
 * Builds the notification of one event. Ids, dates, prices, status, transaction and renewal info agree with the event
 * and with each other. The same options give the same result.
 * Throws (usage) `ERR_SIMULATOR_EVENT` for an unknown type or subtype, `ERR_SIMULATOR_PRODUCT_TYPE` for a product type
 * that never gets this event, `ERR_SIMULATOR_PERIOD` and `ERR_SIMULATOR_PATH`.
 */
export function buildNotification(options: NotificationOptions): BuiltNotification {
  return editNotification(buildEvent(options), options);
}

function buildEvent(options: NotificationOptions): BuiltNotification {
  const { type, subtype = null } = options;
  const event: EventName = { type, subtype };
  const key = eventKey(type, subtype);
  const productType = options.productType ?? defaultProductType(key);
  const context = contextOf(options, productType);
  const other = OTHER_EVENTS[key];
  if (other !== undefined) return assembleOther(event, context, other(context));
  if (productType === SUBSCRIPTION) {
    const apply = SUBSCRIPTION_EVENTS[key];
    if (apply === undefined) throw productTypeError(key, productType);
    return assembleSubscription(event, context, apply(context));
  }
  const apply = ONE_TIME_EVENTS[key];
  if (apply === undefined) throw productTypeError(key, productType);
  return assemblePurchase(event, context, apply(context, productType));
}
