import { describe, expect, it } from 'vitest';
import { describeAddress } from '../../../src/address/display.js';

describe('describeAddress', () => {
  it.each([
    ['http://localhost:3000', 'http://localhost:3000/'],
    ['http://localhost:3000/webhooks/apple', 'http://localhost:3000/webhooks/apple'],
    ['http://127.0.0.1:3000/a?key=SECRET', 'http://127.0.0.1:3000/a…'],
    ['http://127.0.0.1:3000/?key=SECRET', 'http://127.0.0.1:3000/…'],
    ['http://app.local/a/b', 'http://app.local/a/b'],
    ['http://10.1.2.3/a#SECRET', 'http://10.1.2.3/a…'],
    ['https://user:SECRET@localhost/a', 'https://localhost/a'],
    ['https://user:SECRET@example.com:8443/', 'https://example.com:8443/'],
    ['https://example.com', 'https://example.com/'],
    ['https://example.com/v1/SECRET', 'https://example.com/…'],
    ['https://example.com/?SECRET', 'https://example.com/…'],
    ['https://api.revenuecat.com/v1/incoming-webhooks/SECRET', 'https://api.revenuecat.com/…'],
  ])('%s is %s', (address, shown) => expect(describeAddress(new URL(address))).toBe(shown));
});
