import { ToolError } from '../errors.js';
import { type HttpResponse, parseRetryAfter } from '../http/request.js';
import { isJsonObject, type JsonObject, parseJsonObject } from '../jws/json.js';
import { findConnectError } from './errors.js';

/** What an answer that is no success says: Apple's code and its words, null where it has none. Untrusted: escape on display. */
interface Refusal {
  readonly code: string | null;
  readonly words: string | null;
}

/** Reads `{"errors": [{status, code, title, detail, source}]}`; Apple answers some statuses (406) in plain text. */
export function parseRefusal(body: Uint8Array): Refusal {
  const first = errorsOf(body)[0];
  if (first === undefined) return { code: null, words: null };
  const { code, title, detail, source } = first;
  const said = [detail, title].find((text) => typeof text === 'string' && text !== '');
  const place = isJsonObject(source)
    ? [source.pointer, source.parameter].find((at) => typeof at === 'string')
    : undefined;
  const words = said === undefined ? null : place === undefined ? String(said) : `${String(said)} (${String(place)})`;
  return { code: typeof code === 'string' ? code : null, words };
}

/** An answer that is no success as a ToolError, by the table of errors; `host` is who answered. */
export function describeRefusal(answer: HttpResponse, host: string): ToolError {
  const { code, words } = parseRefusal(answer.body);
  const entry = findConnectError(answer.status, code);
  const told = `${answer.status}${code === null ? '' : ` ${shorten(code)}`}`;
  const limit = parseRateLimit(answer.headers['x-rate-limit']);
  const said = words === null ? '' : `. ${host} says: ${shorten(words)}`;
  const count = entry?.status === 429 && limit !== null ? `, of which Apple allows ${limit.perHour}` : '';
  if (entry !== null)
    return new ToolError(entry.kind, entry.toolCode, `${entry.explained}${count} (${told})${said}`, {
      hint: entry.hint,
    });
  const message = `${host} answered ${told}, which is no answer of App Store Connect's${said}`;
  const hint = 'Check HTTPS_PROXY and STOREWIRE_CONNECT_API_URL, where they are set.';
  return new ToolError('remote', 'ERR_CONNECT_ANSWER', message, { hint });
}

/** Longest part of an answer that goes into a message. */
const LONGEST_QUOTED = 300;

function shorten(text: string): string {
  return text.length <= LONGEST_QUOTED ? text : `${text.slice(0, LONGEST_QUOTED)}…`;
}

function errorsOf(body: Uint8Array): readonly JsonObject[] {
  const content = parseJsonObject(body);
  return content !== null && Array.isArray(content.errors) ? content.errors.filter(isJsonObject) : [];
}

/** How many requests one key may make in a rolling hour, and how many are left of them. */
interface RateLimit {
  readonly perHour: number;
  readonly remaining: number;
}

/**
 * The header `X-Rate-Limit: user-hour-lim:3500;user-hour-rem:500;`; null where it is missing or says something else.
 * Source: developer.apple.com/documentation/appstoreconnectapi, "Identifying Rate Limits".
 */
export function parseRateLimit(header: string | undefined): RateLimit | null {
  const perHour = /(?:^|;)\s*user-hour-lim:(\d+)/.exec(header ?? '')?.[1];
  const remaining = /(?:^|;)\s*user-hour-rem:(\d+)/.exec(header ?? '')?.[1];
  if (perHour === undefined || remaining === undefined) return null;
  return { perHour: Number(perHour), remaining: Number(remaining) };
}

/** Waits before the second and the third try, in ms. */
const BACKOFF_MS: readonly number[] = [1_000, 4_000];

/** A command that stands still for longer than this looks broken: it says what Apple said instead. */
const LONGEST_WAIT_MS = 60_000;

/** One try that gave no answer to use. `status` is null where none came at all (network). */
interface FailedTry {
  readonly method: 'GET' | 'PATCH';
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** From 1. */
  readonly attempt: number;
  readonly nowMs: number;
}

/**
 * How long to wait before asking again, in ms; null: not at all. A PATCH that may have reached Apple (no answer, or a failure of
 * Apple's) is not sent twice: the caller reads what became of it. A limit that is used up for the hour is not waited for.
 */
export function retryAfterMs({ method, status, headers, attempt, nowMs }: FailedTry): number | null {
  const backoff = BACKOFF_MS[attempt - 1];
  if (backoff === undefined) return null;
  if (status !== 429) return method === 'GET' && (status === null || status >= 500) ? backoff : null;
  const atMs = parseRetryAfter(headers['retry-after'], nowMs);
  if (atMs !== null) return atMs - nowMs <= LONGEST_WAIT_MS ? Math.max(0, atMs - nowMs) : null;
  return parseRateLimit(headers['x-rate-limit'])?.remaining === 0 ? null : backoff;
}
