import type { Dispatcher } from 'undici';
import { interrupted, ToolError } from '../errors.js';
import { type HttpMethod, request } from '../http/request.js';
import { type JsonObject, parseJsonObject } from '../jws/json.js';
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
import { type Credentials, createTokenSource } from './token.js';

interface ServerApiOptions extends Credentials {
  /** `https://api.storekit.apple.com` and so on, without a slash at its end; may have a path. */
  readonly baseUrl: string;
  /** Which of the two this address is, for what is said about a refusal. */
  readonly environment?: 'sandbox' | 'production';
  readonly dispatcher: Dispatcher;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Spreads waits; without it they are the same each time. */
  readonly random?: (bytes: number) => Uint8Array;
  /** No wait goes beyond this moment (ms). */
  readonly deadlineMs?: number;
  /** Called before each wait, with why and until when. */
  readonly onWait?: (reason: ToolError, untilMs: number) => void;
}

/**
 * The three calls on notifications. Each throws ToolErrors: `auth` for a refused token, `remote` for a server that failed, cannot be
 * reached or limits the rate beyond the deadline, `usage` for what Apple refuses, `interrupted`. What may pass is tried again first.
 */
export interface ServerApi {
  /** Asks for a TEST: its token, or null where no URL is set for the environment (4040007). */
  requestTest(): Promise<string | null>;
  /** What is known of a TEST; null where there is nothing (4040008): not yet right after the request, later no longer. */
  testStatus(token: string): Promise<SentNotification | null>;
  /** One page of at most 20. The next one is asked for with the same body. */
  history(body: HistoryBody, paginationToken?: string): Promise<HistoryPage>;
}

/** Longest wait for one answer; the deadline may end it sooner. */
const REQUEST_TIMEOUT_MS = 30_000;

/** What is left of the deadline may be next to nothing; an answer gets at least this. */
const LEAST_TIMEOUT_MS = 1_000;

/** A page of 20 notifications with two nested tokens is 380 KB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const NO_URL = 4040007;

const NOT_FOUND_YET = 4040008;

/** The App Store Server API over one dispatcher. Source: apple.md 6.2. Nothing is asked until a call is made. */
export function createServerApi(options: ServerApiOptions): ServerApi {
  const { host } = new URL(options.baseUrl);
  const token = createTokenSource(options, options.now);
  const ask = (method: HttpMethod, path: string, body?: HistoryBody) =>
    askPatiently(options, token, method, path, body);
  return {
    async requestTest() {
      const answer = await ask('POST', '/inApps/v1/notifications/test').catch(nullAt(NO_URL));
      return answer === null ? null : parseTestToken(answer, host);
    },
    async testStatus(testToken) {
      const path = `/inApps/v1/notifications/test/${encodeURIComponent(testToken)}`;
      const answer = await ask('GET', path).catch(nullAt(NOT_FOUND_YET));
      return answer === null ? null : parseSent(answer);
    },
    async history(body, paginationToken) {
      const query = paginationToken === undefined ? '' : `?paginationToken=${encodeURIComponent(paginationToken)}`;
      return parseHistoryPage(await ask('POST', `/inApps/v1/notifications/history${query}`, body), host);
    },
  };
}

type Ask = Parameters<typeof askOnce>;

async function askPatiently(...[options, token, method, path, body]: Ask): Promise<JsonObject> {
  const { now, deadlineMs = Number.POSITIVE_INFINITY, signal } = options;
  for (let failures = 0, rateLimits = 0; ; ) {
    try {
      return await askOnce(options, token, method, path, body);
    } catch (error) {
      if (error instanceof ServerApiError && error.status === 429) rateLimits += 1;
      else failures += 1;
      const nowMs = now();
      const wait = planRetry(error, { failures, rateLimits, nowMs, deadlineMs, jitter: jitterOf(options) });
      if (wait === null || !(error instanceof ToolError)) throw withNextStep(error);
      options.onWait?.(error, nowMs + wait);
      await options.sleep(wait, signal);
      if (signal.aborted) throw interrupted('stopped before an answer came');
    }
  }
}

async function askOnce(
  options: ServerApiOptions,
  token: () => Promise<string>,
  method: HttpMethod,
  path: string,
  body?: HistoryBody,
): Promise<JsonObject> {
  const { baseUrl, now, deadlineMs = Number.POSITIVE_INFINITY } = options;
  const url = new URL(baseUrl + path);
  const response = await request({
    dispatcher: options.dispatcher,
    method,
    url,
    headers: {
      authorization: `Bearer ${await token()}`,
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
    throw refusalOf(response, { ...options, host: url.host, environment: options.environment ?? null, nowMs: now() });
  }
  const answer = parseJsonObject(response.body);
  if (answer === null) throw unexpectedAnswer(url.host, 'with something that is no JSON object');
  return answer;
}

/** What the network did is told by the request; what to do about it depends on who asks. */
function withNextStep(error: unknown): unknown {
  if (!(error instanceof ToolError) || error.kind !== 'remote' || error.hint !== undefined) return error;
  const hint = 'Check the network, HTTPS_PROXY where there is a proxy, and the base address with `storewire config`.';
  return new ToolError(error.kind, error.code, error.message, { hint, cause: error });
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
  /** Tries made so far that failed, this one included; waits for the rate limit are counted apart. */
  readonly failures: number;
  readonly rateLimits: number;
  readonly nowMs: number;
  /** Moment (ms) the command ends; Infinity where it has no deadline. */
  readonly deadlineMs: number;
  /** From 0 to 1: spreads clients that failed at the same moment. */
  readonly jitter: number;
}

/** Apple names no number: four tries within about seven seconds pass over a hiccup and do not hide a failure. */
const MOST_TRIES = 4;

const FIRST_WAIT_MS = 1_000;

/** A server that keeps answering 429 is obeyed, but not for ever. */
const MOST_RATE_LIMITS = 20;

/** A moment that has passed, as clocks differ, is waited for this long. */
const LEAST_RATE_WAIT_MS = 500;

/**
 * How long (ms) to wait before the same request is made again; null where that is no use, or would end after the deadline.
 * Retried are: no answer at all, 5000000 and 5000001 and other 5xx, what Apple calls retryable, and 429 once its time has come.
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
  if (failures >= MOST_TRIES || !isPassing(error)) return null;
  return spread(FIRST_WAIT_MS * 2 ** (failures - 1), jitter);
}

/** What took too long already or was too large stays so; a name that does not resolve may be a network that is just waking up. */
function isPassing(error: unknown): boolean {
  if (error instanceof ServerApiError) return error.retryable;
  return error instanceof ToolError && (error.code === 'ERR_HTTP_UNREACHABLE' || error.code === 'ERR_HTTP_TIMEOUT');
}

/** Between half of it and the whole. */
function spread(ms: number, jitter: number): number {
  return Math.round(ms * (0.5 + jitter / 2));
}
