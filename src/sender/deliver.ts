import { isLoopback } from '../address/reach.js';
import { interrupted, ToolError } from '../errors.js';
import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';
import { type Ending, exchange } from './exchange.js';
import { judgeDeadline, judgeFailure } from './judge-failure.js';
import { type Answer, type Judgement, quote } from './outcome.js';

export interface DeliveryRequest {
  /** http or https. Credentials in the URL are not sent. */
  readonly url: URL;
  /** Sent unchanged; a text as UTF-8. */
  readonly body: string | Uint8Array;
  /** Deadline of the whole attempt, from DNS to the last byte, redirects included. */
  readonly timeoutMs: number;
  /** PEM roots trusted in addition to the public ones. The same array is parsed once for many deliveries. */
  readonly ca?: readonly string[];
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** `storewire` where left out: Apple's own is not documented [U]. */
  readonly userAgent?: string;
}

export interface DeliveryResult {
  readonly result: SendAttemptResult;
  /** Status of the last response, complete or not; null where none was read. The outcome is `result`, not the status. */
  readonly httpStatus: number | null;
  /** Status of the first redirect; null where there was none. */
  readonly redirectStatus: number | null;
  /** From the start to the end of the attempt. */
  readonly ms: number;
  /** Description of the outcome. May quote the peer: escape it on display. */
  readonly detail: string;
  /** The first 64 KiB of the body of the last response. */
  readonly responseBody: Uint8Array;
  /** Headers of the last complete response, names in lower case; empty where there was none. */
  readonly headers: Answer['headers'];
  /** Requested URLs: the given one, then that of each redirect. */
  readonly visited: readonly string[];
}

/**
 * Sends one notification the way Apple does, once: POST, application/json, TLS 1.2 or newer, up to five redirects followed, 200 to 206 is
 * success. Every behaviour of the endpoint is a result. Connects directly, never through a proxy.
 * Throws ToolError `interrupted` with `ERR_INTERRUPTED` when `signal` aborts, and `usage` with `ERR_SENDER_URL` where the URL is not
 * http or https. Does not check Apple's other rules for URLs.
 */
export async function deliver(request: DeliveryRequest): Promise<DeliveryResult> {
  checkProtocol(request.url);
  const startedAtMs = request.now();
  const stop = new AbortController();
  const finished = new AbortController();
  const interrupt = (): void => stop.abort();
  request.signal?.addEventListener('abort', interrupt, { once: true });
  if (request.signal?.aborted) interrupt();
  void request.sleep(request.timeoutMs, finished.signal).then(interrupt, ignore);
  try {
    const attempt = await send(request, stop.signal);
    if (request.signal?.aborted) throw interrupted('stopped before a response arrived');
    return { ...attempt, ms: Math.round(request.now() - startedAtMs) };
  } finally {
    request.signal?.removeEventListener('abort', interrupt);
    finished.abort();
  }
}

/** A sleep that rejects was cancelled, here or by the caller. */
function ignore(): void {}

type Attempt = Omit<DeliveryResult, 'ms'>;

async function send(request: DeliveryRequest, signal: AbortSignal): Promise<Attempt> {
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
  const { userAgent = 'storewire', ca } = request;
  const visited: URL[] = [withoutHash(request.url)];
  let redirectStatus: number | null = null;
  for (;;) {
    const ending = await exchange({ url: visited.at(-1)!, body, userAgent, ca, signal });
    const plan = ending.kind === 'answer' ? planRedirect(ending.answer, visited) : null;
    if (ending.kind === 'answer' && isRedirectStatus(ending.answer.status)) redirectStatus ??= ending.answer.status;
    if (plan?.next === 'stop') return attemptOf(ending, plan.judgement, visited, redirectStatus);
    if (plan?.next !== 'follow') {
      const { result, detail } = judge(ending, request.timeoutMs);
      const judgement = { result, detail: detail + describeRedirects(visited.length - 1) };
      return attemptOf(ending, judgement, visited, redirectStatus);
    }
    visited.push(plan.url);
  }
}

function judge(ending: Ending, timeoutMs: number): Judgement {
  if (ending.kind === 'answer') return judgeAnswer(ending.answer);
  return ending.kind === 'stopped' ? judgeDeadline(ending.stage, timeoutMs) : judgeFailure(ending.failure);
}

function isRedirectStatus(status: number): boolean {
  return status >= 300 && status < 400;
}

function attemptOf(
  ending: Ending,
  judgement: Judgement,
  visited: readonly URL[],
  redirectStatus: number | null,
): Attempt {
  const { body, headers } = ending.kind === 'answer' ? ending.answer : { body: ending.body, headers: {} };
  const addresses = visited.map(({ href }) => href);
  return {
    ...judgement,
    httpStatus: statusOf(ending),
    redirectStatus,
    responseBody: body,
    headers,
    visited: addresses,
  };
}

function statusOf(ending: Ending): number | null {
  if (ending.kind === 'answer') return ending.answer.status;
  return ending.kind === 'stopped' ? ending.httpStatus : ending.failure.httpStatus;
}

function describeRedirects(count: number): string {
  if (count === 0) return '';
  return ` (after ${count === 1 ? 'a redirect' : `${count} redirects`}, which Apple may not follow)`;
}

function withoutHash(url: URL): URL {
  const copy = new URL(url);
  copy.hash = '';
  return copy;
}

function checkProtocol({ protocol, host }: URL): void {
  if (protocol === 'https:' || protocol === 'http:') return;
  throw new ToolError('usage', 'ERR_SENDER_URL', `a notification cannot be sent to ${protocol}//${host}`, {
    hint: 'Pass a URL that begins with https://, or http:// on this machine.',
  });
}

/** Redirects followed for one attempt at most. Apple's number is not documented [U]; a longer chain is a mistake in any case. */
const MAX_REDIRECTS = 5;

/** Next step after a response: another request, or the end. `none` is a response without a redirect to follow. */
type RedirectPlan =
  | { readonly next: 'follow'; readonly url: URL }
  | { readonly next: 'stop'; readonly judgement: Judgement }
  | { readonly next: 'none' };

/**
 * Redirects that repeat the request at another URL, with the same body. 303 asks for a GET, which would carry no notification, and is
 * final. Apple does not document that it follows redirects, but its result CIRCULAR_REDIRECT implies it [U].
 */
const FOLLOWED = new Set([301, 302, 307, 308]);

/**
 * Plans the step after a response. `visited` has the requested URLs, oldest first, that of the response last. A redirect to one of them,
 * or more than {@link MAX_REDIRECTS} redirects, is CIRCULAR_REDIRECT. Pure.
 */
export function planRedirect(answer: Answer, visited: readonly URL[]): RedirectPlan {
  const location = answer.headers.location;
  if (!FOLLOWED.has(answer.status) || typeof location !== 'string') return { next: 'none' };
  const url = parseLocation(location, visited.at(-1));
  const shown = `answered ${answer.status} with Location ${quote(location)}`;
  if (url === null) return stop('INVALID_RESPONSE', `${shown}, which is not a valid URL`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return stop('OTHER', `${shown}, which is not HTTP`);
  if (!isSafe(url, visited[0])) return { next: 'none' };
  if (visited.some((each) => each.href === url.href))
    return stop('CIRCULAR_REDIRECT', `${shown}, which was requested before`);
  if (visited.length > MAX_REDIRECTS) return stop('CIRCULAR_REDIRECT', `${shown}, after ${MAX_REDIRECTS} redirects`);
  return { next: 'follow', url };
}

function stop(result: Judgement['result'], detail: string): RedirectPlan {
  return { next: 'stop', judgement: { result, detail } };
}

/** Parses a `Location` header, without the fragment, which is never sent; null for an invalid one. */
function parseLocation(location: string, base: URL | undefined): URL | null {
  try {
    const url = new URL(location, base);
    url.hash = '';
    return url;
  } catch {
    return null;
  }
}

/** Plain http is allowed to loopback and to the host of the user's URL only: a redirect must not send a notification unencrypted elsewhere. */
function isSafe(url: URL, first: URL | undefined): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname) || url.hostname === first?.hostname;
}

/** True for the statuses that Apple counts as success. Source: docs, "Responding to App Store Server Notifications" (apple.md 1). */
export function isSuccessStatus(status: number): boolean {
  return status >= 200 && status <= 206;
}

/**
 * Result of a complete response that is no redirect. The status takes precedence: a 404 in an unknown charset is a 404. The body is not
 * read, since Apple ignores it. Pure.
 */
export function judgeAnswer(answer: Answer): Judgement {
  const { status } = answer;
  if (!isSuccessStatus(status)) return { result: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', detail: `answered ${status}` };
  const charset = charsetOf(firstValue(answer.headers['content-type']));
  if (charset === null || isKnownCharset(charset)) return { result: 'SUCCESS', detail: `answered ${status}` };
  return { result: 'UNSUPPORTED_CHARSET', detail: `answered ${status} with the unsupported charset ${quote(charset)}` };
}

/** A parameter of a media type (RFC 9110 section 5.6.6): quoted strings are skipped whole, so that nothing inside one counts. */
const PARAMETER = /;\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/g;

/** Charset of a Content-Type; null without one. */
function charsetOf(contentType: string | undefined): string | null {
  for (const [, name = '', value = ''] of (contentType ?? '').matchAll(PARAMETER)) {
    if (name.toLowerCase() === 'charset') return value.trim().replace(/^"(.*)"$/, '$1') || null;
  }
  return null;
}

/** Charsets registered with IANA that are not in the Encoding Standard of the web. */
const BEYOND_THE_WEB = /^(?:utf-32(?:be|le)?|iso-8859-1[1-6]|cesu-8)$/i;

/** Apple does not document the charsets that it supports [U]: all of the Encoding Standard pass, so that only mistakes fail. */
function isKnownCharset(name: string): boolean {
  if (BEYOND_THE_WEB.test(name)) return true;
  try {
    new TextDecoder(name);
    return true;
  } catch {
    return false;
  }
}

function firstValue(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
