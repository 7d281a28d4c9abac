import { expect, it } from 'vitest';
import { isValidUrl } from '../../../src/address/valid-url.js';

it.each([
  ['https://example.com/apple', true],
  ['https://bücher.example/x', true],
  ['http://[::1]:3000', true],
  ['example.com/apple', false],
  ['https://', false],
  ['', false],
])('%s', (text, expected) => expect(isValidUrl(text)).toBe(expected));

it('says the same of a host with an umlaut however often it is asked', () => {
  const refused = Array.from({ length: 50_000 }, () => isValidUrl('https://bücher.example/x')).filter(
    (valid) => !valid,
  );
  expect(refused).toEqual([]);
});
