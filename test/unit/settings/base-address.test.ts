import { describe, expect, it } from 'vitest';
import { APPLE_ADDRESSES, ownerOfAddress, wrongAppleAddress } from '../../../src/settings/base-address.js';

describe('ownerOfAddress', () => {
  it.each(Object.values(APPLE_ADDRESSES))('%s, the default, is Apple', (address) => {
    expect(ownerOfAddress(address)).toBe('apple');
  });

  it.each([
    ['https://api.storekit.itunes.apple.com', 'apple'],
    ['https://API.storekit.apple.com/base', 'apple'],
    ['http://api.storekit.apple.com', 'foreign'],
    ['https://api.storekit.apple.com:8443', 'foreign'],
    ['https://api.storekit.apple.com.example.com', 'foreign'],
    ['https://apple.com', 'foreign'],
    ['http://localhost:4281', 'loopback'],
    ['http://apple.localhost', 'loopback'],
    ['http://127.0.0.1:1', 'loopback'],
    ['http://127.9.9.9', 'loopback'],
    ['http://2130706433', 'loopback'],
    ['http://[::1]:4281', 'loopback'],
    ['http://localhost.example.com', 'foreign'],
    ['http://127.0.0.1.example.com', 'foreign'],
    ['http://128.0.0.1', 'foreign'],
    ['http://0.0.0.0', 'foreign'],
    ['http://192.168.1.2', 'foreign'],
  ])('%s is %s', (address, owner) => expect(ownerOfAddress(address)).toBe(owner));
});

describe('wrongAppleAddress', () => {
  type Api = keyof typeof APPLE_ADDRESSES;

  it.each<[string, Api]>([
    ...Object.entries(APPLE_ADDRESSES).map(([api, address]) => [address, api] as [string, Api]),
    ['https://api.storekit.itunes.apple.com', 'serverApi.production'],
    ['https://api.storekit-sandbox.itunes.apple.com', 'serverApi.sandbox'],
    ['http://127.0.0.1:4290/sandbox', 'serverApi.sandbox'],
    ['https://apple.com.example.com', 'serverApi.sandbox'],
    ['https://notapple.com', 'connectApi'],
  ])('%s may be the address of %s', (address, api) => expect(wrongAppleAddress(address, api)).toBeNull());

  it.each<[string, Api, string]>([
    [
      'https://sandbox.itunes.apple.com',
      'serverApi.sandbox',
      'that host answers verifyReceipt only; the Server API is at https://api.storekit-sandbox.apple.com (leave the setting out)',
    ],
    [
      'http://buy.itunes.apple.com/verifyReceipt',
      'serverApi.production',
      'that host answers verifyReceipt only; the Server API is at https://api.storekit.apple.com ',
    ],
    [
      'https://api.appstoreconnect.apple.com',
      'serverApi.sandbox',
      'that host serves the App Store Connect API; the Server API',
    ],
    [
      'https://api.storekit.apple.com',
      'connectApi',
      'that host serves the Server API in production; the App Store Connect API is at https://api.appstoreconnect.apple.com',
    ],
    [
      'https://api.storekit.apple.com',
      'serverApi.sandbox',
      'serves the Server API in production; the Server API is at https://api.storekit-sandbox.apple.com',
    ],
    ['https://appstoreconnect.apple.com/apps', 'connectApi', 'is the website of App Store Connect, not an API'],
    ['https://developer.apple.com', 'serverApi.sandbox', 'is the developer website'],
    ['https://api.storekit.sandbox.apple.com', 'serverApi.sandbox', "is one of Apple's, but does not serve this API"],
    ['http://api.storekit.apple.com', 'serverApi.production', 'not sent to Apple unencrypted'],
    ['https://api.storekit.apple.com/inApps/v1', 'serverApi.production', 'the base address has no path'],
  ])('%s is not that of %s', (address, api, words) => expect(wrongAppleAddress(address, api)).toContain(words));
});
