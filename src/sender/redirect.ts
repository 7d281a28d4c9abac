import { isLoopback, reachOf, reachOfAddress } from '../address/reach.js';
import { type Answer, type Judgement, quote } from './outcome.js';
import type { HostAddresses } from './resolve-host.js';

/** Redirects followed for one attempt at most. Apple's number is not documented [U]; a longer chain is a mistake in any case. */
const MAX_REDIRECTS = 5;

/** Next step after a response: another request, or the end. `none` is a response without a redirect to follow. */
type RedirectPlan =
  | { readonly next: 'follow'; readonly url: URL }
  | { readonly next: 'stop'; readonly judgement: Judgement }
  | { readonly next: 'none' };

/**
 * Redirects that repeat the request at another URL, with the same body. 303 asks for a GET, which would carry no notification, and is
 * final. Apple does not document that it follows redirects, but its result CIRCULAR_REDIRECT implies it [U].
 */
const FOLLOWED = new Set([301, 302, 307, 308]);

/**
 * Plans the step after a response. `visited` has the requested URLs, oldest first, that of the response last. A redirect to one of them,
 * or more than {@link MAX_REDIRECTS} redirects, is CIRCULAR_REDIRECT. Pure.
 */
export function planRedirect(answer: Answer, visited: readonly URL[]): RedirectPlan {
  const location = answer.headers.location;
  if (!FOLLOWED.has(answer.status) || typeof location !== 'string') return { next: 'none' };
  const url = parseLocation(location, visited.at(-1));
  const shown = `answered ${answer.status} with Location ${quote(location)}`;
  if (url === null) return stop('INVALID_RESPONSE', `${shown}, which is not a valid URL`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return stop('OTHER', `${shown}, which is not HTTP`);
  if (isRefused(url, visited)) return stop('UNSUCCESSFUL_HTTP_RESPONSE_CODE', `${shown}, ${REFUSED}`);
  if (!isSafe(url, visited[0])) return { next: 'none' };
  if (visited.some((each) => each.href === url.href))
    return stop('CIRCULAR_REDIRECT', `${shown}, which was requested before`);
  if (visited.length > MAX_REDIRECTS) return stop('CIRCULAR_REDIRECT', `${shown}, after ${MAX_REDIRECTS} redirects`);
  return { next: 'follow', url };
}

function stop(result: Judgement['result'], detail: string): RedirectPlan {
  return { next: 'stop', judgement: { result, detail } };
}

const REFUSED = 'a loopback or private address, to which a redirect from a public host is not followed';

function isRefused(url: URL, visited: readonly URL[]): boolean {
  return reachOf(url.hostname) !== 'public' && visited.some(({ hostname }) => reachOf(hostname) === 'public');
}

/**
 * Judges the addresses of the host that `redirect` leads to, the last of `visited`: a public name may resolve to a loopback or private
 * address, also one that resolved to a public address before. Null if the redirect is followed. An address that a request before went to
 * (`connected`) is one that the given URL leads to anyway. Pure.
 */
export function judgeAddresses(
  redirect: Answer,
  visited: readonly URL[],
  { addresses }: HostAddresses,
  connected: ReadonlySet<string>,
): Judgement | null {
  if (visited.slice(0, -1).every(({ hostname }) => reachOf(hostname) !== 'public')) return null;
  const refused = addresses.find((each) => reachOfAddress(each) !== 'public' && !connected.has(each));
  if (refused === undefined) return null;
  const detail = `answered ${redirect.status} with a Location that resolves to ${refused}, ${REFUSED}`;
  return { result: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE', detail };
}

/** Parses a `Location` header, without the fragment, which is never sent; null for an invalid one. */
function parseLocation(location: string, base: URL | undefined): URL | null {
  try {
    const url = new URL(location, base);
    url.hash = '';
    return url;
  } catch {
    return null;
  }
}

/** Plain http is allowed to loopback and to the host of the user's URL only: a redirect must not send a notification unencrypted elsewhere. */
function isSafe(url: URL, first: URL | undefined): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname) || url.hostname === first?.hostname;
}
