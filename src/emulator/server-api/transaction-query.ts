import type { Json, JsonObject } from '../../jws/json.js';
import type { ProductType } from '../../simulator/payloads/purchase.js';
import type { Parsed } from './call.js';

/** Validated query of Get Transaction History. An empty list does not filter. */
export interface TransactionQuery {
  /** Milliseconds; the purchase date is at or after it. */
  readonly startMs: number;
  /** Milliseconds; the purchase date is before it. */
  readonly endMs: number;
  readonly productIds: readonly string[];
  /** As in `type` of a transaction. */
  readonly productTypes: readonly string[];
  readonly groupIds: readonly string[];
  /** Null: any. */
  readonly ownership: string | null;
  /** Null: revoked or not. */
  readonly revoked: boolean | null;
  readonly isDescending: boolean;
}

const PRODUCT_TYPES: Readonly<Record<string, ProductType>> = {
  AUTO_RENEWABLE: 'Auto-Renewable Subscription',
  NON_RENEWABLE: 'Non-Renewing Subscription',
  CONSUMABLE: 'Consumable',
  NON_CONSUMABLE: 'Non-Consumable',
};

/** ASSIGNED: since version 2.22 of the notifications. */
const OWNERSHIPS: readonly string[] = ['PURCHASED', 'FAMILY_SHARED', 'ASSIGNED'];

/** Parses the query parameters of Get Transaction History, or returns Apple's error code. Source: docs, Get Transaction History. */
export function parseTransactionQuery(query: URLSearchParams): Parsed<TransactionQuery> {
  const startMs = timestampOf(query.get('startDate'), 0);
  if (startMs === null) return 4000015;
  const endMs = timestampOf(query.get('endDate'), Number.POSITIVE_INFINITY);
  if (endMs === null) return 4000016;
  // Unconfirmed: Apple demands the order and lists no error for it on the page of this call.
  if (startMs >= endMs) return 4000013;
  const productTypes = query.getAll('productType');
  if (!productTypes.every((type) => Object.hasOwn(PRODUCT_TYPES, type))) return 4000022;
  const productIds = query.getAll('productId');
  if (productIds.includes('')) return 4000023;
  const groupIds = query.getAll('subscriptionGroupIdentifier');
  if (groupIds.includes('')) return 4000024;
  const ownership = query.get('inAppOwnershipType');
  if (ownership !== null && !OWNERSHIPS.includes(ownership)) return 4000026;
  const sort = query.get('sort') ?? 'ASCENDING';
  if (sort !== 'ASCENDING' && sort !== 'DESCENDING') return 4000021;
  const revoked = query.get('revoked');
  if (!isFlag(revoked)) return 4000030;
  // Deprecated: `excludeRevoked=true` is `revoked=false`.
  const excludeRevoked = query.get('excludeRevoked');
  if (!isFlag(excludeRevoked)) return 4000025;
  return {
    ...{ startMs, endMs, productIds, groupIds, ownership },
    productTypes: productTypes.map((type) => PRODUCT_TYPES[type]!),
    revoked: revoked === null ? (excludeRevoked === 'true' ? false : null) : revoked === 'true',
    isDescending: sort === 'DESCENDING',
  };
}

function isFlag(text: string | null): boolean {
  return text === null || text === 'true' || text === 'false';
}

/** Milliseconds since the epoch; null if the text is no such number. */
function timestampOf(text: string | null, absent: number): number | null {
  if (text === null) return absent;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** A transaction has to match every filter, and one value of each. */
export function matchesTransaction(payload: JsonObject, query: TransactionQuery): boolean {
  const { purchaseDate, productId, type, subscriptionGroupIdentifier, inAppOwnershipType, revocationDate } = payload;
  const purchasedMs = typeof purchaseDate === 'number' ? purchaseDate : 0;
  if (purchasedMs < query.startMs || purchasedMs >= query.endMs) return false;
  if (!isOneOf(productId, query.productIds) || !isOneOf(type, query.productTypes)) return false;
  if (!isOneOf(subscriptionGroupIdentifier, query.groupIds)) return false;
  if (query.ownership !== null && inAppOwnershipType !== query.ownership) return false;
  return query.revoked === null || query.revoked === (revocationDate !== undefined);
}

function isOneOf(value: Json | undefined, wanted: readonly string[]): boolean {
  return wanted.length === 0 || (typeof value === 'string' && wanted.includes(value));
}
