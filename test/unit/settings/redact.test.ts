import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { describeSecret, describeTarget, Secret } from '../../../src/settings/key-source.js';

describe('Secret', () => {
  const secret = new Secret('first\nsecond\nthird\n');

  it.each([
    ['String', String(secret)],
    ['a template', `${secret}`],
    ['inspect', inspect(secret)],
    ['inspect within an object', inspect({ secret }, { depth: 9, showHidden: true })],
    ['JSON', JSON.stringify({ secret })],
  ])('is not shown by %s', (_way, text) => {
    expect(text).toContain('set, 3 lines');
    expect(text).not.toContain('second');
  });

  it('is given on demand', () => expect(secret.reveal()).toBe('first\nsecond\nthird\n'));
});

describe('describeSecret', () => {
  it.each([
    ['a\nb', 'set, 2 lines'],
    ['abc', 'set, 3 characters'],
    ['a', 'set, 1 character'],
    ['abc\n', 'set, 4 characters'],
  ])('%j is %j', (text, shown) => expect(describeSecret(text)).toBe(shown));
});

describe('describeTarget', () => {
  it.each([
    ['https://api.revenuecat.com/v1/incoming/KEY', 'https://api.revenuecat.com/…'],
    ['rc=https://api.revenuecat.com/v1/incoming/KEY', 'rc=https://api.revenuecat.com/…'],
    ['https://example.com', 'https://example.com/'],
    ['https://example.com/?key=KEY', 'https://example.com/…'],
    ['https://example.com/#KEY', 'https://example.com/…'],
    ['https://user:KEY@example.com:8443/', 'https://example.com:8443/'],
    ['app=http://localhost:3000/webhooks/apple', 'app=http://localhost:3000/webhooks/apple'],
    ['http://localhost:3000/hooks?key=KEY', 'http://localhost:3000/hooks…'],
    ['http://app.local:3000/hooks', 'http://app.local:3000/hooks'],
    [
      'a:1=https://example.com/KEY events=REFUND deliver=sandbox',
      'a:1=https://example.com/… events=REFUND deliver=sandbox',
    ],
    ['https://example.com/ KEYKEY', 'https://example.com/ set, 6 characters'],
    ['KEYKEY', 'set, 6 characters'],
    ['rc=KEYKEY', 'rc=set, 6 characters'],
  ])('%s is shown as %s', (target, shown) => expect(describeTarget(target)).toBe(shown));
});
