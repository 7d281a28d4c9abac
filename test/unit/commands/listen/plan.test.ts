import { describe, expect, it } from 'vitest';
import type { ListenFlags } from '../../../../src/commands/listen/flags.js';
import { type ListenPlan, planListen } from '../../../../src/commands/listen/plan.js';
import type { ListenSettings } from '../../../../src/settings/resolve.js';
import type { AppSettings } from '../../../../src/settings/resolve-app.js';

const FLAGS: ListenFlags = {
  host: '127.0.0.1',
  appleOnly: false,
  insecure: false,
  forwardTimeout: 10_000,
  forwardSynthetic: false,
  answer: 'ack',
  onInvalid: 'reject',
  trustAuthority: false,
  hang: false,
  dryRun: false,
  yes: false,
  verbose: false,
  json: false,
  anyApp: false,
  journalLimit: 2_147_483_648,
};
const NO_APP: AppSettings = { bundleId: null, appAppleId: null, roots: null };
const OUR_APP: Partial<AppSettings> = {
  bundleId: { value: 'com.example.app', source: { kind: 'flag', name: '--bundle-id' } },
};
/** A public address needs an app. */
const PUBLIC: readonly Partial<ListenFlags>[] = [
  { tunnel: 'cloudflared' },
  { publicUrl: 'https://example.com/' },
  { host: '0.0.0.0' },
  { host: '192.168.1.2' },
  { host: '::' },
];
const UNSET: ListenSettings = { port: null, path: null, targets: null, events: null, exec: null, tunnel: null };
const source = { kind: 'project file', name: '.storewire.json' } as const;

/** Its files are not read. */
const TLS = { cert: 'certificate', key: 'key' };

function plan(
  flags: Partial<ListenFlags> = {},
  settings: Partial<ListenSettings> = {},
  app: Partial<AppSettings> = settings.tunnel || PUBLIC.some((each) => Object.keys(each).some((key) => key in flags))
    ? OUR_APP
    : {},
): ListenPlan {
  const random = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => index * 17);
  return planListen(
    { ...FLAGS, ...flags },
    {
      settings: { ...UNSET, ...settings },
      app: { ...NO_APP, ...app },
      tls: flags.tlsCert === undefined ? null : TLS,
      random,
      env: {},
    },
  );
}

describe('a plan', () => {
  it('without flags or settings', () => {
    expect(plan()).toEqual({
      host: '127.0.0.1',
      port: 4280,
      path: '/',
      pathDisclosure: 'always',
      tls: null,
      proxies: { trusted: [], cloudflared: false },
      tunnel: null,
      publicUrl: null,
      targets: [],
      faults: {},
      expectations: {},
      rootSource: null,
      stopCondition: { kind: 'forever' },
      warnings: [],
    });
  });

  it.each<[Partial<ListenFlags>, string]>([
    [{}, 'always'],
    [{ path: '/apple' }, 'always'],
    [{ host: '0.0.0.0' }, 'locally'],
    [{ publicUrl: 'https://example.com/' }, 'locally'],
    [{ tunnel: 'cloudflared', path: '/apple' }, 'locally'],
    [{ tunnel: 'cloudflared' }, 'never'],
  ])('discloses the path of %j %s', (flags, disclosure) => expect(plan(flags).pathDisclosure).toBe(disclosure));

  it('warns of an expected type that is not in the catalogue', () => {
    expect(plan({ expect: 'BRAND_NEW_THING' }).warnings).toEqual([
      '--expect: BRAND_NEW_THING is unknown to this version of storewire: if it is misspelled, it will match nothing',
    ]);
    expect(() => plan({ expect: 'DID_RENW' })).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE_EVENTS', hint: 'Did you mean DID_RENEW?' }),
    );
  });

  it.each(PUBLIC)('for a public address needs an app: %j', (flags) => {
    expect(() => plan(flags, {}, {})).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'ERR_USAGE_ANY_APP', hint: expect.stringContaining('--any-app') }),
    );
    expect(plan(flags, {}, OUR_APP).expectations).toMatchObject({ bundleId: 'com.example.app' });
    expect(plan({ ...flags, anyApp: true }, {}, {}).expectations).toEqual({});
    expect(plan({ ...flags, anyApp: true, environment: 'Sandbox' }, {}, OUR_APP).expectations).toEqual({
      environment: 'Sandbox',
    });
  });

  it('for a tunnel from the settings needs an app, too', () => {
    const tunnel = { value: 'ngrok', source };
    expect(() => plan({}, { tunnel }, {})).toThrow(expect.objectContaining({ code: 'ERR_USAGE_ANY_APP' }));
  });

  it.each(['127.0.0.1', '::1', 'localhost', '127.9.9.9'])('needs no app at %s', (host) => {
    expect(plan({ host }, {}, {}).expectations).toEqual({});
  });

  it('does not take --any-app with --bundle-id', () => {
    const flags = { anyApp: true, bundleId: 'com.example.app' };
    expect(() => plan(flags, {}, OUR_APP)).toThrow(expect.objectContaining({ code: 'ERR_USAGE_ANY_APP' }));
  });

  it('uses a setting without a flag', () => {
    const settings = {
      port: { value: 5000, source },
      path: { value: '/apple', source },
      targets: { value: ['app=http://localhost:3000/'], source },
      events: { value: ['REFUND', 'REVOKE'], source },
      exec: { value: './handle --token secret', source },
    };
    const made = plan({}, settings);
    expect(made).toMatchObject({ port: 5000, path: '/apple' });
    expect(made.targets).toMatchObject([
      { type: 'http', name: 'app', filter: { events: ['REFUND', 'REVOKE'] } },
      { type: 'exec', name: 'exec', shown: 'a program', filter: { events: ['REFUND', 'REVOKE'] } },
    ]);
    const flags = { port: 0, path: '/x', forwardTo: ['http://localhost:1/'], events: 'TEST', exec: 'cat' };
    expect(plan(flags, settings)).toMatchObject({
      port: 0,
      path: '/x',
      targets: [{ name: 'localhost:1', filter: { events: ['TEST'] } }, { shown: 'a program' }],
    });
  });

  it('compares app and environment', () => {
    const app = { bundleId: { value: 'com.example', source }, appAppleId: { value: '123', source } };
    expect(plan({ environment: 'Sandbox' }, {}, app).expectations).toEqual({
      ...{ bundleId: 'com.example', appAppleId: '123', environment: 'Sandbox' },
      from: { bundleId: 'project file .storewire.json', appAppleId: 'project file .storewire.json' },
    });
  });

  it('with a tunnel gets a random path, unless one is given', () => {
    expect(plan({ tunnel: 'ngrok' }).path).toMatch(/^\/[a-z0-9]{16}$/);
    expect(plan({ tunnel: 'ngrok', path: '/' }).path).toBe('/');
    expect(plan({ tunnel: 'ngrok' }, { path: { value: '/apple', source } }).path).toBe('/apple');
    expect(plan({}, { tunnel: { value: 'ngrok', source } })).toMatchObject({ tunnel: { type: 'ngrok' } });
  });

  it('serves TLS', () => {
    expect(plan({ tlsCert: 'cert.pem', tlsKey: 'key.pem' }).tls).toBe(TLS);
  });

  it('injects the faults of the flags', () => {
    expect(plan({ failFirst: 2, respond: 500, delay: 100 }).faults).toEqual({
      failFirst: 2,
      respond: 500,
      delayMs: 100,
    });
    expect(plan({ hang: true }).faults).toEqual({ hang: true });
  });

  it.each<[Partial<ListenFlags>, string]>([
    [{ path: 'apple' }, 'ERR_SETTINGS_PATH'],
    [{ path: '/apple?key=1' }, 'ERR_SETTINGS_PATH'],
    [{ exec: ' ' }, 'ERR_USAGE_EXEC'],
    [{ publicUrl: 'example.com' }, 'ERR_USAGE_PUBLIC_URL'],
    [{ publicUrl: 'ftp://example.com' }, 'ERR_USAGE_PUBLIC_URL'],
    [{ tunnel: 'nope' }, 'ERR_USAGE_TUNNEL'],
    [{ hang: true, respond: 500 }, 'ERR_USAGE_PRACTICE'],
    [{ hang: true, delay: 100 }, 'ERR_USAGE_PRACTICE'],
    [{ timeout: 1 }, 'ERR_USAGE_LISTEN_END'],
    [{ tlsCert: 'cert.pem', tlsKey: 'key.pem', tunnel: 'cloudflared' }, 'ERR_USAGE_TUNNEL_TLS'],
    [{ answer: 'forwarded' }, 'ERR_USAGE_FORWARD'],
    [{ answer: 'forwarded', exec: 'cat' }, 'ERR_USAGE_FORWARD'],
    [{ onInvalid: 'forward' }, 'ERR_USAGE_FORWARD'],
    [{ events: 'did_renew' }, 'ERR_USAGE_EVENTS'],
    [{ forwardTo: ['nonsense'] }, 'ERR_USAGE_TARGET_URL'],
    [{ trustProxy: ['nonsense'] }, 'ERR_USAGE_TRUST_PROXY'],
  ])('of %j is refused: %s', (flags, code) => {
    expect(() => plan(flags)).toThrow(expect.objectContaining({ kind: 'usage', code }));
  });

  it.each([['ssh:example.com'], ['my-tunnel {port}']])('may serve TLS through %s', (tunnel) => {
    expect(plan({ tunnel, tlsCert: 'cert.pem', tlsKey: 'key.pem' }).tls).not.toBeNull();
  });
});

describe('targets', () => {
  it('keep their own filters, and inherit the others', () => {
    const forwardTo = ['http://localhost:1/ events=TEST', 'http://localhost:2/ deliver=sandbox', 'http://localhost:3/'];
    const made = plan({ forwardTo, events: 'REFUND', deliver: 'Production' });
    expect(made.targets.map(({ filter }) => [filter.events, filter.environment])).toEqual([
      [['TEST'], 'Production'],
      [['REFUND'], 'Sandbox'],
      [['REFUND'], 'Production'],
    ]);
  });

  it('have unique names', () => {
    const made = plan({ forwardTo: ['exec=http://localhost:1/'], exec: 'cat' });
    expect(made.targets.map(({ name }) => name)).toEqual(['exec', 'exec-2']);
  });

  it('that are unusual cause warnings, a shared type only one', () => {
    const forwardTo = ['http://localhost:1/', 'http://localhost:2/ events=NEWER_TYPE', 'open=http://example.com/'];
    expect(plan({ forwardTo, events: 'NEWEST_TYPE' }).warnings).toEqual([
      expect.stringMatching(/^NEWEST_TYPE is unknown/),
      expect.stringMatching(/^localhost:2: NEWER_TYPE is unknown/),
      expect.stringMatching(/^open: plain http/),
    ]);
  });
});

describe('--apple-only', () => {
  it.each<[Partial<ListenFlags>, string]>([
    [{}, 'would reject every request'],
    [{ host: '::1' }, 'would reject every request'],
    [{ tunnel: 'ngrok' }, 'comes from the tunnel'],
    [{ tunnel: 'tailscale', host: '0.0.0.0' }, 'comes from the tunnel'],
    [{ tunnel: 'my-tunnel {port}' }, 'comes from the tunnel'],
    [{ tunnel: 'ssh:example.com' }, 'ssh does not forward them'],
  ])('with %j is refused', (flags, words) => {
    const message = expect.stringContaining(words);
    const hint = expect.stringContaining('--trust-proxy loopback');
    expect(() => plan({ appleOnly: true, ...flags })).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'ERR_USAGE_APPLE_ONLY', message, hint }),
    );
  });

  it.each<[Partial<ListenFlags>, ListenPlan['proxies']]>([
    [{ host: '0.0.0.0' }, { trusted: [], cloudflared: false }],
    [{ tunnel: 'cloudflared' }, { trusted: [], cloudflared: true }],
    [
      { trustProxy: ['loopback', '10.0.0.0/8,192.0.2.1'] },
      { trusted: ['loopback', '10.0.0.0/8', '192.0.2.1/32'], cloudflared: false },
    ],
    [
      { tunnel: 'ngrok', trustProxy: ['loopback'] },
      { trusted: ['loopback'], cloudflared: false },
    ],
    [
      { tunnel: 'ssh:example.com', trustProxy: ['loopback'] },
      { trusted: ['loopback'], cloudflared: false },
    ],
  ])('with %j is accepted', (flags, proxies) => {
    expect(plan({ appleOnly: true, ...flags }).proxies).toEqual(proxies);
  });
});
