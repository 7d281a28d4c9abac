import type { ValueEntry } from './entry.js';
import { LEGACY_VALUES, NOTIFICATION_VALUES } from './values/notification.js';
import { ADVANCED_COMMERCE_VALUES, REFUND_VALUES } from './values/refund.js';
import { SUBSCRIPTION_VALUES } from './values/subscription.js';

/**
 * Value tables, by the name in `values` of a field. All are open: Apple adds values without notice.
 * Source: apple.md sections 3, 4, 5 and 8.
 */
export const VALUES: Readonly<Record<string, readonly ValueEntry[]>> = {
  ...NOTIFICATION_VALUES,
  ...SUBSCRIPTION_VALUES,
  ...REFUND_VALUES,
  ...ADVANCED_COMMERCE_VALUES,
  ...LEGACY_VALUES,
};

const BY_TABLE: ReadonlyMap<string, ReadonlyMap<string, ValueEntry>> = new Map(
  Object.entries(VALUES).map(([name, entries]) => [
    name,
    new Map(entries.map((entry): [string, ValueEntry] => [String(entry.value), entry])),
  ]),
);

/** Finds a value in a table; numbers are also found as strings, the format of version 1 bodies. */
export function findValue(table: string, value: string | number | bigint): ValueEntry | undefined {
  return BY_TABLE.get(table)?.get(String(value));
}
