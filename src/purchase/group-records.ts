import { joinMigrations } from './join-migrations.js';
import type { FoldedPurchases, PurchaseDocument } from './purchase.js';
import { type PurchaseGroup, type PurchaseRecord, purchaseRecord } from './purchase-record.js';

/** Groups documents by environment and originalTransactionId, one-time purchases by transactionId. */
export function groupRecords(documents: readonly PurchaseDocument[]): {
  readonly groups: readonly PurchaseGroup[];
  readonly others: FoldedPurchases['others'];
} {
  const groups = new Map<string, PurchaseGroup>();
  const rest: PurchaseRecord[] = [];
  for (const [position, document] of documents.entries()) {
    const record = purchaseRecord(document, position);
    const purchase = purchaseOf(record);
    if (purchase === null) {
      rest.push(record);
      continue;
    }
    const key = groupKey(record.environment, purchase);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ...purchase, environment: record.environment, records: [record] });
    else group.records.push(record);
  }
  joinMigrations([...groups.values()], (environment, id) =>
    groups.get(groupKey(environment, { id, kind: 'subscription' })),
  );
  const found = [...groups.values()].flatMap(splitGroup);
  const customers = groupsByCustomer(found);
  const others = rest.filter((record) => !joinConsent(record, customers));
  return { groups: found, others: others.map((record) => ({ index: record.position, reason: reasonOf(record) })) };
}

function groupKey(environment: string | null, { kind, id }: Pick<PurchaseGroup, 'id' | 'kind'>): string {
  return JSON.stringify([environment, kind, id]);
}

/** Ids are unique for Apple alone: test data of two apps, or two purchases in Xcode (id 0), may have the same one. */
function splitGroup(group: PurchaseGroup): readonly PurchaseGroup[] {
  const isOfXcode = group.kind === 'one-time' && group.id === '0';
  const keyOf = ({ bundleId, transaction }: PurchaseRecord): string | null =>
    isOfXcode ? (transaction?.productId ?? bundleId) : bundleId;
  const keys = new Set(group.records.flatMap((record) => keyOf(record) ?? []));
  if (keys.size < 2) return [group];
  const [firstKey = null] = [...keys].sort();
  const parts = new Map<string | null, PurchaseRecord[]>();
  for (const record of group.records) {
    const key = keyOf(record) ?? firstKey;
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [record]);
    else part.push(record);
  }
  return [...parts.values()].map((records) => ({ ...group, records }));
}

/** Transaction types without renewal info (apple.md 4.1). */
const ONE_TIME: ReadonlySet<string | null> = new Set(['Consumable', 'Non-Consumable', 'Non-Renewing Subscription']);

function purchaseOf({ transaction, renewal }: PurchaseRecord): Pick<PurchaseGroup, 'id' | 'kind'> | null {
  const isOneTime =
    transaction !== null &&
    (ONE_TIME.has(transaction.type) ||
      (transaction.type === null && transaction.expiresMs === null && renewal === null));
  const original = transaction?.originalId ?? renewal?.originalId ?? null;
  const id = isOneTime ? (transaction.id ?? original) : (original ?? transaction?.id ?? null);
  return id === null ? null : { id, kind: isOneTime ? 'one-time' : 'subscription' };
}

/** Purchases by environment and appTransactionId: the installation of a customer. */
function groupsByCustomer(groups: readonly PurchaseGroup[]): ReadonlyMap<string, ReadonlySet<PurchaseGroup>> {
  const customers = new Map<string, Set<PurchaseGroup>>();
  for (const group of groups) {
    for (const record of group.records) {
      const key = customerKey(record);
      if (key === null) continue;
      const known = customers.get(key);
      if (known === undefined) customers.set(key, new Set([group]));
      else known.add(group);
    }
  }
  return customers;
}

function customerKey({ environment, appTransactionId }: PurchaseRecord): string | null {
  return appTransactionId === null ? null : JSON.stringify([environment, appTransactionId]);
}

/** A withdrawn consent names an installation: it belongs to every purchase of that customer. False if there is none. */
function joinConsent(record: PurchaseRecord, customers: ReadonlyMap<string, ReadonlySet<PurchaseGroup>>): boolean {
  const key = record.type === 'RESCIND_CONSENT' ? customerKey(record) : null;
  const groups = key === null ? undefined : customers.get(key);
  for (const group of groups ?? []) group.records.push(record);
  return groups !== undefined;
}

function reasonOf({ document, type }: PurchaseRecord): string {
  switch (document.kind) {
    case 'notification':
      return REASONS.get(type) ?? 'the notification has no transaction with an id';
    case 'appTransaction':
      return 'an app transaction describes the app, not a purchase';
    case 'realtimeRequest':
      return 'a retention message request is not a notification';
    case 'notificationV1':
      return 'version 1 notifications are not signed';
    case 'unknown':
      return 'not a payload of the App Store';
    default:
      return 'the payload has no transaction id';
  }
}

const EXTERNAL = 'an external purchase is not a transaction of the App Store';

const REASONS: ReadonlyMap<string, string> = new Map([
  ['TEST', 'a TEST notification is about no purchase'],
  ['RENEWAL_EXTENSION.SUMMARY', 'a summary is about many purchases and names none'],
  ['RESCIND_CONSENT', 'no purchase here is of the installation that it names'],
  ['UNCLAIM_SEATS', 'it names seats, not the purchase that they are of'],
  ['EXTERNAL_PURCHASE_TOKEN.CREATED', EXTERNAL],
  ['EXTERNAL_PURCHASE_TOKEN.UNREPORTED', EXTERNAL],
  ['EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER', EXTERNAL],
]);
