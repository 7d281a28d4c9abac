import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../../jws/json.js';
import { orderIdOf } from './order-id.js';
import type { StoreEvent } from './store-event.js';

/** A transaction in its present state. */
export interface StoredTransaction {
  readonly transactionId: string;
  readonly originalTransactionId: string;
  readonly appTransactionId: string | null;
  readonly orderId: string;
  /** JWSTransactionDecodedPayload as last signed. */
  readonly payload: JsonObject;
  /** Time of the notification that `payload` is from, in milliseconds. */
  readonly signedMs: number;
  /** Grows with every change of a transaction: the order of Apple's "recently modified date". */
  readonly modified: number;
  /** `TYPE` or `TYPE.SUBTYPE` of the notification that `payload` is from. */
  readonly event: string;
}

/** Last status and renewal info of an auto-renewable subscription, with its latest transaction. */
export interface StoredSubscription {
  readonly originalTransactionId: string;
  readonly groupId: string;
  /** 1 active, 2 expired, 3 billing retry, 4 billing grace period, 5 revoked. */
  readonly status: number;
  readonly transaction: JsonObject;
  readonly renewalInfo: JsonObject;
}

/** All transactions with one originalTransactionId. */
interface Family {
  readonly transactionIds: Set<string>;
  /** Transactions that began with an upgrade. */
  readonly upgrades: Set<string>;
  renewal: { readonly signedMs: number; readonly status: number; readonly payload: JsonObject } | null;
}

const SUBSCRIPTION_TYPE = 'Auto-Renewable Subscription';

/**
 * Purchases of one environment, from the notifications about them. The latest `signedDate` decides, not the order of arrival. Nothing
 * renews or expires by itself: the state is that of the last notification. In memory, and bounded: beyond the limit the transaction that was
 * unchanged for longest is dropped.
 */
export class PurchaseStore {
  readonly #limit: number;
  /** In the order of their last change. */
  readonly #transactions = new Map<string, StoredTransaction>();
  readonly #families = new Map<string, Family>();
  /** originalTransactionIds by appTransactionId, which all purchases of a customer share. */
  readonly #customers = new Map<string, Set<string>>();
  readonly #orders = new Map<string, string>();
  #changes = 0;

  /** `limit`: number of transactions to keep. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  record(event: StoreEvent): void {
    const { transactionId, originalTransactionId } = event.transaction;
    const before = this.#transactions.get(transactionId);
    // Edited notifications only: a transaction of Apple's never changes its original.
    if (before !== undefined && before.originalTransactionId !== originalTransactionId) {
      if (before.signedMs > event.signedMs) return;
      this.#drop(before);
    }
    const family = this.#families.get(originalTransactionId) ?? newFamily();
    this.#families.set(originalTransactionId, family);
    family.transactionIds.add(transactionId);
    if (event.name.endsWith('.UPGRADE')) family.upgrades.add(transactionId);
    this.#recordTransaction(event);
    if (event.renewalInfo !== null && event.signedMs >= (family.renewal?.signedMs ?? 0)) {
      family.renewal = { signedMs: event.signedMs, status: currentStatus(event), payload: event.renewalInfo };
    }
    if (family.upgrades.has(transactionId)) this.#touch(this.#upgradedBy(family, transactionId));
    while (this.#transactions.size > this.#limit) this.#dropOldest();
  }

  /** Payload of a transaction in its present state. */
  payloadOf({ transactionId, originalTransactionId, payload }: StoredTransaction): JsonObject {
    const family = this.#families.get(originalTransactionId);
    const isUpgraded = [...(family?.upgrades ?? [])].some((id) => this.#upgradedBy(family!, id) === transactionId);
    return isUpgraded ? { ...payload, isUpgraded: true } : payload;
  }

  find(transactionId: string): StoredTransaction | undefined {
    return this.#transactions.get(transactionId);
  }

  findOrder(orderId: string): StoredTransaction | undefined {
    const transactionId = this.#orders.get(orderId);
    return transactionId === undefined ? undefined : this.#transactions.get(transactionId);
  }

  isAppTransaction(id: string): boolean {
    return this.#customers.has(id);
  }

  /** Transactions of the customer who owns a transactionId, originalTransactionId or appTransactionId, the last changed one last; null if the id is unknown. */
  ofCustomer(anyId: string): readonly StoredTransaction[] | null {
    const originals = this.#originalsOf(anyId);
    if (originals.size === 0) return null;
    const transactions = [...originals].flatMap((original) =>
      [...(this.#families.get(original)?.transactionIds ?? [])].flatMap((id) => this.#transactions.get(id) ?? []),
    );
    return transactions.sort((a, b) => a.modified - b.modified);
  }

  /** Auto-renewable subscriptions of that customer; null if the id is unknown. */
  subscriptionsOf(anyId: string): readonly StoredSubscription[] | null {
    const originals = this.#originalsOf(anyId);
    if (originals.size === 0) return null;
    return [...originals].flatMap((original) => this.#subscription(original) ?? []);
  }

  /** The last changed transactions, the latest last. */
  latest(count: number): readonly StoredTransaction[] {
    return [...this.#transactions.values()].slice(-count);
  }

  get size(): number {
    return this.#transactions.size;
  }

  #recordTransaction({ transaction, signedMs, name }: StoreEvent): void {
    const { transactionId, originalTransactionId, appTransactionId } = transaction;
    const before = this.#transactions.get(transactionId);
    if (before !== undefined && before.signedMs > signedMs) return;
    const isSame = before !== undefined && isDeepStrictEqual(undated(before.payload), undated(transaction));
    const customer = typeof appTransactionId === 'string' ? appTransactionId : null;
    const orderId = orderIdOf(transactionId);
    const after: StoredTransaction = {
      ...{ transactionId, originalTransactionId, appTransactionId: customer, orderId, payload: transaction, signedMs },
      modified: isSame ? before.modified : this.#nextChange(),
      event: isSame ? before.event : name,
    };
    if (!isSame) this.#transactions.delete(transactionId);
    this.#transactions.set(transactionId, after);
    this.#orders.set(orderId, transactionId);
    this.#forgetCustomer(originalTransactionId, before?.appTransactionId ?? null);
    if (customer !== null) {
      const originals = this.#customers.get(customer) ?? new Set();
      this.#customers.set(customer, originals.add(originalTransactionId));
    }
  }

  #nextChange(): number {
    this.#changes += 1;
    return this.#changes;
  }

  /** Marks a transaction as changed. */
  #touch(transactionId: string | null): void {
    const found = transactionId === null ? undefined : this.#transactions.get(transactionId);
    if (found === undefined) return;
    this.#transactions.delete(found.transactionId);
    this.#transactions.set(found.transactionId, { ...found, modified: this.#nextChange() });
  }

  /** The transaction that an upgrade ended: the latest before it. */
  #upgradedBy({ transactionIds }: Family, upgradeId: string): string | null {
    const upgrade = this.#transactions.get(upgradeId);
    if (upgrade === undefined) return null;
    let latest: StoredTransaction | null = null;
    for (const id of transactionIds) {
      const other = this.#transactions.get(id);
      if (other === undefined || purchasedMs(other) >= purchasedMs(upgrade)) continue;
      if (latest === null || purchasedMs(other) > purchasedMs(latest)) latest = other;
    }
    return latest?.transactionId ?? null;
  }

  #originalsOf(anyId: string): ReadonlySet<string> {
    const original = this.#transactions.get(anyId)?.originalTransactionId ?? anyId;
    const named = this.#families.has(original) ? [original] : [...(this.#customers.get(anyId) ?? [])];
    const customers = named.flatMap((each) => this.#customersOf(each));
    return new Set([...named, ...customers.flatMap((customer) => [...(this.#customers.get(customer) ?? [])])]);
  }

  #customersOf(original: string): readonly string[] {
    const ids = [...(this.#families.get(original)?.transactionIds ?? [])];
    return [...new Set(ids.flatMap((id) => this.#transactions.get(id)?.appTransactionId ?? []))];
  }

  #subscription(original: string): StoredSubscription | null {
    const family = this.#families.get(original);
    const transactions = [...(family?.transactionIds ?? [])].flatMap((id) => this.#transactions.get(id) ?? []);
    const latest = transactions.reduce<StoredTransaction | null>(
      (found, each) => (found === null || purchasedMs(each) >= purchasedMs(found) ? each : found),
      null,
    );
    if (latest === null || family?.renewal == null || latest.payload.type !== SUBSCRIPTION_TYPE) return null;
    const { subscriptionGroupIdentifier } = latest.payload;
    return {
      originalTransactionId: original,
      groupId: typeof subscriptionGroupIdentifier === 'string' ? subscriptionGroupIdentifier : '',
      status: family.renewal.status,
      transaction: this.payloadOf(latest),
      renewalInfo: family.renewal.payload,
    };
  }

  #dropOldest(): void {
    const [oldest] = this.#transactions.values();
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop({ transactionId, originalTransactionId, appTransactionId, orderId }: StoredTransaction): void {
    this.#transactions.delete(transactionId);
    this.#orders.delete(orderId);
    const family = this.#families.get(originalTransactionId);
    family?.transactionIds.delete(transactionId);
    family?.upgrades.delete(transactionId);
    this.#forgetCustomer(originalTransactionId, appTransactionId);
    if (family?.transactionIds.size === 0) this.#families.delete(originalTransactionId);
  }

  /** Takes a family from a customer who has no transaction of it left. */
  #forgetCustomer(original: string, customer: string | null): void {
    if (customer === null || this.#customersOf(original).includes(customer)) return;
    const originals = this.#customers.get(customer);
    originals?.delete(original);
    if (originals?.size === 0) this.#customers.delete(customer);
  }
}

function newFamily(): Family {
  return { transactionIds: new Set(), upgrades: new Set(), renewal: null };
}

function purchasedMs({ payload }: StoredTransaction): number {
  return typeof payload.purchaseDate === 'number' ? payload.purchaseDate : 0;
}

function undated({ signedDate: _signedDate, ...payload }: JsonObject): JsonObject {
  return payload;
}

/** `data.status`, or the status that the nested payloads imply where a notification was edited to have none. */
function currentStatus({ status, transaction, renewalInfo, signedMs }: StoreEvent): number {
  if (status !== null) return status;
  if (transaction.revocationDate !== undefined) return 5;
  if (renewalInfo?.isInBillingRetryPeriod === true) {
    return isAfter(renewalInfo.gracePeriodExpiresDate, signedMs) ? 4 : 3;
  }
  return isAfter(transaction.expiresDate, signedMs) ? 1 : 2;
}

function isAfter(date: Json | undefined, moment: number): boolean {
  return typeof date === 'number' && date > moment;
}
