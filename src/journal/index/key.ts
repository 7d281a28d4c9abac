import { notificationKey } from '../notification-key.js';
import type { RecordedFacts } from '../record.js';

/** 64 bits of a key. Two keys may share them: what is found by them is compared with the record. */
export interface KeyHash {
  readonly high: number;
  readonly low: number;
}

/** Key of a notification over its receipts and deliveries: its {@link notificationKey}, which repeats share, or else the id of its receipt. */
export function keyText(key: string | null | undefined, id: string): string {
  return key === null || key === undefined ? `id:${id}` : `uuid:${key}`;
}

export function keyTextOf({ id, facts }: { readonly id: string; readonly facts: RecordedFacts }): string {
  return keyText(notificationKey({ ...facts, uuid: facts.uuid ?? null }), id);
}

/** Key of the consumption requests for a transaction. */
export function askedText(transactionId: string): string {
  return `asked:${transactionId}`;
}

/** The steps are those of cyrb53 by bryc (public domain), with all 64 bits of its state. */
export function hashKey(text: string): KeyHash {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return { high: high >>> 0, low: low >>> 0 };
}

/** 32 bits of a value that rows are filtered by; never 0, which stands for a value that the record does not have. */
export function hashValue(value: string | null | undefined): number {
  return value === null || value === undefined ? 0 : hashKey(value).high || 1;
}
