import type { StepOutcome } from '../step.js';

export const HTTP_TITLES = {
  'http.answer': 'response to POST',
  'http.version': 'HTTP version',
  'http.wall': 'logins, filters and tunnels',
  'http.redirect': 'redirects',
  'http.size': 'body size',
  'http.charset': 'response charset',
  'http.status': 'status for an unsigned request',
  'http.time': 'response time',
  'http.get': 'GET and empty POST',
} as const;

export type HttpId = keyof typeof HTTP_TITLES;

/** In display order. */
export const HTTP_IDS = Object.keys(HTTP_TITLES) as readonly HttpId[];

export type PostId = Exclude<HttpId, 'http.get'>;

export const POST_IDS = HTTP_IDS.filter((id): id is PostId => id !== 'http.get');

export type HttpFindings<Id extends HttpId = HttpId> = Readonly<Record<Id, StepOutcome>>;
