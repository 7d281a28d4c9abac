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

const BY_TABLE = new Map<string, ReadonlyMap<string, ValueEntry>>();

/** The values of a table, by their text. Made when first asked for: a payload has few of the forty. */
function tableOf(name: string): ReadonlyMap<string, ValueEntry> {
  const known = BY_TABLE.get(name);
  if (known !== undefined) return known;
  const entries = Object.hasOwn(VALUES, name) ? (VALUES[name] ?? []) : [];
  const table = new Map(entries.map((entry): [string, ValueEntry] => [String(entry.value), entry]));
  BY_TABLE.set(name, table);
  return table;
}

/** Finds a value in a table; numbers are also found as strings, the format of version 1 bodies. */
export function findValue(table: string, value: string | number | bigint): ValueEntry | undefined {
  return tableOf(table).get(String(value));
}
