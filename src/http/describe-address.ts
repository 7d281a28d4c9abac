import { reachOf } from './reach.js';

/**
 * An address as it may be shown and recorded. Of a host anywhere in the internet only scheme and host, then `…` where there is more:
 * paths such as RevenueCat's are keys. On this machine and in private networks the path too. Never credentials, query or fragment.
 */
export function describeAddress({ protocol, hostname, host, pathname, search, hash }: URL): string {
  const path = reachOf(hostname) === 'public' ? '/' : pathname;
  const isWhole = path === pathname && search === '' && hash === '';
  return `${protocol}//${host}${path}${isWhole ? '' : '…'}`;
}
