import type { Dispatcher } from 'undici';
import { interrupted, ToolError } from '../errors.js';
import { reportRequest } from './traffic.js';

export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'HEAD';

export interface HttpRequest {
  readonly dispatcher: Dispatcher;
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Deadline of the whole exchange, from connecting to the last byte, so that a slow response cannot extend it. */
  readonly timeoutMs: number;
  /** Maximum response body; the connection is closed beyond it. */
  readonly maxBodyBytes: number;
  /** Handling of a longer body: `error` (the default), or `truncate` to `maxBodyBytes`. */
  readonly longerBody?: 'error' | 'truncate';
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** `headers` has lower-case names; a header sent more than once is joined with `, `. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Sends one request and returns the response, whatever its status. Does not follow redirects, decompress or retry.
 * Throws ToolError `remote` with `ERR_HTTP_TIMEOUT`, `ERR_HTTP_UNREACHABLE` (the message distinguishes name resolution, refusal,
 * a broken connection and TLS) or `ERR_HTTP_TOO_LARGE`, and `interrupted` with `ERR_INTERRUPTED` when `signal` aborts.
 */
export async function request(options: HttpRequest): Promise<HttpResponse> {
  const { timeoutMs, sleep, signal, url } = options;
  const stop = new AbortController();
  const finished = new AbortController();
  const interrupt = (): void => stop.abort(interrupted('stopped before a response arrived'));
  if (signal?.aborted) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  void sleep(timeoutMs, finished.signal).then(
    () => finished.signal.aborted || stop.abort(timedOut(url, timeoutMs)),
    ignore,
  );
  const { method, headers = {}, body = null } = options;
  const report = reportRequest({ method, url, headers, body });
  try {
    const response = await Promise.race([exchange(options, stop.signal), rejectOnAbort(stop.signal)]);
    report?.received(response);
    return response;
  } catch (error) {
    const reason = stop.signal.aborted ? stop.signal.reason : describeFailure(error, url.host);
    report?.failed(reason instanceof ToolError ? `${reason.message} (${reason.code})` : String(reason));
    throw reason;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    finished.abort();
  }
}

/** A rejected sleep was aborted, which is not an error here. */
function ignore(): void {}

function timedOut(url: URL, timeoutMs: number): ToolError {
  const message = `${url.host} did not respond within ${timeoutMs / 1000} s`;
  return new ToolError('remote', 'ERR_HTTP_TIMEOUT', message);
}

/** Undici's timeouts are off: they measure idle time, so an occasional byte would keep a request alive forever. */
async function exchange(options: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const { dispatcher, method, url, headers = {}, body } = options;
  const response = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: { ...headers },
    body: body ?? null,
    signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const bytes = await readBody(response.body, options);
  return { status: response.statusCode, headers: joinHeaders(response.headers), body: bytes };
}

async function readBody(body: AsyncIterable<Uint8Array>, options: HttpRequest): Promise<Uint8Array> {
  const { maxBodyBytes, longerBody, url } = options;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    chunks.push(chunk);
    if (length > maxBodyBytes && longerBody !== 'truncate') {
      throw new ToolError(
        'remote',
        'ERR_HTTP_TOO_LARGE',
        `${url.host} sent a response of more than ${maxBodyBytes} bytes`,
      );
    }
    // Breaking out of the loop closes the connection.
    if (length > maxBodyBytes) break;
  }
  return Buffer.concat(chunks, Math.min(length, maxBodyBytes));
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_FAIL']);

const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET']);

const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL']);

/** undici throws an HTTPParserError without the code (HPE_…) that Node would give. Observed with undici 7.30. */
const PARSER_ERROR = 'HPE';

/** Node's codes for certificate errors from OpenSSL, and for TLS failures before a certificate is received. */
const TLS = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/**
 * Converts an error of undici or Node for a failed request to a ToolError of kind `remote`; the message names `host`.
 * Codes: `ERR_HTTP_TIMEOUT`, `ERR_HTTP_TOO_LARGE`, `ERR_HTTP_UNREACHABLE`, `ERR_HTTP_PROXY`. An error without a code is a bug of this tool and is
 * returned unchanged, as is a ToolError.
 */
export function describeFailure(error: unknown, host: string): unknown {
  const code = codeOf(error);
  if (error instanceof ToolError || code === null || code === 'UND_ERR_INVALID_ARG') return error;
  const [toolCode, message] = describeTunnel(error) ?? describeCode(code);
  return new ToolError('remote', toolCode, `${host} ${message}`, { cause: error });
}

/**
 * Describes a proxy that refused to connect to the host. undici gives its status only in the message (7.30). A 4xx status, such as a
 * request for a password, is permanent, so it has a separate code, which is not retried.
 */
function describeTunnel(error: unknown): readonly [code: string, message: string] | null {
  if (!(error instanceof Error)) return null;
  const status = /^Proxy response \((\d{3})\)/.exec(error.message)?.[1];
  if (status === undefined) return error.cause === undefined ? null : describeTunnel(error.cause);
  const code = Number(status) < 500 ? 'ERR_HTTP_PROXY' : 'ERR_HTTP_UNREACHABLE';
  return [
    code,
    `was not reached: the proxy answered ${status}${status === '407' ? ' (it asks for a user and password)' : ''}`,
  ];
}

function describeCode(code: string): readonly [code: string, message: string] {
  if (TIMEOUTS.has(code)) return ['ERR_HTTP_TIMEOUT', 'did not accept a connection in time'];
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return ['ERR_HTTP_TOO_LARGE', 'sent response headers that are too large'];
  if (UNRESOLVED.has(code)) return ['ERR_HTTP_UNREACHABLE', `could not be resolved (${code})`];
  if (code === 'ECONNREFUSED') return ['ERR_HTTP_UNREACHABLE', 'refused the connection'];
  if (BROKEN.has(code)) return ['ERR_HTTP_UNREACHABLE', 'closed the connection before the response was complete'];
  if (NO_ROUTE.has(code)) return ['ERR_HTTP_UNREACHABLE', `cannot be reached from this network (${code})`];
  if (TLS.test(code)) return ['ERR_HTTP_UNREACHABLE', `could not be reached over TLS (${code})`];
  if (code === PARSER_ERROR) return ['ERR_HTTP_UNREACHABLE', 'sent a malformed HTTP response'];
  if (code.startsWith('HPE_')) return ['ERR_HTTP_UNREACHABLE', `sent a malformed HTTP response (${code})`];
  return ['ERR_HTTP_UNREACHABLE', `could not be reached (${code})`];
}

/** The code of an error, of the first error of an AggregateError (one per address tried), or of its cause. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.name === 'HTTPParserError') return PARSER_ERROR;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

/** A number from here on is a time in milliseconds (2001), from MIN_UNIX_SECONDS on a time in seconds; below, seconds to wait. */
const MIN_UNIX_MS = 1e12;

const MIN_UNIX_SECONDS = 1e9;

const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Parses a `Retry-After` header to a time in ms since the epoch; null if it is missing or malformed. Apple's Server API sends a time in
 * milliseconds; HTTP defines seconds to wait and a date. Source: Apple, "Identifying rate limits"; RFC 9110, 10.2.3.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d{1,16}(?:\.\d+)?$/.test(text)) return retryTime(Number(text), nowMs);
  return HTTP_DATE.test(text) ? Date.parse(text) : null;
}

function retryTime(number: number, nowMs: number): number {
  if (number >= MIN_UNIX_MS) return number;
  return number >= MIN_UNIX_SECONDS ? number * 1_000 : nowMs + number * 1_000;
}
