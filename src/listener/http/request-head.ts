import type { IncomingHttpHeaders } from 'node:http';
import type { RequestRefusalCode } from './responses.js';

/** Head of a request. */
export interface RequestHead {
  readonly method: string;
  /** Request target as sent: path and query, full URL, or `*`. */
  readonly url: string;
  readonly httpVersion: string;
  /** Of some headers node keeps the first line only, for example of `Host`. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
}

/** Decision on a request head: refuse, answer a health probe (`greet`), or read the body. */
export type HeadVerdict = RequestRefusalCode | 'greet' | 'read';

/** Decides on a request by its head. `path` is normalized by {@link pathnameOf}; `bodyBytes` limits the declared length. */
export function checkHead(head: RequestHead, path: string, bodyBytes: number): HeadVerdict {
  const { method, headers, httpVersion } = head;
  if (headers.host === undefined && httpVersion === '1.1') return 'NO_HOST';
  if (countHosts(head.rawHeaders) > 1) return 'TWO_HOSTS';
  if (pathnameOf(head.url) !== path) return 'NOT_FOUND';
  if (method === 'GET' || method === 'HEAD') return 'greet';
  if (method !== 'POST') return 'METHOD_NOT_ALLOWED';
  if (!hasBody(headers)) return 'greet';
  if ((declaredBytes(headers) ?? 0) > bodyBytes) return 'TOO_LARGE';
  return checkEncoding(headers) ?? checkType(headers['content-type']) ?? 'read';
}

/** A proxy may route by one of two and this server go by the other (RFC 9112, 3.2). */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/** True if a body follows, possibly an empty chunked one. */
export function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || (declaredBytes(headers) ?? 0) > 0;
}

/** `Content-Length`, which the parser has validated; null without one. */
export function declaredBytes(headers: IncomingHttpHeaders): number | null {
  const length = headers['content-length'];
  return length === undefined ? null : Number(length);
}

const SCHEME_AND_HOST = /^https?:\/\/[^/?#]*/i;

/** Path without query and without one trailing slash. */
export function pathnameOf(url: string): string {
  const path = url.startsWith('/') ? url : url.replace(SCHEME_AND_HOST, '');
  const end = path.search(/[?#]/);
  const pathname = end === -1 ? path : path.slice(0, end);
  return pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
}

function checkEncoding(headers: IncomingHttpHeaders): RequestRefusalCode | null {
  const transfer = headers['transfer-encoding'] ?? 'chunked';
  const content = headers['content-encoding'] ?? '';
  const isPlain = /^chunked$/i.test(transfer) && /^(?:identity)?$/i.test(content);
  return isPlain ? null : 'UNSUPPORTED_ENCODING';
}

/** Media types accepted for JSON, including generic ones. Excludes forms, the default of `curl -d`. */
const JSON_TYPE = /^(?:[\w.-]+\/(?:[\w.+-]+[+-])?json|text\/plain|application\/octet-stream)$/i;

const UTF8 = /^(?:utf-?8|us-ascii)$/i;

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

function checkType(value: string | undefined): RequestRefusalCode | null {
  if (value === undefined || value === 'application/json') return null;
  const type = value.split(';', 1)[0]?.trim() ?? '';
  if (type !== '' && !JSON_TYPE.test(type)) return 'UNSUPPORTED_TYPE';
  const charset = CHARSET.exec(value)?.[1];
  return charset === undefined || UTF8.test(charset) ? null : 'UNSUPPORTED_CHARSET';
}
