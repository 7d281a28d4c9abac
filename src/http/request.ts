import type { Dispatcher } from 'undici';
import { ToolError } from '../errors.js';
import { describeFailure } from './failure.js';

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
  const interrupt = (): void =>
    stop.abort(new ToolError('interrupted', 'ERR_INTERRUPTED', 'stopped before an answer came'));
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
