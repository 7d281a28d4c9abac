import { isLoopback } from '../../http/dispatcher.js';
import type { Answer, Judgement } from './outcome.js';
import { quote } from './outcome.js';

/** Most redirects followed for one attempt. Apple's number is not documented [U]; a chain this long is a mistake in any case. */
export const MAX_REDIRECTS = 5;

/** What follows from an answer: another request, or the end. `none` is an answer that is not a redirect to follow. */
export type RedirectPlan =
  | { readonly next: 'follow'; readonly url: URL }
  | { readonly next: 'stop'; readonly judgement: Judgement }
  | { readonly next: 'none' };

/**
 * Redirects that ask for the same request at another place; the body is sent again, unchanged. 303 asks for a GET, which would carry no
 * notification, and is final. Whether Apple follows any is not documented: CIRCULAR_REDIRECT says that it does, a little [U].
 */
const FOLLOWED = new Set([301, 302, 307, 308]);

/**
 * Decides about one answer. `visited` holds the addresses asked so far, oldest first, the one that answered last; `hostname` is that of
 * the first. Coming back to one of them, or going on for more than {@link MAX_REDIRECTS}, is CIRCULAR_REDIRECT. Pure.
 */
export function planRedirect(answer: Answer, visited: readonly URL[]): RedirectPlan {
  const location = answer.headers.location;
  if (!FOLLOWED.has(answer.status) || typeof location !== 'string') return { next: 'none' };
  const url = parseLocation(location, visited.at(-1));
  const shown = `answered ${answer.status} with Location ${quote(location)}`;
  if (url === null) return stop('INVALID_RESPONSE', `${shown}, which is no address`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return stop('OTHER', `${shown}, which is not HTTP`);
  if (!isSafe(url, visited[0])) return { next: 'none' };
  if (visited.some((each) => each.href === url.href))
    return stop('CIRCULAR_REDIRECT', `${shown}, where it had been before`);
  if (visited.length > MAX_REDIRECTS) return stop('CIRCULAR_REDIRECT', `${shown}, after ${MAX_REDIRECTS} redirects`);
  return { next: 'follow', url };
}

function stop(result: Judgement['result'], detail: string): RedirectPlan {
  return { next: 'stop', judgement: { result, detail } };
}

/** Without the fragment, which is never sent. */
function parseLocation(location: string, base: URL | undefined): URL | null {
  try {
    const url = new URL(location, base);
    url.hash = '';
    return url;
  } catch {
    return null;
  }
}

/** Plain http goes to this machine, or to the host the user named: a redirect must not put a notification on the wire elsewhere. */
function isSafe(url: URL, first: URL | undefined): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname) || url.hostname === first?.hostname;
}
