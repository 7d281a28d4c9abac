import { isLoopback } from '../address/reach.js';

/** Apple's own hosts of the two APIs, the old names of the Server API included. Source: Apple's documentation of both APIs. */
const APPLE_HOSTS: ReadonlySet<string> = new Set([
  'api.storekit.apple.com',
  'api.storekit-sandbox.apple.com',
  'api.storekit.itunes.apple.com',
  'api.storekit-sandbox.itunes.apple.com',
  'api.appstoreconnect.apple.com',
]);

/** Where requests go when nothing else is set. The new host of production is the one Apple recommends since May 2026. */
export const APPLE_ADDRESSES = {
  'serverApi.sandbox': 'https://api.storekit-sandbox.apple.com',
  'serverApi.production': 'https://api.storekit.apple.com',
  connectApi: 'https://api.appstoreconnect.apple.com',
} as const;

/** Who gets the token that is sent to an address. `foreign` needs the user's yes. */
type AddressOwner = 'apple' | 'loopback' | 'foreign';

/**
 * Whose a base address is. Apple's hosts count over https on the usual port only: a token sent in the clear is given away.
 * Loopback is `localhost`, names under it, 127.0.0.0/8 and ::1. Takes what parseBaseAddress returned.
 */
export function ownerOfAddress(address: string): AddressOwner {
  const { protocol, hostname, port } = new URL(address);
  if (isLoopback(hostname)) return 'loopback';
  return protocol === 'https:' && port === '' && APPLE_HOSTS.has(hostname) ? 'apple' : 'foreign';
}
