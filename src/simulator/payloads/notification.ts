import {
  assembleOther,
  assemblePurchase,
  assembleSubscription,
  type BuiltNotification,
  type EventName,
} from './assemble.js';
import { type Edits, editNotification } from './edits.js';
import {
  eventKey,
  ONE_TIME_EVENTS,
  OTHER_EVENTS,
  SUBSCRIPTION,
  SUBSCRIPTION_EVENTS,
  usualProduct,
  wrongProduct,
} from './events.js';
import { type PayloadOptions, sceneOf } from './options.js';

export interface NotificationOptions extends PayloadOptions, Edits {
  /** `notificationType`, as Apple spells it. */
  readonly type: string;
  /** `subtype`; left out or null for a type sent without one. */
  readonly subtype?: string | null;
}

/**
 * Builds the notification of one event: ids, dates, prices, status, transaction and renewal info agree with it and
 * with each other. The same options give the same result.
 * Throws (usage) `ERR_SIMULATOR_EVENT` for a type or subtype unknown here, `ERR_SIMULATOR_PRODUCT_TYPE` for one that the
 * product cannot have, `ERR_SIMULATOR_PERIOD` and `ERR_SIMULATOR_PATH`.
 */
export function buildNotification(options: NotificationOptions): BuiltNotification {
  return editNotification(buildEvent(options), options);
}

function buildEvent(options: NotificationOptions): BuiltNotification {
  const { type, subtype = null } = options;
  const event: EventName = { type, subtype };
  const key = eventKey(type, subtype);
  const productType = options.productType ?? usualProduct(key);
  const scene = sceneOf(options, productType);
  const other = OTHER_EVENTS[key];
  if (other !== undefined) return assembleOther(event, scene, other(scene));
  if (productType === SUBSCRIPTION) {
    const happen = SUBSCRIPTION_EVENTS[key];
    if (happen === undefined) throw wrongProduct(key, productType);
    return assembleSubscription(event, scene, happen(scene));
  }
  const happen = ONE_TIME_EVENTS[key];
  if (happen === undefined) throw wrongProduct(key, productType);
  return assemblePurchase(event, scene, happen(scene, productType));
}
