import type { PayloadFilter } from '../notification/payload-filter.js';
import { type Flag, InvalidArgumentError } from './flags.js';

const NAMES: readonly (readonly [name: string, value: string, about: string])[] = [
  ['transaction-id', 'id', 'Select this (original) transaction: id, start or …end'],
  ['account-token', 'uuid', 'Select this appAccountToken: whole, start or …end'],
  ['product-id', 'id', 'Select this product; name* for all that start so'],
  ['uuid', 'uuid', 'Select this notificationUUID: whole, start or …end'],
];

/** Flags that select payloads by their ids, see `PayloadFilter`. */
export const ID_FLAGS: readonly Flag[] = NAMES.map(([name, value, about]) => ({ name, value, about, parse: parseId }));

/** Selects by bundle id, for commands in which `--bundle-id` means nothing else. */
export const BUNDLE_ID_FLAG: Flag = {
  name: 'bundle-id',
  value: 'id',
  about: 'Select this app; id* for all that start so',
  parse: parseId,
};

const FIELDS = ['transactionId', 'accountToken', 'productId', 'uuid', 'bundleId'] as const;

/** The conditions among the flags of a command; null where none is set. */
export function filterFrom(flags: PayloadFilter): PayloadFilter | null {
  const set = FIELDS.filter((field) => flags[field] !== undefined);
  return set.length === 0 ? null : Object.fromEntries(set.map((field) => [field, flags[field]]));
}

function parseId(text: string): string {
  if (/\S/.test(text)) return text.trim();
  throw new InvalidArgumentError('It must not be empty.');
}
