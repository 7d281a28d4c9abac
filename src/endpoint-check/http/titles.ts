import type { Looked } from '../step.js';

export const HTTP_TITLES = {
  'http.answer': 'answers a POST',
  'http.version': 'HTTP/1.1',
  'http.wall': 'logins and challenges',
  'http.redirect': 'redirects',
  'http.size': 'size of the body',
  'http.charset': 'charset',
  'http.status': 'status for what nobody signed',
  'http.time': 'time to answer',
  'http.get': 'answers a GET',
} as const;

export type HttpId = keyof typeof HTTP_TITLES;

/** In the order they are shown. */
export const HTTP_IDS = Object.keys(HTTP_TITLES) as readonly HttpId[];

export type PostId = Exclude<HttpId, 'http.get'>;

export const POST_IDS = HTTP_IDS.filter((id): id is PostId => id !== 'http.get');

export type HttpFindings<Id extends HttpId = HttpId> = Readonly<Record<Id, Looked>>;
