import { days } from './period.js';
import type { ProductType, Purchase } from './purchase.js';
import { oneTimePurchase, type Scene } from './scene.js';

type OneTimeEvent = (scene: Scene, productType: ProductType) => Purchase;

const boughtEarlier: OneTimeEvent = (scene, productType) =>
  oneTimePurchase(scene, productType, scene.eventMs - days(2));

/** The purchase of a product bought once, as it stands once the event has happened. */
export const ONE_TIME_EVENTS: Readonly<Record<string, OneTimeEvent>> = {
  ONE_TIME_CHARGE: (scene, productType) => oneTimePurchase(scene, productType),
  CONSUMPTION_REQUEST: boughtEarlier,
  REFUND: (scene, productType) => ({
    ...boughtEarlier(scene, productType),
    revocation: { atMs: scene.eventMs, reason: 0, type: 'REFUND_FULL', percentage: 100_000 },
  }),
  REFUND_DECLINED: boughtEarlier,
  REFUND_REVERSED: boughtEarlier,
  REVOKE: (scene, productType) => ({
    ...boughtEarlier(scene, productType),
    ownership: 'FAMILY_SHARED',
    revocation: { atMs: scene.eventMs, reason: 0, type: 'FAMILY_REVOKE' },
  }),
};
