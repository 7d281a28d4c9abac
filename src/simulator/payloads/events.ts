import { ToolError } from '../../errors.js';
import { ONE_TIME_EVENTS } from './one-time-events.js';
import { OTHER_EVENTS } from './other-events.js';
import type { ProductType } from './purchase.js';
import { SUBSCRIPTION_EVENTS } from './subscription-events.js';

/** A type with one of its subtypes, null for the type without one. */
export interface SimulatedEvent {
  readonly type: string;
  readonly subtype: string | null;
}

export const SUBSCRIPTION: ProductType = 'Auto-Renewable Subscription';

/** Every event that can be built, by name. Source of the list: notificationType and subtype, up to version 2.23. */
export const SIMULATED_EVENTS: readonly SimulatedEvent[] = [
  ...new Set([SUBSCRIPTION_EVENTS, ONE_TIME_EVENTS, OTHER_EVENTS].flatMap((table) => Object.keys(table))),
]
  .sort()
  .map((key) => {
    const [type = '', subtype = null] = key.split('.');
    return { type, subtype };
  });

/** The product an event is about where nothing else is asked for. */
export function usualProduct(key: string): ProductType {
  return key === 'ONE_TIME_CHARGE' || key === 'CONSUMPTION_REQUEST' ? 'Consumable' : SUBSCRIPTION;
}

/** `TYPE` or `TYPE.SUBTYPE` of an event known here; throws `ERR_SIMULATOR_EVENT` (usage) with what there is instead. */
export function eventKey(type: string, subtype: string | null): string {
  const ofType = SIMULATED_EVENTS.filter((event) => event.type === type);
  if (ofType.some((event) => event.subtype === subtype)) return subtype === null ? type : `${type}.${subtype}`;
  const name = subtype === null ? `${type} without a subtype` : `${type} with subtype ${subtype}`;
  throw new ToolError('usage', 'ERR_SIMULATOR_EVENT', `There is no notification ${name}.`, {
    hint:
      ofType.length === 0
        ? `Types: ${[...new Set(SIMULATED_EVENTS.map((event) => event.type))].join(', ')}.`
        : `${type} is sent with: ${ofType.map((event) => event.subtype ?? 'no subtype').join(', ')}.`,
  });
}

/** `ERR_SIMULATOR_PRODUCT_TYPE` (usage). */
export function wrongProduct(key: string, productType: ProductType): ToolError {
  const products =
    key in SUBSCRIPTION_EVENTS ? SUBSCRIPTION : 'Consumable, Non-Consumable or Non-Renewing Subscription';
  return new ToolError('usage', 'ERR_SIMULATOR_PRODUCT_TYPE', `The App Store sends no ${key} for a ${productType}.`, {
    hint: `Leave the product type out, or choose ${products}.`,
  });
}
