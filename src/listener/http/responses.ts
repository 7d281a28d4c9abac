import { type ServerResponse, STATUS_CODES } from 'node:http';

/** Complete POST request with a body, to verify. */
export interface ReceivedRequest {
  readonly body: Uint8Array;
  readonly atMs: number;
  /** The `Content-Type` as received; null without one. */
  readonly contentType: string | null;
  /** Address of the client, from trusted proxies if any; null if unknown. */
  readonly address: string | null;
  /** Ids of the listeners passed so far, from `storewire-via`. */
  readonly via: readonly string[];
}

/** Answer to a request. `body` is sent as a JSON object; null for none. */
export interface ListenerResponse {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** Refusal of a request before verification. `message` quotes of the peer at most method and path, escaped. */
export interface RequestRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** All refusals with status and general message. None of them reveals the right path; `describeMisdirected` may. */
export const REQUEST_REFUSALS = {
  NOT_FROM_APPLE: { status: 403, message: 'only requests from Apple addresses are accepted' },
  NO_HOST: { status: 400, message: 'an HTTP/1.1 request needs a Host header' },
  TWO_HOSTS: { status: 400, message: 'a request must have one Host header, not several' },
  NOT_FOUND: { status: 404, message: 'not found' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'notifications must be sent by POST' },
  EXPECTATION_FAILED: { status: 417, message: 'unsupported Expect header: only 100-continue is supported' },
  TOO_LARGE: { status: 413, message: 'the body is too large' },
  UNSUPPORTED_ENCODING: { status: 415, message: 'the body must not be compressed or encoded' },
  UNSUPPORTED_TYPE: { status: 415, message: 'the body must be JSON, with Content-Type: application/json' },
  UNSUPPORTED_CHARSET: { status: 415, message: 'the body must be UTF-8' },
  MALFORMED_HTTP: { status: 400, message: 'malformed HTTP request' },
  INCOMPLETE: { status: 400, message: 'the request was incomplete' },
  HEADERS_TOO_LARGE: { status: 431, message: 'the headers are too large' },
  TIMED_OUT: { status: 408, message: 'the request timed out' },
  CROWDED_OUT: {
    status: 408,
    message: 'connection closed: too many connections, and this one sent no complete request',
  },
  BUSY: { status: 503, message: 'too many pending requests; retry later' },
  INTERNAL: { status: 503, message: 'internal error; retry later' },
} as const satisfies Readonly<Record<string, Omit<RequestRefusal, 'code'>>>;

export type RequestRefusalCode = keyof typeof REQUEST_REFUSALS;

export function requestRefusal(code: RequestRefusalCode): RequestRefusal {
  return { code, ...REQUEST_REFUSALS[code] };
}

/** Serialized answer. Headers are flat pairs, which node writes without inspecting each. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly string[];
  /** JSON object as text; empty for none. */
  readonly body: string;
}

/** Header of an answer without a body, which JSON clients accept. */
const NO_BODY = ['content-length', '0'];

const CLOSE = ['connection', 'close'];

/** Statuses without `Content-Length`. Source: RFC 9110, 8.6. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** Throws RangeError unless the status is final (200 to 599). */
export function replyOf({ status, body }: ListenerResponse): Reply {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new RangeError(`${status} is not a final HTTP status`);
  if (BODILESS.has(status)) return { status, headers: [], body: '' };
  return body === null ? { status, headers: NO_BODY, body: '' } : jsonReply(status, body);
}

export function refusalReply({ status, code, message }: RequestRefusal): Reply {
  const reply = jsonReply(status, { error: { code, message } });
  return status === 405 ? { ...reply, headers: [...reply.headers, 'allow', 'GET, HEAD, POST'] } : reply;
}

export function jsonReply(status: number, value: Readonly<Record<string, unknown>>): Reply {
  const body = JSON.stringify(value);
  const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))];
  return { status, headers, body };
}

/** Sends the complete answer. */
export function send(response: ServerResponse, reply: Reply, isLast: boolean): void {
  begin(response, reply, isLast);
  response.end(reply.body);
}

/** Sends the answer, but keeps the connection open until `response.end()`. */
export function sendAhead(response: ServerResponse, reply: Reply): void {
  begin(response, reply, true);
  if (reply.body === '') response.flushHeaders();
  else response.write(reply.body);
}

function begin(response: ServerResponse, { status, headers }: Reply, isLast: boolean): void {
  response.writeHead(status, isLast ? [...headers, ...CLOSE] : (headers as string[]));
}

/** Answer as raw text, for a connection whose parser has failed. */
export function rawReply({ status, headers, body }: Reply, nowMs: number): string {
  const fields = [...headers, ...CLOSE, 'date', new Date(nowMs).toUTCString()];
  const lines = fields.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${fields[at + 1]}`] : []));
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}
