import { describe, expect, it } from 'vitest';
import { parseHttpUrl } from '../../../src/address/parse.js';

const parse = (text: string): URL => parseHttpUrl(text, '--to', 'ERR_TEST_URL', 'For example: --to http://localhost/');

describe('parseHttpUrl', () => {
  it.each([
    ['http://localhost:4280', 'http://localhost:4280/'],
    ['HTTPS://Example.com/Apple?a=b', 'https://example.com/Apple?a=b'],
    ['https://[::1]:8443/a', 'https://[::1]:8443/a'],
  ])('reads %s', (text, href) => expect(parse(text).href).toBe(href));

  it.each([
    '',
    'example.com/apple',
    'localhost:4280',
    '//example.com',
    'ftp://example.com',
    'http:/example.com',
    'https://',
    'https://exa mple.com',
    'http://localhost:99999',
    ' https://example.com',
  ])('rejects "%s" without quoting it', (text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'ERR_TEST_URL',
        message: '--to must be a full URL that starts with http:// or https://',
        hint: 'For example: --to http://localhost/',
      }),
    );
  });
});
