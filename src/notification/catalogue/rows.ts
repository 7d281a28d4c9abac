import type { EventEntry, FieldEntry, FieldType, ValueEntry } from './entry.js';

/** One row of a field table: name, JSON type, what it says, version that introduced it, and the table or object it points to. */
export function field(
  name: string,
  type: FieldType,
  meaning: string,
  since: string | null,
  link: Pick<FieldEntry, 'values' | 'of'> = {},
): FieldEntry {
  return { name, type, meaning, since, ...link };
}

/** One row of a value table. */
export function value(value: string | number, meaning: string, since: string | null): ValueEntry {
  return { value, meaning, since };
}

type EventRow = (
  type: string,
  subtype: string | null,
  since: string | null,
  title: string,
  meaning: string,
) => EventEntry;

/** A row maker for events that carry the same things. Renewal info follows from Apple's rule: auto-renewable subscriptions only. */
export function eventsThatCarry(
  carries: EventEntry['carries'],
  transaction: boolean,
  renewalInfo: EventEntry['renewalInfo'],
): EventRow {
  return (type, subtype, since, title, meaning) => ({
    type,
    subtype,
    since,
    title,
    meaning,
    carries,
    transaction,
    renewalInfo,
  });
}
