import type { JsonObject } from '../../jws/json.js';
import { uuidFrom } from '../random.js';
import type { BuiltNotification } from './built.js';
import { type Edits, editNotification } from './edit-notification.js';
import { eventKey, SUBSCRIPTION, usualProduct, wrongProduct } from './events.js';
import { ONE_TIME_EVENTS } from './one-time-events.js';
import { type PayloadOptions, sceneOf } from './options.js';
import { OTHER_EVENTS } from './other-events.js';
import { type ProductType, transactionPayload } from './purchase.js';
import { renewalInfoPayload, statusOf } from './renewal-info.js';
import type { Scene } from './scene.js';
import { SUBSCRIPTION_EVENTS } from './subscription-events.js';

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
  const key = eventKey(options.type, options.subtype ?? null);
  const productType = options.productType ?? usualProduct(key);
  const scene = sceneOf(options, productType);
  const other = OTHER_EVENTS[key];
  if (other !== undefined) {
    const { container, appTransaction } = other(scene);
    return { notification: envelope(options, scene, container), ...(appTransaction && { appTransaction }) };
  }
  return productType === SUBSCRIPTION
    ? buildSubscriptionEvent(options, scene, key)
    : buildOneTimeEvent(options, scene, key, productType);
}

function buildSubscriptionEvent(options: NotificationOptions, scene: Scene, key: string): BuiltNotification {
  const happen = SUBSCRIPTION_EVENTS[key];
  if (happen === undefined) throw wrongProduct(key, SUBSCRIPTION);
  const state = happen(scene);
  const data = { ...dataOf(scene), status: statusOf(state, scene.signedMs), ...consumptionReason(key) };
  return {
    notification: envelope(options, scene, { data }),
    transaction: transactionPayload(state.purchase, scene.app, scene.signedMs),
    renewalInfo: renewalInfoPayload(state, scene.app, scene.signedMs),
  };
}

function buildOneTimeEvent(
  options: NotificationOptions,
  scene: Scene,
  key: string,
  productType: ProductType,
): BuiltNotification {
  const happen = ONE_TIME_EVENTS[key];
  if (happen === undefined) throw wrongProduct(key, productType);
  return {
    notification: envelope(options, scene, { data: { ...dataOf(scene), ...consumptionReason(key) } }),
    transaction: transactionPayload(happen(scene, productType), scene.app, scene.signedMs),
  };
}

/** Field order as Apple's. */
function envelope({ type, subtype }: NotificationOptions, scene: Scene, container: JsonObject): JsonObject {
  return {
    notificationType: type,
    ...(subtype ? { subtype } : {}),
    notificationUUID: uuidFrom(scene.random),
    ...container,
    version: '2.0',
    signedDate: scene.signedMs,
  };
}

function dataOf({ app }: Scene): JsonObject {
  const { appAppleId, bundleId, bundleVersion, environment } = app;
  return { appAppleId, bundleId, bundleVersion, environment };
}

function consumptionReason(key: string): JsonObject {
  return key === 'CONSUMPTION_REQUEST' ? { consumptionRequestReason: 'UNINTENDED_PURCHASE' } : {};
}
