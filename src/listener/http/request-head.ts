import type { IncomingHttpHeaders } from 'node:http';
import type { RequestRefusalCode } from './responses.js';

/** A request before its body. */
export interface RequestHead {
  readonly method: string;
  /** As the peer wrote it: a path and a query, a whole URL, or `*`. */
  readonly url: string;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
}

/** What is done: refused, told that somebody is here (`greet`), or its body read. */
export type HeadVerdict = RequestRefusalCode | 'greet' | 'read';

/** What the head alone decides. `path` is a {@link pathnameOf}; a body that is announced as longer than `bodyBytes` is not read. */
export function checkHead(head: RequestHead, path: string, bodyBytes: number): HeadVerdict {
  const { method, headers, httpVersion } = head;
  if (headers.host === undefined && httpVersion === '1.1') return 'NO_HOST';
  if (pathnameOf(head.url) !== path) return 'NOT_FOUND';
  if (method === 'GET' || method === 'HEAD') return 'greet';
  if (method !== 'POST') return 'METHOD_NOT_ALLOWED';
  if (!hasBody(headers)) return 'greet';
  if ((declaredBytes(headers) ?? 0) > bodyBytes) return 'TOO_LARGE';
  return checkEncoding(headers) ?? checkType(headers['content-type']) ?? 'read';
}

/** A body follows, though it may be an empty one in chunks. */
export function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || (declaredBytes(headers) ?? 0) > 0;
}

/** What `Content-Length` says, which the parser has seen to be a number; null without one. */
export function declaredBytes(headers: IncomingHttpHeaders): number | null {
  const length = headers['content-length'];
  return length === undefined ? null : Number(length);
}

const SCHEME_AND_HOST = /^https?:\/\/[^/?#]*/i;

/** Without the query, and without one slash at its end. */
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

/** What JSON is sent as, by those too who do not say that it is JSON. `curl -d` says that it is a form. */
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
