import { interrupted, ToolError } from '../errors.js';
import type { SendAttemptResult } from '../notification/catalogue/send-attempts.js';
import { type Ending, exchange } from './exchange.js';
import { judgeDeadline, judgeFailure } from './judge-failure.js';
import { type Answer, type Judgement, quote } from './outcome.js';
import { judgeAddresses, planRedirect } from './redirect.js';
import { type ResolveHost, resolveHost } from './resolve-host.js';

export interface DeliveryRequest {
  /** http or https. Credentials in the URL are not sent. */
  readonly url: URL;
  /** Sent unchanged; a text as UTF-8. */
  readonly body: string | Uint8Array;
  /** Deadline of the whole attempt, from DNS to the last byte, redirects included. */
  readonly timeoutMs: number;
  /** PEM roots trusted in addition to the public ones. The same array is parsed once for many deliveries. */
  readonly ca?: readonly string[];
  /** Resolves the host of each request; the system resolver where left out. */
  readonly resolve?: ResolveHost;
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
 * success. A redirect from a public host to a loopback or private address is not followed, so that an endpoint cannot reach the network of
 * this machine. Every behaviour of the endpoint is a result. Connects directly, never through a proxy.
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
  const connected = new Set<string>();
  let redirectStatus: number | null = null;
  let redirect: Answer | null = null;
  for (;;) {
    const url = visited.at(-1)!;
    const host = await resolveHost(url.hostname, signal, request.resolve);
    const refusal = redirect === null ? null : judgeAddresses(redirect, visited, host, connected);
    if (redirect !== null && refusal !== null) {
      return attemptOf({ kind: 'answer', answer: redirect }, refusal, visited.slice(0, -1), redirectStatus);
    }
    const ending = await exchange({ url, body, userAgent, ca, host, signal });
    for (const address of host.addresses) connected.add(address);
    const plan = ending.kind === 'answer' ? planRedirect(ending.answer, visited) : null;
    if (ending.kind === 'answer' && isRedirectStatus(ending.answer.status)) redirectStatus ??= ending.answer.status;
    if (plan?.next === 'stop') return attemptOf(ending, plan.judgement, visited, redirectStatus);
    if (plan?.next !== 'follow') {
      const { result, detail } = judge(ending, request.timeoutMs);
      const judgement = { result, detail: detail + describeRedirects(visited.length - 1) };
      return attemptOf(ending, judgement, visited, redirectStatus);
    }
    if (ending.kind === 'answer') redirect = ending.answer;
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
