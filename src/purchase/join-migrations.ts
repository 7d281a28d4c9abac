import type { PurchaseGroup, PurchaseRecord } from './purchase-record.js';

/**
 * Adds each migration to the Advanced Commerce API to the purchase that it ended: its transaction names that one
 * (apple.md 12.5). Where the notification is missing, the first later transaction that names it stands in.
 */
export function joinMigrations(
  groups: readonly PurchaseGroup[],
  find: (environment: string | null, id: string) => PurchaseGroup | undefined,
): void {
  const joined: { readonly old: PurchaseGroup; readonly records: readonly PurchaseRecord[] }[] = [];
  for (const group of groups) {
    for (const [previousId, records] of recordsByPrevious(group)) {
      const old = find(group.environment, previousId);
      if (old === undefined || old === group) continue;
      const notifications = records.filter(({ type }) => type === MIGRATION);
      const hasGenuine = notifications.some(({ verdict }) => verdict !== 'invalid');
      const chosen = hasGenuine ? notifications : [...notifications, ...firstOf(records)];
      joined.push({ old, records: chosen.map((record) => ({ ...record, ...ENDING, migratedTo: group.id })) });
    }
  }
  for (const { old, records } of joined) old.records.push(...records);
}

export const MIGRATION = 'MIGRATION';

/** The rest of the record is about the new purchase. */
const ENDING = { transaction: null, renewal: null, status: null } as const;

function recordsByPrevious({ records, kind, id }: PurchaseGroup): ReadonlyMap<string, readonly PurchaseRecord[]> {
  const found = new Map<string, PurchaseRecord[]>();
  if (kind === 'one-time') return found;
  for (const record of records) {
    const previousId = record.transaction?.previousId ?? null;
    if (previousId === null || previousId === id) continue;
    const known = found.get(previousId);
    if (known === undefined) found.set(previousId, [record]);
    else known.push(record);
  }
  return found;
}

/** As a transaction: the event of its notification is none of the old purchase. */
function firstOf(records: readonly PurchaseRecord[]): readonly PurchaseRecord[] {
  const [first] = records
    .filter(({ type, verdict, signedMs }) => type !== MIGRATION && verdict !== 'invalid' && signedMs !== null)
    .sort(
      (one, other) => (one.signedMs ?? 0) - (other.signedMs ?? 0) || ((one.uuid ?? '') < (other.uuid ?? '') ? -1 : 1),
    );
  return first === undefined ? [] : [{ ...first, isNotification: false, type: 'transaction', receivedMs: null }];
}
