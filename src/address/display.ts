import { reachOf } from './reach.js';
import { serviceOf } from './services.js';

/**
 * An address as it may be shown and recorded. Of a host anywhere in the internet only scheme and host, then `…` where there is more:
 * paths such as RevenueCat's are keys. On this machine and in private networks the path too. Never credentials, query or fragment.
 */
export function describeAddress({ protocol, hostname, host, pathname, search, hash }: URL): string {
  const path = reachOf(hostname) === 'public' ? '/' : pathname;
  const isWhole = path === pathname && search === '' && hash === '';
  return `${protocol}//${host}${path}${isWhole ? '' : '…'}`;
}

/**
 * A notification URL as a report may show it, which may lie in public: a service's is a key and shown by its host; of any other
 * neither credentials nor a query, which are keys where they are used at all.
 */
export function showUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (serviceOf(url) !== null) return describeAddress(url);
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** A URL in a text, as far as it is shown: a cut one ends in `…`. */
const WRITTEN_URL = /[a-z][a-z0-9+.-]*:\/\/[^\s…]+/gi;

/** A text of a step as a report may show it: the URLs in it, of the endpoint or named by it, are shown ones. */
export function showUrlsIn(text: string): string {
  return text.replace(WRITTEN_URL, showUrl);
}
