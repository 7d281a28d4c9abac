import { describe, expect, it } from 'vitest';
import { APPLE_ADDRESSES, ownerOfAddress } from '../../../src/settings/base-address.js';

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
