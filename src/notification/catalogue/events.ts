import type { EventEntry } from './entry.js';
import { PURCHASE_EVENTS } from './events/purchase.js';
import { ADVANCED_COMMERCE_EVENTS, SERVICE_EVENTS } from './events/service.js';
import { CHANGE_EVENTS, FORMER_EVENTS, LIFE_EVENTS } from './events/subscription.js';

/**
 * Every pair of notificationType and subtype that Apple sends today. Apple adds more without notice, so a pair that
 * is not in this table may be newer, and is not an error. Source: apple.md section 5.
 */
export const EVENTS: readonly EventEntry[] = [
  ...LIFE_EVENTS,
  ...CHANGE_EVENTS,
  ...PURCHASE_EVENTS,
  ...ADVANCED_COMMERCE_EVENTS,
  ...SERVICE_EVENTS,
];

let byTypes: ReturnType<typeof byType> | null = null;

function byType(events: readonly EventEntry[]): ReadonlyMap<string, ReadonlyMap<string | null, EventEntry>> {
  const types = new Map<string, Map<string | null, EventEntry>>();
  for (const event of events) {
    const subtypes = types.get(event.type) ?? new Map<string | null, EventEntry>();
    types.set(event.type, subtypes.set(event.subtype, event));
  }
  return types;
}

/** Finds the entry of a type and subtype (null: sent without one), including pairs sent before 2024; undefined for an unknown pair. */
export function findEvent(type: string, subtype: string | null): EventEntry | undefined {
  byTypes ??= byType([...EVENTS, ...FORMER_EVENTS]);
  return byTypes.get(type)?.get(subtype);
}

/** Entries of a type as Apple sends it today; empty for an unknown type. */
export function eventsOfType(type: string): readonly EventEntry[] {
  return EVENTS.filter((event) => event.type === type);
}
