import { describe, expect, it } from 'vitest';
import { displayUrl, displayUrlsIn } from '../../../src/address/display.js';

describe('displayUrl', () => {
  it.each([
    ['http://localhost:3000', 'http://localhost:3000/', 'http://localhost:3000/'],
    [
      'http://localhost:3000/webhooks/apple',
      'http://localhost:3000/webhooks/apple',
      'http://localhost:3000/webhooks/apple',
    ],
    ['http://127.0.0.1:3000/a?key=SECRET', 'http://127.0.0.1:3000/a…', 'http://127.0.0.1:3000/a?…'],
    ['http://127.0.0.1:3000/?key=SECRET', 'http://127.0.0.1:3000/…', 'http://127.0.0.1:3000/?…'],
    ['http://app.local/a/b', 'http://app.local/a/b', 'http://app.local/a/b'],
    ['http://10.1.2.3/a#SECRET', 'http://10.1.2.3/a…', 'http://10.1.2.3/a'],
    ['https://user:SECRET@localhost/a', 'https://localhost/a', 'https://localhost/a'],
    ['https://user:SECRET@example.com:8443/', 'https://example.com:8443/', 'https://example.com:8443/'],
    ['https://example.com', 'https://example.com/', 'https://example.com/'],
    ['https://example.com/v1/apple', 'https://example.com/…', 'https://example.com/v1/apple'],
    ['https://example.com/?SECRET', 'https://example.com/…', 'https://example.com/?…'],
    [
      'https://api.revenuecat.com/v1/incoming-webhooks/SECRET',
      'https://api.revenuecat.com/…',
      'https://api.revenuecat.com/…',
    ],
    ['https://api.qonversion.io/v1/apple-s2s/SECRET', 'https://api.qonversion.io/…', 'https://api.qonversion.io/…'],
    ['example.com/apple', '…', 'example.com/apple'],
  ])('%s is %s as host, %s in a report', (url, host, report) => {
    expect(displayUrl(url, 'host')).toBe(host);
    expect(displayUrl(url, 'report')).toBe(report);
    if (URL.canParse(url)) expect(displayUrl(new URL(url), 'host')).toBe(host);
  });
});

describe('displayUrlsIn', () => {
  it.each([
    ['redirects to https://example.com/a?key=SECRET', 'redirects to https://example.com/a?…'],
    [
      'https://api.revenuecat.com/v1/SECRET, then http://localhost/b',
      'https://api.revenuecat.com/… then http://localhost/b',
    ],
    ['https://example.com/long…', 'https://example.com/long…'],
    ['no URL here', 'no URL here'],
  ])('%s becomes %s', (text, shown) => expect(displayUrlsIn(text)).toBe(shown));
});
