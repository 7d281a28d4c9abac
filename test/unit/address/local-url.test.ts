import { describe, expect, it } from 'vitest';
import { completeLocalUrl, isAddress } from '../../../src/address/local-url.js';

describe('the shorthand of a local address', () => {
  it.each([
    [':3000/apple', 'http://localhost:3000/apple'],
    ['3000/apple', 'http://localhost:3000/apple'],
    ['localhost:3000/apple', 'http://localhost:3000/apple'],
    ['LOCALHOST:3000', 'http://localhost:3000'],
    ['127.0.0.1:3000/apple?key=a', 'http://127.0.0.1:3000/apple?key=a'],
    ['[::1]:3000', 'http://[::1]:3000'],
    ['localhost/apple', 'http://localhost/apple'],
    ['4280', 'http://localhost:4280'],
  ])('%s is %s', (text, url) => {
    expect(completeLocalUrl(text)).toBe(url);
    expect(isAddress(text)).toBe(true);
  });

  it.each([
    'example.com:3000/apple',
    'localhost.example.com',
    '123456',
    'apple',
    '/apple',
    ':/apple',
    '3000 /apple',
    '',
  ])('"%s" is left alone', (text) => {
    expect(completeLocalUrl(text)).toBe(text);
    expect(isAddress(text)).toBe(false);
  });

  it('leaves a full URL alone', () => {
    expect(completeLocalUrl('https://example.com/a')).toBe('https://example.com/a');
    expect(isAddress('https://example.com/a')).toBe(true);
  });
});
