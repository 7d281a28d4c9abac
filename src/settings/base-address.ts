import { isLoopback } from '../address/reach.js';

/** Apple's hosts of the two APIs, including the former names of the Server API. Source: Apple's documentation of both APIs. */
const APPLE_HOSTS: ReadonlySet<string> = new Set([
  'api.storekit.apple.com',
  'api.storekit-sandbox.apple.com',
  'api.storekit.itunes.apple.com',
  'api.storekit-sandbox.itunes.apple.com',
  'api.appstoreconnect.apple.com',
]);

/** Default base addresses. The production host is the one Apple recommends since May 2026. */
export const APPLE_ADDRESSES = {
  'serverApi.sandbox': 'https://api.storekit-sandbox.apple.com',
  'serverApi.production': 'https://api.storekit.apple.com',
  connectApi: 'https://api.appstoreconnect.apple.com',
} as const;

/** Owner of a base address, and so the recipient of the token. `foreign` requires confirmation. */
type AddressOwner = 'apple' | 'loopback' | 'foreign';

/**
 * Owner of a base address, which must come from parseBaseAddress. Apple's hosts count as `apple` only over https on the default port,
 * since an unencrypted token can be read by others. Loopback is `localhost`, names under it, 127.0.0.0/8 and ::1.
 */
export function ownerOfAddress(address: string): AddressOwner {
  const { protocol, hostname, port } = new URL(address);
  if (isLoopback(hostname)) return 'loopback';
  return protocol === 'https:' && port === '' && APPLE_HOSTS.has(hostname) ? 'apple' : 'foreign';
}
