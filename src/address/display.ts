import { reachOf } from './reach.js';
import { serviceOf } from './services.js';
import { isValidUrl } from './valid-url.js';

/**
 * Detail of a displayed URL. `report`: scheme, host and path, for reports that may be published. `host`: scheme and host of a public
 * host, the path as well on this machine and in private networks; for lines and records about an address that may itself be a key.
 */
export type UrlDetail = 'report' | 'host';

/**
 * A URL without its secrets. Credentials and fragment are never shown. `report` replaces a query with `?…`, and falls back to `host` for
 * RevenueCat and Qonversion, whose paths are keys. `host` ends in `…` where something is left out. Text that is not a URL is returned
 * unchanged by `report` and replaced with `…` by `host`.
 */
export function displayUrl(url: URL | string, detail: UrlDetail): string {
  if (typeof url === 'string') {
    if (isValidUrl(url)) return displayUrl(new URL(url), detail);
    return detail === 'report' ? url : '…';
  }
  const { protocol, host, pathname, search } = url;
  if (detail === 'host' || serviceOf(url) !== null) return displayHost(url);
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}

function displayHost({ protocol, hostname, host, pathname, search, hash }: URL): string {
  const path = reachOf(hostname) === 'public' ? '/' : pathname;
  const isWhole = path === pathname && search === '' && hash === '';
  return `${protocol}//${host}${path}${isWhole ? '' : '…'}`;
}

/** A URL within text; one that has already been shortened ends before its `…`. */
const URL_IN_TEXT = /[a-z][a-z0-9+.-]*:\/\/[^\s…]+/gi;

/** Replaces every URL in a text with its `report` form. */
export function displayUrlsIn(text: string): string {
  return text.replace(URL_IN_TEXT, (url) => displayUrl(url, 'report'));
}
