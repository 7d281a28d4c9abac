import { isLoopback } from '../address/reach.js';
import { isValidUrl } from '../address/valid-url.js';
import type { Json } from '../jws/json.js';
import { defect, textOf } from './parse.js';
import type { Sourced } from './setting.js';

/** Default base addresses. The production host is the one Apple recommends since May 2026. */
export const APPLE_ADDRESSES = {
  'serverApi.sandbox': 'https://api.storekit-sandbox.apple.com',
  'serverApi.production': 'https://api.storekit.apple.com',
  connectApi: 'https://api.appstoreconnect.apple.com',
} as const;

type ApiName = keyof typeof APPLE_ADDRESSES;

/** Apple's hosts of each API, including the former names of the Server API. Source: Apple's documentation of both APIs. */
const APPLE_HOSTS: Readonly<Record<ApiName, readonly string[]>> = {
  'serverApi.sandbox': ['api.storekit-sandbox.apple.com', 'api.storekit-sandbox.itunes.apple.com'],
  'serverApi.production': ['api.storekit.apple.com', 'api.storekit.itunes.apple.com'],
  connectApi: ['api.appstoreconnect.apple.com'],
};

const API_TITLES: Readonly<Record<ApiName, string>> = {
  'serverApi.sandbox': 'the Server API',
  'serverApi.production': 'the Server API',
  connectApi: 'the App Store Connect API',
};

/** Services of Apple's other hosts, each as a predicate. */
const OTHER_HOSTS: Readonly<Record<string, string>> = {
  'buy.itunes.apple.com': 'answers verifyReceipt only',
  'sandbox.itunes.apple.com': 'answers verifyReceipt only',
  'appstoreconnect.apple.com': 'is the website of App Store Connect, not an API',
  'itunesconnect.apple.com': 'is the former website of App Store Connect, not an API',
  'developer.apple.com': 'is the developer website, not an API',
  'apps.apple.com': 'shows pages of the App Store, and is not an API',
  'itunes.apple.com': 'serves the App Store, not this API',
};

/**
 * Why an address at Apple cannot be the base address of this API, with the right one; null if it is right, or not Apple's. Takes what
 * parseBaseAddress returned.
 */
export function wrongAppleAddress(address: string, api: ApiName): string | null {
  const { protocol, hostname, pathname } = new URL(address);
  if (hostname !== 'apple.com' && !hostname.endsWith('.apple.com')) return null;
  const right = `${API_TITLES[api]} is at ${APPLE_ADDRESSES[api]} (leave the setting out)`;
  if (!APPLE_HOSTS[api].includes(hostname)) return `that host ${purposeOf(hostname)}; ${right}`;
  if (protocol === 'http:') return `tokens are not sent to Apple unencrypted; ${right}`;
  return pathname === '/' ? null : `the base address has no path; ${right}`;
}

function purposeOf(hostname: string): string {
  const api = (Object.keys(APPLE_HOSTS) as ApiName[]).find((name) => APPLE_HOSTS[name].includes(hostname));
  if (api === 'connectApi') return 'serves the App Store Connect API';
  if (api !== undefined) return `serves the Server API in ${api === 'serverApi.sandbox' ? 'sandbox' : 'production'}`;
  return OTHER_HOSTS[hostname] ?? "is one of Apple's, but does not serve this API";
}

/** Owner of a base address, and so the recipient of the token. `foreign` requires confirmation. */
type AddressOwner = 'apple' | 'loopback' | 'foreign';

/**
 * Owner of a base address, which must come from parseBaseAddress. Apple's hosts count as `apple` only over https on the default port,
 * since an unencrypted token can be read by others. Loopback is `localhost`, names under it, 127.0.0.0/8 and ::1.
 */
export function ownerOfAddress(address: string): AddressOwner {
  const { protocol, hostname, port } = new URL(address);
  if (isLoopback(hostname)) return 'loopback';
  return protocol === 'https:' && port === '' && Object.values(APPLE_HOSTS).flat().includes(hostname)
    ? 'apple'
    : 'foreign';
}

/**
 * Parses the base URL of an API: http or https, without user, query or fragment. Returns it without trailing slashes. Throws
 * `ERR_SETTINGS_BASE_ADDRESS`. Does not check whether the host is Apple's: see ownerOfAddress.
 */
export function parseBaseAddress(raw: Sourced<Json>): string {
  const value = textOf(raw);
  const url = value !== null && isValidUrl(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw defect('BASE_ADDRESS', raw.source, 'must be a URL that starts with https:// or http://');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw defect('BASE_ADDRESS', raw.source, 'must be a URL without user, password, query or fragment');
  }
  return url.href.replace(/\/+$/, '');
}
