/**
 * Whether requests to both go to the same place: letter case of scheme and host and a port that goes without saying make no difference,
 * nor does what is not sent (credentials, fragment); anything in path and query does, a final slash too.
 */
export function isSameAddress(one: string, other: string): boolean {
  const address = addressOf(one);
  return one === other || (address !== null && address === addressOf(other));
}

function addressOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, host, pathname, search } = new URL(text);
  return `${protocol}//${host}${pathname}${search}`;
}
