import type { Dispatcher } from 'undici';
import { encodeUriPart } from '../address/encode.js';
import { isValidUrl } from '../address/valid-url.js';
import { ToolError } from '../errors.js';
import { createTokenSender } from '../http/echoed-token.js';
import { adviseOnProxy, explainNetworkFailure, foreignResponse } from '../http/proxy.js';
import type { HttpResponse } from '../http/request.js';
import { type JsonObject, parseJsonObject } from '../jws/json.js';
import { APP_FIELDS, type ConnectApp, type NotificationUrls, parseApp } from './app.js';
import { describeRefusal, retryAfterMs } from './refusal.js';
import { type ConnectKey, createConnectTokenSource } from './token.js';

export interface ConnectApiOptions extends ConnectKey {
  /** Without a trailing slash; may have a path. */
  readonly baseUrl: string;
  readonly dispatcher: Dispatcher;
  /** The proxy that requests go through, as proxyOf gives it, for what is said of a failure. */
  readonly proxy?: string | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
  /** Requests and retries end at this time (ms). */
  readonly deadlineMs?: number;
}

/**
 * The API calls of this tool. Each throws ToolError: `ERR_CONNECT_*` for error responses (table in errors.ts), `ERR_HTTP_*` without a
 * response, `ERR_CONNECT_ANSWER` for a response that is not Apple's. Reads are attempted up to three times if Apple fails.
 */
export interface ConnectApi {
  /** The app with exactly this bundle id; null if the key has no access to one. */
  findApp(bundleId: string): Promise<ConnectApp | null>;
  /** Bundle ids of all apps that the key has access to, 2,000 at most. */
  bundleIds(): Promise<readonly string[]>;
  /** `id` is the app Apple ID. Throws `ERR_CONNECT_NOT_FOUND` if the key has no access to it. */
  readApp(id: string): Promise<ConnectApp>;
  /** Sends these attributes only, and no request if there are none. Read the app again to confirm the change. */
  updateApp(id: string, attributes: Partial<NotificationUrls>): Promise<void>;
}

export function createConnectApi(options: ConnectApiOptions): ConnectApi {
  const call = createCaller(options);
  return {
    findApp: (bundleId) => findApp(call, bundleId),
    bundleIds: async () => {
      const apps: ConnectApp[] = [];
      for await (const page of pagesOf(call, {})) apps.push(...page);
      return apps.map(({ bundleId }) => bundleId);
    },
    readApp: async (id) => {
      const { data } = await call('GET', `/v1/apps/${encodeUriPart(id)}?${query({ 'fields[apps]': APP_FIELDS })}`);
      return parseApp(data) ?? fail('no app in the response');
    },
    updateApp: async (id, attributes) => {
      if (Object.keys(attributes).length === 0) return;
      await call('PATCH', `/v1/apps/${encodeUriPart(id)}`, { data: { type: 'apps', id, attributes } });
    },
  };
}

/** Requests a path below the base address; resolves with the body of a 2xx response. */
type Call = (method: 'GET' | 'PATCH', path: string, body?: JsonObject) => Promise<JsonObject>;

/** Pages of 200 apps. The filter reportedly matches prefixes, so it may return more than one page. */
const MOST_PAGES = 10;

async function findApp(call: Call, bundleId: string): Promise<ConnectApp | null> {
  for await (const page of pagesOf(call, { 'filter[bundleId]': bundleId })) {
    const found = page.find((app) => app.bundleId === bundleId);
    if (found) return found;
  }
  return null;
}

async function* pagesOf(call: Call, filter: Readonly<Record<string, string>>): AsyncGenerator<readonly ConnectApp[]> {
  let path: string | null = `/v1/apps?${query({ ...filter, 'fields[apps]': APP_FIELDS, limit: '200' })}`;
  for (let page = 1; path !== null && page <= MOST_PAGES; page++) {
    const answer: JsonObject = await call('GET', path);
    if (!Array.isArray(answer.data)) fail('no list of apps in the response');
    yield answer.data.map(parseApp).filter((app) => app !== null);
    path = nextPath(answer);
  }
}

/** Path and query of the link to the next page; the host is ignored, so that the token goes to the configured address only. */
function nextPath({ links }: JsonObject): string | null {
  const next = (links as JsonObject | null | undefined)?.next;
  if (typeof next !== 'string' || !isValidUrl(next)) return null;
  const { pathname, search } = new URL(next);
  const at = pathname.lastIndexOf('/v1/apps');
  return at === -1 ? null : pathname.slice(at) + search;
}

function query(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString();
}

/** Limit of one request; the deadline may shorten it. */
const TIMEOUT_MS = 30_000;

/** Lower limit of one request, even if the deadline is closer. */
const LEAST_TIMEOUT_MS = 1_000;

const MAX_BODY_BYTES = 4 * 1024 * 1024;

function createCaller(options: ConnectApiOptions): Call {
  const request = createTokenSender(createConnectTokenSource(options, options.now));
  const send = async (method: 'GET' | 'PATCH', url: URL, body: JsonObject | undefined): Promise<HttpResponse> => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Readonly<Record<string, string>> = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { accept: 'application/json', ...type };
    const { dispatcher, now, sleep, signal, deadlineMs = Number.POSITIVE_INFINITY } = options;
    const stop = signal === undefined ? {} : { signal };
    const timeoutMs = Math.max(LEAST_TIMEOUT_MS, Math.min(TIMEOUT_MS, deadlineMs - now()));
    const limits = { timeoutMs, maxBodyBytes: MAX_BODY_BYTES };
    return request({ dispatcher, method, url, headers, sleep, ...content, ...limits, ...stop });
  };
  return async (method, path, body) => {
    const url = new URL(options.baseUrl + path);
    const { proxy = null, now } = options;
    const answer = await sendWithRetries(() => send(method, url, body), method, options).catch((error: unknown) => {
      throw explainNetworkFailure(error, url.host, proxy);
    });
    const { status } = answer;
    if (status < 200 || status > 299) throw describeRefusal(answer, { host: url.host, proxy, nowMs: now() });
    const content = parseJsonObject(answer.body);
    if (content !== null) return content;
    const page = foreignResponse(answer) ?? 'something other than a JSON object';
    return fail(`${url.host} answered ${status} with ${page}`, adviseOnProxy(url.host, proxy));
  };
}

/** Sends with retries; returns the last response or throws the last failure. */
async function sendWithRetries(
  send: () => Promise<HttpResponse>,
  method: 'GET' | 'PATCH',
  { now, sleep, signal, deadlineMs = Number.POSITIVE_INFINITY }: ConnectApiOptions,
): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await send().catch(failureOf);
    const { status, headers } = outcome instanceof ToolError ? { status: null, headers: {} } : outcome;
    const waitMs = retryAfterMs({ method, status, headers, attempt, nowMs: now() });
    const isFinal = outcome instanceof ToolError && outcome.code === 'ERR_HTTP_PROXY';
    if (waitMs === null || isFinal || now() + waitMs >= deadlineMs) {
      if (outcome instanceof ToolError) throw outcome;
      return outcome;
    }
    await sleep(waitMs, signal);
  }
}

/** A remote failure may be retried; an interruption or a bug is thrown. */
function failureOf(error: unknown): ToolError {
  if (error instanceof ToolError && error.kind === 'remote') return error;
  throw error;
}

function fail(defect: string, hint = 'Check HTTPS_PROXY and STOREWIRE_CONNECT_API_URL, if set.'): never {
  throw new ToolError('remote', 'ERR_CONNECT_ANSWER', `unexpected response from App Store Connect: ${defect}`, {
    hint,
  });
}
