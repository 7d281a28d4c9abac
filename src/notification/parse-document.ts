import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { Delivery, DocumentContext, Kind, PayloadDocument, Received, SendAttempt, TokenView } from './document.js';

const KINDS: ReadonlySet<unknown> = new Set<Kind>([
  'notification',
  'transaction',
  'renewalInfo',
  'appTransaction',
  'realtimeRequest',
  'notificationV1',
  'unknown',
]);

const PAYLOAD_FIELDS = [
  'notification',
  'transaction',
  'renewalInfo',
  'appTransaction',
  'realtimeRequest',
  'payload',
] as const;

/** Whether a JSON object is one of our own documents. */
export function isDocument(value: JsonObject): boolean {
  return KINDS.has(value.kind) && Array.isArray(value.tokens);
}

/**
 * One of our documents read again, without the JWS it may carry. A verdict in it is left out: anybody can write one. What has not the
 * shape of a document is left out as well; payloads are kept whole.
 */
export function parseDocument(value: JsonObject, source: string): PayloadDocument {
  const payloads = PAYLOAD_FIELDS.flatMap((field) => (isJsonObject(value[field]) ? [[field, value[field]]] : []));
  return {
    kind: KINDS.has(value.kind) ? (value.kind as Kind) : 'unknown',
    source,
    ...Object.fromEntries(payloads),
    tokens: unknowns(value.tokens).flatMap(parseToken),
    ...parseContext(value),
  };
}

/** What stands beside a payload in our documents and in Apple's history: attempts, receipt, deliveries; damaged entries left out. */
export function parseContext(value: JsonObject): DocumentContext {
  const sendAttempts: readonly SendAttempt[] = unknowns(value.sendAttempts).filter(isSendAttempt);
  const deliveries: readonly Delivery[] = unknowns(value.deliveries).filter(isDelivery);
  const received: unknown = value.received;
  return {
    ...(sendAttempts.length > 0 ? { sendAttempts } : {}),
    ...(isReceived(received) ? { received } : {}),
    ...(deliveries.length > 0 ? { deliveries } : {}),
  };
}

function parseToken(value: unknown): readonly TokenView[] {
  if (!isJsonObject(value) || typeof value.path !== 'string') return [];
  return [{ path: value.path, header: isJsonObject(value.header) ? value.header : {} }];
}

function isSendAttempt(value: unknown): value is SendAttempt {
  return has(value, { attemptDate: 'number', sendAttemptResult: 'string' });
}

function isReceived(value: unknown): value is Received {
  return has(value, { id: 'string', atMs: 'number', answered: 'number' });
}

function isDelivery(value: unknown): value is Delivery {
  return has(value, { target: 'string', attempt: 'number', ms: 'number', outcome: 'string' });
}

function has(value: unknown, types: Readonly<Record<string, string>>): boolean {
  return isJsonObject(value) && Object.entries(types).every(([key, type]) => typeof value[key] === type);
}

function unknowns(value: Json | undefined): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
