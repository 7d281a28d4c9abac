import { type ServerResponse, STATUS_CODES } from 'node:http';

/** A POST with a body, taken whole, that is to be judged. */
export interface ReceivedRequest {
  readonly body: Uint8Array;
  readonly atMs: number;
  /** The `Content-Type` as received; null without one. */
  readonly contentType: string | null;
  /** The client's address as far as proxies are trusted; null where it cannot be known. */
  readonly address: string | null;
  /** Ids of the listeners it has passed, from `storewire-via`. */
  readonly via: readonly string[];
}

/** What is answered. `body` becomes one JSON object; null answers without one. */
export interface ListenerResponse {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** Why a request never becomes a notification. `message` holds nothing of the peer's. */
export interface RequestRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Every reason there is, with what is answered. The path that would have been right is in none of them. */
export const REQUEST_REFUSALS = {
  NOT_FROM_APPLE: { status: 403, message: 'only notifications from addresses of Apple are taken here' },
  NO_HOST: { status: 400, message: 'a request of HTTP/1.1 needs a Host header' },
  NOT_FOUND: { status: 404, message: 'nothing is to be found here' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'notifications are sent by POST' },
  EXPECTATION_FAILED: { status: 417, message: 'no expectation other than 100-continue can be met' },
  TOO_LARGE: { status: 413, message: 'the body is larger than any notification' },
  UNSUPPORTED_ENCODING: { status: 415, message: 'the body is compressed or otherwise encoded; send it as it is' },
  UNSUPPORTED_TYPE: { status: 415, message: 'the body is to be JSON: send it with Content-Type: application/json' },
  UNSUPPORTED_CHARSET: { status: 415, message: 'the body is to be UTF-8' },
  MALFORMED_HTTP: { status: 400, message: 'this is not HTTP as it is written down' },
  INCOMPLETE: { status: 400, message: 'the request broke off before it was complete' },
  HEADERS_TOO_LARGE: { status: 431, message: 'the headers are too large' },
  TIMED_OUT: { status: 408, message: 'the request was not complete in time' },
  CROWDED_OUT: { status: 408, message: 'closed to make room: no connection had waited longer for its request' },
  BUSY: { status: 503, message: 'too many requests wait for their answer; send it again later' },
  INTERNAL: { status: 503, message: 'the request could not be handled; send it again later' },
} as const satisfies Readonly<Record<string, Omit<RequestRefusal, 'code'>>>;

export type RequestRefusalCode = keyof typeof REQUEST_REFUSALS;

export function requestRefusal(code: RequestRefusalCode): RequestRefusal {
  return { code, ...REQUEST_REFUSALS[code] };
}

/** An answer as it goes out. Headers are flat pairs, which node writes without looking at each. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly string[];
  /** One JSON object; empty for none. */
  readonly body: string;
}

/** The body where there is none: clients that await JSON get along with it, and it holds nothing. */
const NO_BODY = ['content-length', '0'];

const CLOSE = ['connection', 'close'];

/** No `Content-Length` in these. Source: RFC 9110, 8.6. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** Throws RangeError for what is no final status of HTTP. */
export function replyOf({ status, body }: ListenerResponse): Reply {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new RangeError(`${status} is no status to answer`);
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

/** Begins and ends the answer. */
export function send(response: ServerResponse, reply: Reply, isLast: boolean): void {
  begin(response, reply, isLast);
  response.end(reply.body);
}

/** Sends all of it, yet leaves the connection open behind it until `response.end()`. */
export function sendAhead(response: ServerResponse, reply: Reply): void {
  begin(response, reply, true);
  if (reply.body === '') response.flushHeaders();
  else response.write(reply.body);
}

function begin(response: ServerResponse, { status, headers }: Reply, isLast: boolean): void {
  response.writeHead(status, isLast ? [...headers, ...CLOSE] : (headers as string[]));
}

/** The same as text, for a connection on which the parser has given up. */
export function rawReply({ status, headers, body }: Reply, nowMs: number): string {
  const fields = [...headers, ...CLOSE, 'date', new Date(nowMs).toUTCString()];
  const lines = fields.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${fields[at + 1]}`] : []));
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}
