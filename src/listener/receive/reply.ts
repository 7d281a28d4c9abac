import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Answer } from './incoming.js';
import type { Refused } from './refused.js';

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
export function replyOf({ status, body }: Answer): Reply {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new RangeError(`${status} is no status to answer`);
  if (BODILESS.has(status)) return { status, headers: [], body: '' };
  return body === null ? { status, headers: NO_BODY, body: '' } : jsonReply(status, body);
}

export function refusalReply({ status, code, message }: Refused): Reply {
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
