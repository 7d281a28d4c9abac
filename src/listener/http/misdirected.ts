import type { IncomingHttpHeaders } from 'node:http';
import { showText } from '../../terminal/escape.js';
import { pathnameOf } from './request-head.js';
import type { RequestRefusalCode } from './responses.js';

/**
 * Places that may name the served path. `always`: also the answer, since only this machine can connect. `locally`: the output of this
 * process only. `never`: the path is random, and the only secret of a public URL.
 */
export type PathDisclosure = 'always' | 'locally' | 'never';

export interface ServedPath {
  readonly path: string;
  readonly disclosure: PathDisclosure;
}

interface AskedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Message for the output of this process, and that for the answer to the peer. */
interface RefusalMessages {
  readonly event: string;
  readonly answer: string;
}

/** Names what was requested and what is served instead; null for a code whose general message says all. Requested texts are escaped. */
export function describeMisdirected(
  code: RequestRefusalCode,
  request: AskedRequest,
  served: ServedPath,
): RefusalMessages | null {
  if (code === 'NOT_FOUND') return describeWrongPath(request, served);
  if (code === 'METHOD_NOT_ALLOWED') return describeWrongMethod(request, served);
  if (code === 'UNSUPPORTED_TYPE') return describeWrongType(request);
  return null;
}

function describeWrongPath({ method = '', url = '' }: AskedRequest, { path, disclosure }: ServedPath): RefusalMessages {
  const asked = pathnameOf(url) || '/';
  const what = `${showText(method)} ${showText(asked)} was asked for`;
  const isPost = method === 'POST';
  const withPath = `${what}; this listens at ${showText(path)}${isPost ? `: ${adviseOnPath(asked)}` : ''}`;
  const withoutPath = `${what}, which is not the path of this listener${isPost ? ': set the URL that listen printed in App Store Connect' : ''}`;
  return {
    event: disclosure === 'never' ? withoutPath : withPath,
    answer: disclosure === 'always' ? withPath : withoutPath,
  };
}

/** Characters that need no quoting in a shell. */
const PLAIN_PATH = /^\/[\w./~-]{0,100}$/;

function adviseOnPath(asked: string): string {
  return `set that URL in App Store Connect${PLAIN_PATH.test(asked) ? `, or --path ${asked}` : ''}`;
}

function describeWrongMethod({ method = '' }: AskedRequest, { path, disclosure }: ServedPath): RefusalMessages {
  const at = disclosure === 'never' ? '' : ` ${showText(path)}`;
  const message = `${showText(method)}${at} was asked for; notifications must be sent by POST`;
  return { event: message, answer: message };
}

/** Media types that a framework or tool sends by default, in words. */
const TYPES: readonly (readonly [type: RegExp, words: string])[] = [
  [
    /^application\/x-www-form-urlencoded\b/i,
    'form-encoded (application/x-www-form-urlencoded, the default of curl -d)',
  ],
  [/^multipart\/form-data\b/i, 'a form (multipart/form-data)'],
  [/^(?:text|application)\/(?:xml|[\w.-]+\+xml)\b/i, 'XML'],
  [/^text\/html\b/i, 'HTML'],
];

function describeWrongType({ headers }: AskedRequest): RefusalMessages | null {
  const words = TYPES.find(([type]) => type.test(headers['content-type'] ?? ''))?.[1];
  if (words === undefined) return null;
  const message = `the body is ${words}; it must be JSON, with Content-Type: application/json`;
  return { event: message, answer: message };
}
