import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { PayloadDocument } from './document.js';
import { factsOf, outerPayload } from './facts.js';

/**
 * Selects payloads by their ids; all conditions that are set must hold. Opaque ids count from their beginning, UUIDs in any letter case.
 * Names of products and bundles count whole, since `com.example.app` also begins `com.example.app.beta`; a final `*` selects by beginning. A `…` or `*` in
 * front selects by the end, which is what lists show.
 */
export interface PayloadFilter {
  /** originalTransactionId or transactionId. */
  readonly transactionId?: string;
  /** appAccountToken. */
  readonly accountToken?: string;
  readonly productId?: string;
  /** notificationUUID. */
  readonly uuid?: string;
  readonly bundleId?: string;
}

export type FilterField = keyof PayloadFilter;

/** Ids of a payload by the condition that compares them; empty where it has none. As signed: untrusted. */
export type PayloadIds = Readonly<Record<FilterField, readonly string[]>>;

/** Fields with a condition. */
export function conditionsOf(filter: PayloadFilter): readonly FilterField[] {
  return (Object.keys(filter) as FilterField[]).filter((field) => filter[field] !== undefined);
}

export function matchesIds(ids: PayloadIds, filter: PayloadFilter): boolean {
  return conditionsOf(filter).every((field) => matchesField(field, ids[field], filter[field]!));
}

/** True if one of the ids of a field meets its condition. */
export function matchesField(field: FilterField, ids: readonly string[], wanted: string): boolean {
  const end = endOf(wanted);
  if (field !== 'productId' && field !== 'bundleId') {
    const part = (end ?? wanted).toLowerCase();
    return ids.some((id) => (end === null ? id.toLowerCase().startsWith(part) : id.toLowerCase().endsWith(part)));
  }
  if (end !== null) return ids.some((id) => id.endsWith(end));
  return wanted.endsWith('*') ? ids.some((id) => id.startsWith(wanted.slice(0, -1))) : ids.some((id) => id === wanted);
}

/** The end of an id, as lists show it: `…389034`, or `*389034` where `…` is hard to type; null for any other value. */
export function endOf(wanted: string): string | null {
  return /^[…*](.+)$/.exec(wanted)?.[1] ?? null;
}

/** `unreadable`: the part that would hold an id cannot be decoded, so the payload may be the one that is looked for. */
export type FilterResult = 'match' | 'other' | 'unreadable';

/** Applies a filter to a document, decoded or verified; never throws. */
export function filterDocument(document: PayloadDocument, filter: PayloadFilter): FilterResult {
  const ids = payloadIdsOf(document);
  const failed = conditionsOf(filter).filter((field) => !matchesField(field, ids[field], filter[field]!));
  if (failed.length === 0) return 'match';
  if (outerPayload(document) === null) return 'unreadable';
  return isDamaged(document) && failed.every((field) => NESTED.includes(field)) ? 'unreadable' : 'other';
}

/** Fields whose value is in a nested token. */
const NESTED: readonly FilterField[] = ['transactionId', 'accountToken', 'productId'];

function isDamaged({ problems = [], verification }: PayloadDocument): boolean {
  return (
    problems.length > 0 ||
    verification?.checks.some(({ ok, id }) => ok === false && (id === 'jws.format' || id === 'payload.shape')) === true
  );
}

/** Ids of a document of any kind; version 1 bodies have theirs under other names. */
export function payloadIdsOf(document: PayloadDocument): PayloadIds {
  const { notification, transaction, renewalInfo, realtimeRequest, payload } = document;
  const { productId, bundleId } = factsOf(document);
  const holders = [transaction, renewalInfo, realtimeRequest];
  const receipts = document.kind === 'notificationV1' && payload !== undefined ? receiptsOf(payload) : [];
  return {
    transactionId: [
      ...textsOf(holders, 'originalTransactionId'),
      ...textsOf(holders, 'transactionId'),
      ...textsOf(receipts, 'original_transaction_id'),
      ...textsOf(receipts, 'transaction_id'),
    ],
    accountToken: textsOf(holders, 'appAccountToken'),
    productId: [...(productId === null ? [] : [productId]), ...textsOf(receipts, 'product_id')],
    uuid: textsOf([notification], 'notificationUUID'),
    bundleId: bundleId === null ? [] : [bundleId],
  };
}

/** A version 1 body and the receipts in it. */
function receiptsOf(payload: JsonObject): readonly JsonObject[] {
  const unified = payload.unified_receipt;
  const latest = isJsonObject(unified) ? unified.latest_receipt_info : undefined;
  return [payload, ...(Array.isArray(latest) ? (latest as readonly Json[]).filter(isJsonObject) : [])];
}

function textsOf(holders: readonly (JsonObject | undefined)[], field: string): readonly string[] {
  return holders.flatMap((holder) => {
    const value = holder?.[field];
    if (typeof value === 'string') return value === '' ? [] : [value];
    return typeof value === 'number' || typeof value === 'bigint' ? [String(value)] : [];
  });
}
