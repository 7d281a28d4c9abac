import type { Dispatcher } from 'undici';
import { interrupted, ToolError } from '../errors.js';

export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'HEAD';

export interface HttpRequest {
  readonly dispatcher: Dispatcher;
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Deadline of the whole exchange, from connecting to the last byte: an answer that drips in counts too. */
  readonly timeoutMs: number;
  /** Longest body taken; the connection is closed when more comes. */
  readonly maxBodyBytes: number;
  /** What becomes of a longer one: an error (the default), or the start of it is the body. */
  readonly longerBody?: 'refuse' | 'cut';
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
 * One request, one answer, whatever its status: redirects are not followed, nothing is decompressed, nothing is retried.
 * Throws ToolError `remote` with `ERR_HTTP_TIMEOUT`, `ERR_HTTP_UNREACHABLE` (the message tells name resolution, refusal,
 * a broken connection and TLS apart) or `ERR_HTTP_TOO_LARGE`, and `interrupted` with `ERR_INTERRUPTED` when `signal` aborts.
 */
export async function request(options: HttpRequest): Promise<HttpResponse> {
  const { timeoutMs, sleep, signal, url } = options;
  const stop = new AbortController();
  const finished = new AbortController();
  const interrupt = (): void => stop.abort(interrupted('stopped before an answer came'));
  if (signal?.aborted) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  void sleep(timeoutMs, finished.signal).then(
    () => finished.signal.aborted || stop.abort(timedOut(url, timeoutMs)),
    ignore,
  );
  try {
    return await Promise.race([exchange(options, stop.signal), rejectOnAbort(stop.signal)]);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : describeFailure(error, url.host);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    finished.abort();
  }
}

/** A sleep that rejects was stopped, by us or by whoever gave it. */
function ignore(): void {}

function timedOut(url: URL, timeoutMs: number): ToolError {
  const message = `${url.host} did not answer within ${timeoutMs / 1000} s`;
  return new ToolError('remote', 'ERR_HTTP_TIMEOUT', message);
}

/** Undici's own limits are off: they count pauses, so that a byte now and then would keep a request alive for ever. */
async function exchange(options: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const { dispatcher, method, url, headers = {}, body } = options;
  const answer = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: { ...headers },
    body: body ?? null,
    signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const bytes = await readBody(answer.body, options);
  return { status: answer.statusCode, headers: flatten(answer.headers), body: bytes };
}

async function readBody(body: AsyncIterable<Uint8Array>, options: HttpRequest): Promise<Uint8Array> {
  const { maxBodyBytes, longerBody, url } = options;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    chunks.push(chunk);
    if (length > maxBodyBytes && longerBody !== 'cut') {
      throw new ToolError('remote', 'ERR_HTTP_TOO_LARGE', `${url.host} answered with more than ${maxBodyBytes} bytes`);
    }
    // Leaving the loop closes the connection.
    if (length > maxBodyBytes) break;
  }
  return Buffer.concat(chunks, Math.min(length, maxBodyBytes));
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
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

/** undici's parser names an error HTTPParserError and loses the code that Node would give (HPE_…). Seen with undici 7.30. */
const NOT_HTTP = 'HPE';

/** OpenSSL's reasons to refuse a certificate, as Node names them, and what goes wrong before one is seen. */
const TLS = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/**
 * What undici or Node throws for a request that got no answer, as a ToolError of kind `remote`. `host` goes into the message.
 * Codes: `ERR_HTTP_TIMEOUT`, `ERR_HTTP_TOO_LARGE`, `ERR_HTTP_UNREACHABLE`. Anything without a code is a bug of ours and comes
 * back unchanged, as does a ToolError.
 */
export function describeFailure(error: unknown, host: string): unknown {
  const code = codeOf(error);
  if (error instanceof ToolError || code === null || code === 'UND_ERR_INVALID_ARG') return error;
  const [toolCode, message] = describeCode(code);
  return new ToolError('remote', toolCode, `${host} ${message}`, { cause: error });
}

function describeCode(code: string): readonly [code: string, message: string] {
  if (TIMEOUTS.has(code)) return ['ERR_HTTP_TIMEOUT', 'could not be connected to in time'];
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return ['ERR_HTTP_TOO_LARGE', 'answered with headers that are too large'];
  if (UNRESOLVED.has(code)) return ['ERR_HTTP_UNREACHABLE', `could not be found: the name does not resolve (${code})`];
  if (code === 'ECONNREFUSED') return ['ERR_HTTP_UNREACHABLE', 'refused the connection'];
  if (BROKEN.has(code)) return ['ERR_HTTP_UNREACHABLE', 'closed the connection before the answer was complete'];
  if (NO_ROUTE.has(code)) return ['ERR_HTTP_UNREACHABLE', `cannot be reached from this network (${code})`];
  if (TLS.test(code)) return ['ERR_HTTP_UNREACHABLE', `could not be connected to securely (${code})`];
  if (code === NOT_HTTP) return ['ERR_HTTP_UNREACHABLE', 'answered with something that is not HTTP'];
  if (code.startsWith('HPE_')) return ['ERR_HTTP_UNREACHABLE', `answered with something that is not HTTP (${code})`];
  return ['ERR_HTTP_UNREACHABLE', `could not be asked (${code})`];
}

/** The code of an error, of the first of several (one per address tried), or of its cause. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.name === 'HTTPParserError') return NOT_HTTP;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

/** From this number on it is a moment in milliseconds (2001 in ms), from the other on one in seconds; below, seconds to wait. */
const LEAST_UNIX_MS = 1e12;

const LEAST_UNIX_SECONDS = 1e9;

const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * The moment (ms since the epoch) a `Retry-After` header names, or null where it names none. Apple's Server API sends the moment itself
 * in milliseconds; HTTP knows seconds to wait and a date. Source: Apple, "Identifying rate limits"; RFC 9110, 10.2.3.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d{1,16}(?:\.\d+)?$/.test(text)) return momentOf(Number(text), nowMs);
  return HTTP_DATE.test(text) ? Date.parse(text) : null;
}

function momentOf(number: number, nowMs: number): number {
  if (number >= LEAST_UNIX_MS) return number;
  return number >= LEAST_UNIX_SECONDS ? number * 1_000 : nowMs + number * 1_000;
}
