import { ToolError } from '../errors.js';
import { clockDifference } from '../http/clock-difference.js';
import { adviseOnProxy, foreignResponse } from '../http/proxy.js';
import { type HttpResponse, parseRetryAfter } from '../http/request.js';
import { isJsonObject, type JsonObject, parseJsonObject } from '../jws/json.js';
import { findConnectError } from './errors.js';

/** Code and text of an error response; null if missing. Untrusted: escape before printing. */
interface Refusal {
  readonly code: string | null;
  readonly words: string | null;
}

/** Reads `{"errors": [{status, code, title, detail, source}]}`; Apple answers some statuses (406) in plain text. */
export function parseRefusal(body: Uint8Array): Refusal {
  const first = errorsOf(body)[0];
  if (first === undefined) return { code: null, words: null };
  const { code, title, detail, source } = first;
  const said = [detail, title].find((text): text is string => typeof text === 'string' && text !== '');
  const place = isJsonObject(source)
    ? [source.pointer, source.parameter].find((at): at is string => typeof at === 'string')
    : undefined;
  const words = said === undefined ? null : place === undefined ? said : `${said} (${place})`;
  return { code: typeof code === 'string' ? code : null, words };
}

/** Facts of the request that error messages mention; `proxy` as proxyOf gives it. */
interface RequestFacts {
  readonly host: string;
  readonly proxy: string | null;
  readonly nowMs: number;
}

/**
 * Converts an error response into a ToolError, using the error table. The page of a proxy is `ERR_CONNECT_ANSWER`: it says nothing about
 * the key. A clock that differs from Apple's is named as a likely cause of 401.
 */
export function describeRefusal(answer: HttpResponse, { host, proxy, nowMs }: RequestFacts): ToolError {
  const { code, words } = parseRefusal(answer.body);
  const page = code === null ? foreignResponse(answer) : null;
  if (page !== null) {
    const message = `unexpected response from ${host}: ${answer.status} with ${page}`;
    return new ToolError('remote', 'ERR_CONNECT_ANSWER', message, { hint: adviseOnProxy(host, proxy) });
  }
  const clock = answer.status === 401 ? clockDifference(answer.headers, nowMs) : null;
  const likely =
    clock === null ? '' : `The clock of this machine is ${clock.words}, a likely cause: set it first (NTP). `;
  const entry = findConnectError(answer.status, code);
  const status = `${answer.status}${code === null ? '' : ` ${shorten(code)}`}`;
  const limit = parseRateLimit(answer.headers['x-rate-limit']);
  const said = words === null ? '' : `. ${host} says: ${shorten(words)}`;
  const count = entry?.status === 429 && limit !== null ? ` (limit ${limit.perHour})` : '';
  if (entry !== null)
    return new ToolError(entry.kind, entry.toolCode, `${entry.explained}${count} (${status})${said}`, {
      hint: likely + entry.hint,
    });
  const message = `unexpected response from ${host}: ${status}${said}`;
  const hint = 'Check HTTPS_PROXY and STOREWIRE_CONNECT_API_URL, if set.';
  return new ToolError('remote', 'ERR_CONNECT_ANSWER', message, { hint });
}

/** Length limit of a quote from a response. */
const LONGEST_QUOTED = 300;

function shorten(text: string): string {
  return text.length <= LONGEST_QUOTED ? text : `${text.slice(0, LONGEST_QUOTED)}…`;
}

function errorsOf(body: Uint8Array): readonly JsonObject[] {
  const content = parseJsonObject(body);
  return content !== null && Array.isArray(content.errors) ? content.errors.filter(isJsonObject) : [];
}

/** Request limit of a key per rolling hour, and the remaining requests. */
interface RateLimit {
  readonly perHour: number;
  readonly remaining: number;
}

/**
 * Parses the header `X-Rate-Limit: user-hour-lim:3500;user-hour-rem:500;`; null if missing or malformed.
 * Source: developer.apple.com/documentation/appstoreconnectapi, "Identifying Rate Limits".
 */
export function parseRateLimit(header: string | undefined): RateLimit | null {
  const perHour = /(?:^|;)\s*user-hour-lim:(\d+)/.exec(header ?? '')?.[1];
  const remaining = /(?:^|;)\s*user-hour-rem:(\d+)/.exec(header ?? '')?.[1];
  if (perHour === undefined || remaining === undefined) return null;
  return { perHour: Number(perHour), remaining: Number(remaining) };
}

/** Waits before the second and third attempt, in ms. */
const BACKOFF_MS: readonly number[] = [1_000, 4_000];

/** Maximum wait: a command that hangs longer looks broken, so it reports the error instead. */
const LONGEST_WAIT_MS = 60_000;

/** A failed attempt. `status` is null without a response. */
interface FailedTry {
  readonly method: 'GET' | 'PATCH';
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** From 1. */
  readonly attempt: number;
  readonly nowMs: number;
}

/**
 * Retry policy: wait before the next attempt in ms, null for none. A PATCH that may have reached Apple (no response, or 5xx) is not sent
 * again: the caller reads the result. An exhausted hourly limit is not waited for.
 */
export function retryAfterMs({ method, status, headers, attempt, nowMs }: FailedTry): number | null {
  const backoff = BACKOFF_MS[attempt - 1];
  if (backoff === undefined) return null;
  if (status !== 429) return method === 'GET' && (status === null || status >= 500) ? backoff : null;
  const atMs = parseRetryAfter(headers['retry-after'], nowMs);
  if (atMs !== null) return atMs - nowMs <= LONGEST_WAIT_MS ? Math.max(0, atMs - nowMs) : null;
  return parseRateLimit(headers['x-rate-limit'])?.remaining === 0 ? null : backoff;
}
