import { describe, expect, it } from 'vitest';
import type { NotificationUrls } from '../../../src/connect-api/app.js';
import {
  effectiveUrl,
  hasUrlSettings,
  isSameSetting,
  planChange,
  type UrlSetting,
  type UrlSettings,
} from '../../../src/connect-api/url-settings.js';

const A = 'https://a.example.com/apple';
const B = 'https://b.example.com/apple';

const urls = (sandbox: UrlSetting | null, production: UrlSetting | null): NotificationUrls => ({
  subscriptionStatusUrl: production?.url ?? null,
  subscriptionStatusUrlVersion: production?.version ?? null,
  subscriptionStatusUrlForSandbox: sandbox?.url ?? null,
  subscriptionStatusUrlVersionForSandbox: sandbox?.version ?? null,
});

const V2 = (url: string): UrlSetting => ({ url, version: 'V2' });
const NONE: UrlSetting = { url: null, version: null };

describe('how App Store Connect reads the settings', () => {
  it.each([
    ['both', urls(V2(A), V2(B)), { url: A, of: 'sandbox' }, { url: B, of: 'production' }],
    ['production alone', urls(null, V2(B)), { url: B, of: 'production' }, { url: B, of: 'production' }],
    ['the sandbox alone', urls(V2(A), null), { url: A, of: 'sandbox' }, null],
    ['neither', urls(null, null), null, null],
    ['a version without a URL', urls({ url: null, version: 'V2' }, null), null, null],
  ])('%s', (_what, settings, sandbox, production) => {
    const of = (environment: 'sandbox' | 'production') => effectiveUrl(settings, environment);
    expect([of('sandbox'), of('production')]).toEqual(
      [sandbox, production].map((receiver) => receiver && { ...receiver, version: 'V2' }),
    );
  });
});

describe('two settings', () => {
  it.each<[string, UrlSetting, UrlSetting, boolean]>([
    ['the same', V2(A), V2(A), true],
    ['another host', V2(A), V2(B), false],
    ['another version', V2(A), { url: A, version: 'V1' }, false],
    ['a version that is not set', V2(A), { url: A, version: null }, false],
    ['spelt otherwise', V2('https://A.example.com:443'), V2('https://a.example.com/'), true],
    ['a path spelt otherwise', V2('https://a.example.com/x'), V2('https://a.example.com/X'), false],
    ['with a slash more', V2('https://a.example.com/x'), V2('https://a.example.com/x/'), false],
    ['what is no URL', V2('x'), V2('x'), true],
    ['no URL and a version', NONE, { url: null, version: 'V1' }, true],
    ['no URL and one', NONE, V2(A), false],
  ])('%s', (_what, one, other, same) => {
    expect([isSameSetting(one, other), isSameSetting(other, one)]).toEqual([same, same]);
  });
});

describe('a plan', () => {
  const sandboxUrl = 'subscriptionStatusUrlForSandbox';
  const sandboxVersion = 'subscriptionStatusUrlVersionForSandbox';
  it.each<[string, NotificationUrls, UrlSettings, UrlSettings, object]>([
    ['nothing to do', urls(V2(A), null), { sandbox: V2(A) }, {}, {}],
    ['nothing asked for', urls(V2(A), null), {}, {}, {}],
    ['the URL alone', urls(V2(A), V2(A)), { sandbox: V2(B) }, { sandbox: V2(A) }, { [sandboxUrl]: B }],
    [
      'the version alone',
      urls(V2(A), null),
      { sandbox: { url: A, version: 'V1' } },
      { sandbox: V2(A) },
      { [sandboxVersion]: 'V1' },
    ],
    [
      'a first URL',
      urls(null, V2(A)),
      { sandbox: V2(B), production: V2(A) },
      { sandbox: NONE },
      { [sandboxUrl]: B, [sandboxVersion]: 'V2' },
    ],
    ['clearing', urls(V2(A), null), { sandbox: NONE }, { sandbox: V2(A) }, { [sandboxUrl]: null }],
    [
      'both',
      urls(V2(A), V2(B)),
      { sandbox: V2(B), production: NONE },
      { sandbox: V2(A), production: V2(B) },
      { [sandboxUrl]: B, subscriptionStatusUrl: null },
    ],
  ])('%s', (_what, current, wanted, before, attributes) => {
    const plan = planChange(current, wanted);
    expect(plan).toMatchObject({ before, attributes });
    expect([Object.keys(plan.before), Object.keys(plan.after)]).toEqual([Object.keys(before), Object.keys(before)]);
    expect(Object.keys(plan.attributes)).toHaveLength(Object.keys(attributes).length);
    expect(hasUrlSettings({ ...current, ...plan.attributes }, wanted)).toBe(true);
    expect(planChange({ ...current, ...plan.attributes }, plan.before).after).toEqual(plan.before);
  });
});
