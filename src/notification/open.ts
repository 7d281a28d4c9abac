import { type HeaderParser, type OpenedJws, openJws } from '../jws/compact.js';
import type { Json, JsonObject } from '../jws/json.js';
import type { Kind } from './document.js';
import { detectKind, nestedSlots } from './kind.js';

/** One decoded token of a payload; not verified. */
export interface OpenedToken extends OpenedJws {
  /** `signedPayload` for the outer token, `data.signedTransactionInfo` and so on for nested ones. */
  readonly path: string;
  /** Kind that this path requires; null for the outer token, which may be of any kind. */
  readonly slot: Kind | null;
  readonly kind: Kind;
}

/** The outer token, then the nested tokens in payload order. */
export type OpenedPayload = readonly [OpenedToken, ...OpenedToken[]];

export const OUTER_PATH = 'signedPayload';

/** Decodes a JWS and every JWS nested in it; never throws. */
export function openPayload(text: string, headerOf?: HeaderParser): OpenedPayload {
  const outer = openToken(text, OUTER_PATH, null, headerOf);
  if (outer.payload === null || outer.kind !== 'notification') return [outer];
  const nested = nestedSlots(outer.payload).map(({ path, kind, value }) =>
    openToken(asText(value), path, kind, headerOf),
  );
  return [outer, ...nested];
}

function openToken(text: string, path: string, slot: Kind | null, headerOf?: HeaderParser): OpenedToken {
  const { header, payload, signature, formatDefect, payloadDefect } = openJws(text, headerOf);
  const kind = payload === null ? (slot ?? 'unknown') : detectKind(payload);
  return { text, header, payload, signature, formatDefect, payloadDefect, path, slot, kind };
}

/** Text of a nested value. A value that is not a string becomes its JSON text, which then fails as a token. */
function asText(value: Json | undefined): string {
  return typeof value === 'string'
    ? value
    : (JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)) ?? '');
}

/** Field of a document for a payload of each kind. */
export const FIELD_OF_KIND: Readonly<
  Record<Kind, 'notification' | 'transaction' | 'renewalInfo' | 'appTransaction' | 'realtimeRequest' | 'payload'>
> = {
  notification: 'notification',
  transaction: 'transaction',
  renewalInfo: 'renewalInfo',
  appTransaction: 'appTransaction',
  realtimeRequest: 'realtimeRequest',
  notificationV1: 'payload',
  unknown: 'payload',
};

/** Each decoded payload under the field of its kind. The slot decides for a nested payload, so that no token can pose as another kind. */
export function payloadFields(opened: OpenedPayload): Readonly<Record<string, JsonObject>> {
  const fields: Record<string, JsonObject> = {};
  for (const token of opened) {
    const field = FIELD_OF_KIND[token.slot ?? token.kind];
    if (token.payload !== null && !(field in fields)) fields[field] = token.payload;
  }
  return fields;
}
