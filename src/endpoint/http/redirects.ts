import type { DeliveryResult } from '../../simulator/sender/deliver.js';
import { type Looked, quoted } from '../make-step.js';
import { REFUSALS } from './statuses.js';

type Answered = Pick<DeliveryResult, 'result' | 'httpStatus' | 'headers' | 'visited' | 'detail'>;

/** Whether the endpoint sent the notification elsewhere, be it followed or not. */
export function isRedirected({ httpStatus, headers, visited }: Answered): boolean {
  const isRedirect = httpStatus !== null && httpStatus >= 300 && httpStatus < 400;
  return visited.length > 1 || (isRedirect && typeof headers.location === 'string');
}

/**
 * A redirect is always a failure: that Apple follows one is not documented, and some are lost. What Apple would report is known only
 * where following it ends badly too.
 */
export function judgeRedirect(answered: Answered, url: URL): Looked {
  const { result, httpStatus, visited } = answered;
  const endsWell = result === 'SUCCESS' || (httpStatus !== null && REFUSALS.includes(httpStatus));
  const target = targetOf(answered);
  const base = { status: 'fail', expected: 'an answer, not a redirect' } as const;
  if (result === 'CIRCULAR_REDIRECT') {
    const seen = `redirects without end: ${[...visited, target].map(quoted).join(' → ')}`;
    return {
      ...base,
      seen,
      sendAttemptResult: result,
      hint: `Take the path out of the rule that ${nameRule(url, visited[1] ?? target)}.`,
    };
  }
  const kind = describeKind(url, target);
  const seen = `redirects to ${quoted(target)} (${kind})${endsWell ? `, where ${httpStatus} is the answer` : `: ${quoted(answered.detail)}`}`;
  const hint = endsWell
    ? `Enter ${quoted(target)} in App Store Connect instead: that Apple follows redirects is not documented.`
    : 'Answer at the URL itself, or enter the one that answers.';
  return { ...base, seen, sendAttemptResult: endsWell ? null : result, hint };
}

/** Where the last redirect led: to what was asked last, or on from there. */
function targetOf({ httpStatus, headers, visited }: Answered): string {
  const last = visited.at(-1)!;
  const { location } = headers;
  const isRedirect = httpStatus !== null && httpStatus >= 300 && httpStatus < 400;
  if (!isRedirect || typeof location !== 'string') return last;
  return URL.canParse(location, last) ? new URL(location, last).href : location;
}

function describeKind(from: URL, target: string): string {
  if (!URL.canParse(target)) return 'which is no address';
  const to = new URL(target);
  if (from.protocol === 'http:' && to.protocol === 'https:') return 'from http to https';
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'from https to http';
  if (from.hostname !== to.hostname) return 'another host';
  if (isSlash(from, to)) return to.pathname.endsWith('/') ? 'a slash at the end more' : 'a slash at the end less';
  return 'another path';
}

function isSlash(from: URL, to: URL): boolean {
  const bare = (url: URL): string => url.pathname.replace(/\/$/, '');
  return from.pathname !== to.pathname && bare(from) === bare(to);
}

function nameRule(from: URL, target: string): string {
  if (!URL.canParse(target)) return 'redirects it';
  const to = new URL(target);
  if (from.protocol !== to.protocol) return 'turns http into https';
  if (from.hostname !== to.hostname) return 'changes the host';
  return isSlash(from, to) ? 'adds or removes the slash at the end' : 'redirects it';
}
