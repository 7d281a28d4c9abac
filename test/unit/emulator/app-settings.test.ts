import { describe, expect, it } from 'vitest';
import {
  checkEmulatedUrl,
  destinationOf,
  type EmulatedAppSettings,
  initialSettings,
  ownDestination,
} from '../../../src/emulator/app-settings.js';

const HTTPS = 'https://example.com/apple';

describe('a notification URL', () => {
  it.each([
    [HTTPS],
    ['https://example.com:443/apple'],
    ['https://example.com:1024/apple'],
    ['https://127.0.0.1:8443/'],
  ])('%s is as Apple wants it', (url) =>
    expect(checkEmulatedUrl(url)).toEqual({ defect: null, appleWouldRefuse: null }),
  );

  it.each([['http://localhost:3000/'], ['http://127.0.0.1/'], ['http://[::1]:99/'], ['http://a.localhost:1/']])(
    '%s is accepted and reported',
    (url) =>
      expect(checkEmulatedUrl(url)).toEqual({
        defect: null,
        appleWouldRefuse: expect.stringContaining('plain http'),
      }),
  );

  it.each([
    ['example.com/apple', 'not a valid URL'],
    ['http://example.com/', 'plain http'],
    ['http://127.0.0.1.example.com/', 'plain http'],
    ['https://example.com:1023/', 'port 1023'],
    ['https://example.com:80/', 'port 80'],
    ['https://user@example.com/', 'user'],
    ['ftp://example.com/', 'https://'],
  ])('%s is refused', (url, why) => expect(checkEmulatedUrl(url).defect).toContain(why));
});

describe('where a notification goes', () => {
  const settings = (sandbox: string | null, production: string | null): EmulatedAppSettings => ({
    subscriptionStatusUrl: production,
    subscriptionStatusUrlVersion: null,
    subscriptionStatusUrlForSandbox: sandbox,
    subscriptionStatusUrlVersionForSandbox: 'V1',
  });
  it.each([
    ['Sandbox', 'https://s/', 'https://p/', 'https://s/', 'https://s/'],
    ['Sandbox', null, 'https://p/', 'https://p/', null],
    ['Production', 'https://s/', null, null, null],
    ['Production', 'https://s/', 'https://p/', 'https://p/', 'https://p/'],
  ] as const)('%s with sandbox %s and production %s', (environment, sandbox, production, ordinary, test) => {
    expect(destinationOf(settings(sandbox, production), environment)?.url.href ?? null).toBe(ordinary);
    expect(ownDestination(settings(sandbox, production), environment)?.url.href ?? null).toBe(test);
  });

  it('is version 2 where none is set', () => {
    expect(destinationOf(settings('https://s/', 'https://p/'), 'Production')?.version).toBe('V2');
    expect(destinationOf(settings('https://s/', 'https://p/'), 'Sandbox')?.version).toBe('V1');
  });
});

it('starts with version 2 for the URLs that are given', () => {
  expect(initialSettings({ productionUrl: HTTPS })).toEqual({
    subscriptionStatusUrl: HTTPS,
    subscriptionStatusUrlVersion: 'V2',
    subscriptionStatusUrlForSandbox: null,
    subscriptionStatusUrlVersionForSandbox: null,
  });
});

it('refuses to start with a URL that cannot be used', () => {
  expect(() => initialSettings({ sandboxUrl: 'http://example.com' })).toThrow(
    expect.objectContaining({ code: 'ERR_EMULATOR_URL', kind: 'usage' }),
  );
});
