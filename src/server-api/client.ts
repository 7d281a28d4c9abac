import type { Dispatcher } from 'undici';
import { encodeUriPart } from '../address/encode.js';
import { interrupted, ToolError } from '../errors.js';
import { createTokenSender } from '../http/echoed-token.js';
import { adviseOnProxy, explainNetworkFailure, foreignResponse } from '../http/proxy.js';
import type { HttpMethod, HttpRequest, HttpResponse } from '../http/request.js';
import { type JsonObject, parseJsonObject } from '../jws/json.js';
import { createPurchaseCalls, type PurchaseCalls } from './purchase-calls.js';
import { refusalOf, ServerApiError } from './refusal.js';
import {
  type HistoryBody,
  type HistoryPage,
  parseHistoryPage,
  parseSent,
  parseTestToken,
  type SentNotification,
  unexpectedAnswer,
} from './responses.js';
import { type Credentials, createServerTokenSource } from './token.js';

interface ServerApiOptions extends Credentials {
  /** `https://api.storekit.apple.com` and so on, without a slash at its end; may have a path. */
  readonly baseUrl: string;
  /** Environment of the base address, for error messages. */
  readonly environment?: 'sandbox' | 'production';
  readonly dispatcher: Dispatcher;
  /** The proxy that requests go through, as proxyOf gives it, for what is said of a failure. */
  readonly proxy?: string | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Jitter for retries; none if omitted. */
  readonly random?: (bytes: number) => Uint8Array;
  /** Retries stop at this time (ms). */
  readonly deadlineMs?: number;
  /** Called before each wait, with the reason and the time (ms) of the next attempt. */
  readonly onWait?: (reason: ToolError, untilMs: number) => void;
}

/**
 * The notification endpoints of the API, and those about purchases. Each throws ToolError: `auth` for a rejected token, `remote` if the server failed, was unreachable
 * or limits the rate beyond the deadline, `usage` for a rejected request, `interrupted`. Transient failures are retried first.
 */
export interface ServerApi extends PurchaseCalls {
  /** Requests a TEST. Resolves with its token, or null if no URL is set for the environment (4040007). */
  requestTest(): Promise<string | null>;
  /** Status of a TEST; null if none is available (4040008): too early after the request, or expired. */
  testStatus(token: string): Promise<SentNotification | null>;
  /** One page of up to 20 notifications. The next page needs the same body. */
  history(body: HistoryBody, paginationToken?: string): Promise<HistoryPage>;
}

/** Limit of one request; the deadline may shorten it. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Lower limit of one request, even if the deadline is closer. */
const LEAST_TIMEOUT_MS = 1_000;

/** A page of 20 notifications with two nested tokens is 380 KB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const NO_URL = 4040007;

const NOT_FOUND_YET = 4040008;

/** Client of the App Store Server API. Sends nothing before the first call. Source: apple.md 6.2. */
export function createServerApi(options: ServerApiOptions): ServerApi {
  const { host } = new URL(options.baseUrl);
  const send = createTokenSender(createServerTokenSource(options, options.now));
  const call = (method: HttpMethod, path: string, body?: HistoryBody) =>
    requestWithRetries(options, send, method, path, body);
  return {
    async requestTest() {
      const answer = await call('POST', '/inApps/v1/notifications/test').catch(nullAt(NO_URL));
      return answer === null ? null : parseTestToken(answer, host);
    },
    async testStatus(testToken) {
      const path = `/inApps/v1/notifications/test/${encodeUriPart(testToken)}`;
      const answer = await call('GET', path).catch(nullAt(NOT_FOUND_YET));
      return answer === null ? null : parseSent(answer);
    },
    async history(body, paginationToken) {
      const query = paginationToken === undefined ? '' : `?paginationToken=${encodeUriPart(paginationToken)}`;
      return parseHistoryPage(await call('POST', `/inApps/v1/notifications/history${query}`, body), host);
    },
    ...createPurchaseCalls((path) => call('GET', path), host),
  };
}

type RequestArguments = Parameters<typeof requestOnce>;

async function requestWithRetries(...[options, send, method, path, body]: RequestArguments): Promise<JsonObject> {
  const { now, deadlineMs = Number.POSITIVE_INFINITY, signal } = options;
  for (let failures = 0, rateLimits = 0; ; ) {
    try {
      return await requestOnce(options, send, method, path, body);
    } catch (error) {
      if (error instanceof ServerApiError && error.status === 429) rateLimits += 1;
      else failures += 1;
      const nowMs = now();
      const wait = planRetry(error, { failures, rateLimits, nowMs, deadlineMs, jitter: jitterOf(options) });
      if (wait === null || !(error instanceof ToolError))
        throw explainNetworkFailure(error, new URL(options.baseUrl).host, options.proxy ?? null);
      options.onWait?.(error, nowMs + wait);
      await options.sleep(wait, signal);
      if (signal.aborted) throw interrupted('stopped before a response arrived');
    }
  }
}

async function requestOnce(
  options: ServerApiOptions,
  send: (request: HttpRequest) => Promise<HttpResponse>,
  method: HttpMethod,
  path: string,
  body?: HistoryBody,
): Promise<JsonObject> {
  const { baseUrl, now, deadlineMs = Number.POSITIVE_INFINITY } = options;
  const url = new URL(baseUrl + path);
  const response = await send({
    dispatcher: options.dispatcher,
    method,
    url,
    headers: {
      accept: 'application/json',
      'user-agent': 'storewire',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeoutMs: Math.max(LEAST_TIMEOUT_MS, Math.min(REQUEST_TIMEOUT_MS, deadlineMs - now())),
    maxBodyBytes: MAX_BODY_BYTES,
    sleep: options.sleep,
    signal: options.signal,
  });
  if (response.status !== 200) {
    const { environment = null, proxy = null } = options;
    throw refusalOf(response, { ...options, host: url.host, environment, proxy, nowMs: now() });
  }
  const answer = parseJsonObject(response.body);
  if (answer !== null) return answer;
  const page = foreignResponse(response) ?? 'something other than a JSON object';
  throw unexpectedAnswer(url.host, `200 with ${page}`, adviseOnProxy(url.host, options.proxy ?? null));
}

function nullAt(errorCode: number): (error: unknown) => null {
  return (error) => {
    if (error instanceof ServerApiError && error.errorCode === errorCode) return null;
    throw error;
  };
}

function jitterOf({ random }: ServerApiOptions): number {
  return random === undefined ? 1 : (random(1)[0] ?? 255) / 255;
}

export interface RetryState {
  /** Failed attempts, including this one; waits for the rate limit are counted separately. */
  readonly failures: number;
  readonly rateLimits: number;
  readonly nowMs: number;
  /** Deadline of the command (ms); Infinity if it has none. */
  readonly deadlineMs: number;
  /** From 0 to 1. */
  readonly jitter: number;
}

/** Apple documents no number. Four attempts within about seven seconds cover a short failure and do not hide a long one. */
const MOST_TRIES = 4;

const FIRST_WAIT_MS = 1_000;

/** Waits for the rate limit before giving up. */
const MOST_RATE_LIMITS = 20;

/** Minimum wait for a `Retry-After` in the past, as clocks differ. */
const LEAST_RATE_WAIT_MS = 500;

/**
 * Retry policy: wait (ms) before the same request is repeated; null if it is not retryable or the wait would exceed the deadline. Retryable:
 * no response, 5xx, errors that Apple calls retryable, and 429 after its `Retry-After`.
 */
export function planRetry(error: unknown, state: RetryState): number | null {
  const wait = error instanceof ServerApiError && error.status === 429 ? rateWait(error, state) : backoff(error, state);
  return wait === null || state.nowMs + wait > state.deadlineMs ? null : wait;
}

function rateWait({ retryAtMs }: ServerApiError, state: RetryState): number | null {
  if (state.rateLimits > MOST_RATE_LIMITS) return null;
  if (retryAtMs === null) return spread(FIRST_WAIT_MS * 2 ** Math.min(state.rateLimits, 6), state.jitter);
  return Math.ceil(Math.max(LEAST_RATE_WAIT_MS, retryAtMs - state.nowMs));
}

function backoff(error: unknown, { failures, jitter }: RetryState): number | null {
  if (failures >= MOST_TRIES || !isTransient(error)) return null;
  return spread(FIRST_WAIT_MS * 2 ** (failures - 1), jitter);
}

/** Unreachable hosts and timeouts are retried; a response that is too large is not. */
function isTransient(error: unknown): boolean {
  if (error instanceof ServerApiError) return error.retryable;
  return error instanceof ToolError && (error.code === 'ERR_HTTP_UNREACHABLE' || error.code === 'ERR_HTTP_TIMEOUT');
}

/** A value between half of `ms` and `ms`. */
function spread(ms: number, jitter: number): number {
  return Math.round(ms * (0.5 + jitter / 2));
}
