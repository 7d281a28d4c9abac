import { expect, it } from 'vitest';
import { parseEndpointUrl } from '../../../src/address/endpoint-url.js';

it.each([
  ['https://api.storekit.apple.com/x', 'api.storekit.apple.com belongs to Apple'],
  ['https://17.1.2.3/', '17.1.2.3 belongs to Apple'],
  ['https://api.revenuecat.com/x', 'api.revenuecat.com belongs to RevenueCat'],
])('refuses %s for what it is sent, whoever owns it', (text, owned) => {
  expect(() => parseEndpointUrl(text, '--to')).toThrow(
    expect.objectContaining({
      code: 'ERR_USAGE_HOST',
      message: `${owned}, and synthetic or forged notifications are never sent there`,
    }),
  );
});

it('accepts other hosts, and completes the shorthand of a local one', () => {
  expect(parseEndpointUrl('https://notapple.com/x', '--to').href).toBe('https://notapple.com/x');
  expect(parseEndpointUrl(':3000/apple', '--to').href).toBe('http://localhost:3000/apple');
});
