import { isValidUrl } from './valid-url.js';
/**
 * True if two URLs address the same endpoint. Letter case of scheme and host, a default port, credentials and fragment make no
 * difference; path and query do, including a trailing slash.
 */
export function isSameAddress(one: string, other: string): boolean {
  const address = addressOf(one);
  return one === other || (address !== null && address === addressOf(other));
}

function addressOf(text: string): string | null {
  if (!isValidUrl(text)) return null;
  const { protocol, host, pathname, search } = new URL(text);
  return `${protocol}//${host}${pathname}${search}`;
}
