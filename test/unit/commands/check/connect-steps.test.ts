import { describe, expect, it } from 'vitest';
import { connectSteps, type Expectations } from '../../../../src/commands/check/connect-steps.js';
import type { NotificationUrls } from '../../../../src/connect-api/app.js';
import { ToolError } from '../../../../src/errors.js';

const A = 'https://a.example/apple';
const B = 'https://b.example/apple';

function urls(sandbox: string | null, production: string | null, versions = ['V2', 'V2']): NotificationUrls {
  return {
    subscriptionStatusUrl: production,
    subscriptionStatusUrlVersion: production === null ? null : (versions[1] ?? null),
    subscriptionStatusUrlForSandbox: sandbox,
    subscriptionStatusUrlVersionForSandbox: sandbox === null ? null : (versions[0] ?? null),
  };
}

const COMPARED: Expectations = { url: A, environments: null, bundleId: 'com.example.app', appAppleId: null };

function statuses(set: NotificationUrls, compared: Partial<Expectations> = {}): readonly string[] {
  const app = { id: '1', bundleId: 'com.example.app', name: 'App', urls: set };
  return connectSteps({ state: 'app', app }, { ...COMPARED, ...compared })
    .slice(1)
    .map(({ id, status }) => `${id.replace('app-store-connect.', '')} ${status}`);
}

describe('what App Store Connect has', () => {
  it.each<[string, NotificationUrls, Partial<Expectations>, readonly string[]]>([
    [
      'the URL for both',
      urls(A, A),
      {},
      ['sandbox pass', 'sandbox-version pass', 'production pass', 'production-version pass'],
    ],
    [
      'the same spelt differently',
      urls('https://A.example:443/apple', A),
      { environments: ['sandbox'] },
      ['sandbox pass', 'sandbox-version pass'],
    ],
    ['a slash more', urls(`${A}/`, A), { environments: ['sandbox'] }, ['sandbox fail', 'sandbox-version pass']],
    [
      'another for production',
      urls(A, B),
      {},
      ['sandbox pass', 'sandbox-version pass', 'production warn', 'production-version pass'],
    ],
    [
      'another for production, which was named',
      urls(A, B),
      { environments: ['production'] },
      ['production fail', 'production-version pass'],
    ],
    [
      'another for both',
      urls(B, B),
      {},
      ['sandbox fail', 'sandbox-version pass', 'production fail', 'production-version pass'],
    ],
    [
      'production alone, which the sandbox uses too',
      urls(null, A),
      {},
      ['sandbox pass', 'production pass', 'production-version pass'],
    ],
    ['production alone, and another', urls(null, B), { environments: ['sandbox'] }, ['sandbox fail']],
    ['the sandbox alone', urls(A, null), {}, ['sandbox pass', 'sandbox-version pass', 'production warn']],
    [
      'the sandbox alone, both named',
      urls(A, null),
      { environments: ['sandbox', 'production'] },
      ['sandbox pass', 'sandbox-version pass', 'production fail'],
    ],
    ['nothing', urls(null, null), {}, ['sandbox fail', 'production fail']],
    ['version 1', urls(A, A, ['V1', 'V2']), { environments: ['sandbox'] }, ['sandbox pass', 'sandbox-version fail']],
    [
      'version 1 of another URL',
      urls(A, B, ['V2', 'V1']),
      {},
      ['sandbox pass', 'sandbox-version pass', 'production warn', 'production-version warn'],
    ],
    ['no version', urls(A, A, []), { environments: ['sandbox'] }, ['sandbox pass', 'sandbox-version warn']],
    [
      'two URLs, and none to compare',
      urls(A, B),
      { url: null },
      ['sandbox pass', 'sandbox-version pass', 'production pass', 'production-version pass'],
    ],
    [
      'one URL, and none to compare',
      urls(A, null),
      { url: null },
      ['sandbox pass', 'sandbox-version pass', 'production warn'],
    ],
  ])('%s', (_case, set, compared, expected) => expect(statuses(set, compared)).toEqual(expected));

  it.each([
    ['https://api.revenuecat.com/v1/incoming-webhooks/apple/abcdefgh', 'https://api.revenuecat.com/…'],
    ['https://me:secret@b.example/apple?key=secret', 'https://b.example/apple?…'],
  ])('shows %s as %s', (url, shown) => {
    const app = { id: '1', bundleId: 'com.example.app', name: 'App', urls: urls(url, null) };
    const steps = connectSteps({ state: 'app', app }, { ...COMPARED, environments: ['sandbox'] });
    expect(steps[1]).toMatchObject({ status: 'fail', seen: shown });
    expect(JSON.stringify(steps)).not.toMatch(/secret|abcdefgh/);
  });

  it('says so where two look alike and are not', () => {
    const app = { id: '1', bundleId: 'com.example.app', name: 'App', urls: urls(`${A}?a=1`, null) };
    const compared = { ...COMPARED, url: `${A}?a=2`, environments: ['sandbox'] } as const;
    expect(connectSteps({ state: 'app', app }, compared)[1]?.seen).toBe(`${A}?…, which differs in a hidden part`);
  });

  it.each([
    ['1', 'pass'],
    ['2', 'warn'],
    [null, 'pass'],
  ])('an app Apple ID %s here, 1 there: %s', (appAppleId, status) => {
    const app = { id: '1', bundleId: 'com.example.app', name: 'App', urls: urls(A, A) };
    expect(connectSteps({ state: 'app', app }, { ...COMPARED, appAppleId })[0]?.status).toBe(status);
  });

  it.each([
    [{ state: 'no-app', similar: null }, 'fail', undefined],
    [{ state: 'not-queried', why: 'no key' }, 'skip', undefined],
    [{ state: 'failed', error: new ToolError('remote', 'ERR_CONNECT_SERVER', 'it failed') }, 'skip', 'remote'],
  ] as const)('%j', (found, status, kind) => {
    const steps = connectSteps(found, COMPARED);
    expect(steps.map((step) => [step.status, step.error?.kind])).toEqual([[status, kind]]);
  });

  it('names an app with nearly this bundle id', () => {
    const similar = { bundleId: 'com.Example.App', difference: 'they differ in letter case only, which counts' };
    expect(connectSteps({ state: 'no-app', similar }, COMPARED)).toMatchObject([
      {
        status: 'fail',
        seen: expect.stringContaining('but to com.Example.App: they differ in letter case only'),
        hint: 'Try --bundle-id com.Example.App',
      },
    ]);
  });
});
