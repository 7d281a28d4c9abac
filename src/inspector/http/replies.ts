import type { InspectorError } from '../wire.js';

/** A response of the page's server. */
export interface PageReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers of every response: nothing is stored, sniffed, framed, sent on as a referrer or read by another site. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Integers beyond 2^53 become strings of digits: the page's JSON parser would change them. */
export function pageJson(status: number, value: unknown): PageReply {
  return {
    status,
    headers: { ...SAFE_HEADERS, 'content-type': 'application/json' },
    body: toWireJson(value),
  };
}

/** JSON for the page; see {@link pageJson}. */
export function toWireJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
}

export function errorReply(status: number, code: string, message: string, hint = ''): PageReply {
  return pageJson(status, { error: { code, message, hint } } satisfies InspectorError);
}
