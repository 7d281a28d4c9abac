import { describe, expect, it } from 'vitest';
import { parseDestination, parseOutputMode, readArguments } from '../../../../src/commands/trigger/output-mode.js';
import { parseEdits, parseTriggerRequest, type TriggerRequestFlags } from '../../../../src/commands/trigger/request.js';
import { confirmForgery } from '../../../../src/commands/trigger/run.js';
import { buildLayers } from '../../../../src/settings/open.js';
import { findScenario } from '../../../../src/simulator/scenarios/scenarios.js';

const code = (expected: string) => expect.objectContaining({ kind: 'usage', code: expected });

describe('--to', () => {
  it.each([
    ['http://localhost:4280/', 'loopback'],
    ['HTTP://127.0.0.1:1/x?y=1', 'loopback'],
    ['https://192.168.1.4/apple', 'private'],
    ['https://staging.example.com/apple', 'public'],
    ['https://notapple.com/', 'public'],
    ['https://apple.com.example.org/', 'public'],
  ])('%s is %s', (url, reach) => expect(parseDestination(url)).toEqual({ url: new URL(url), reach }));

  it.each([
    ['example.com:4280', 'ERR_USAGE_URL'],
    ['99999', 'ERR_USAGE_URL'],
    ['ftp://example.com/', 'ERR_USAGE_URL'],
    ['http://', 'ERR_USAGE_URL'],
    ['https:example.com', 'ERR_USAGE_URL'],
    ['https://me:secret@example.com/', 'ERR_USAGE_URL'],
    ['https://api.revenuecat.com/v1/incoming-webhooks/apple/abc', 'ERR_USAGE_HOST'],
    ['https://API.REVENUECAT.COM./x', 'ERR_USAGE_HOST'],
    ['https://api.qonversion.io/x', 'ERR_USAGE_HOST'],
    ['https://apple.com/', 'ERR_USAGE_HOST'],
    ['https://api.storekit.itunes.apple.com/', 'ERR_USAGE_HOST'],
  ])('%s is refused: %s', (url, expected) => expect(() => parseDestination(url)).toThrow(code(expected)));

  it('does not repeat a password', () => {
    expect(() => parseDestination('https://me:secret@example.com/')).not.toThrow(/secret/);
  });
});

describe('a local endpoint without a scheme', () => {
  it.each([':3000/apple', '3000/apple', 'localhost:3000/apple'])('%s', (text) => {
    expect(parseDestination(text)).toEqual({ url: new URL('http://localhost:3000/apple'), reach: 'loopback' });
  });
});

describe('the arguments', () => {
  const read = (event?: string, url?: string, to?: string) => readArguments({ event, url }, to);

  it.each([
    [[], {}],
    [['DID_RENEW'], { event: 'DID_RENEW' }],
    [['DID_RENEW', ':3000/apple'], { event: 'DID_RENEW', to: ':3000/apple' }],
    [['DID_RENEW', 'https://example.com/'], { event: 'DID_RENEW', to: 'https://example.com/' }],
    [['localhost:3000'], { to: 'localhost:3000' }],
    [['DID_RENEW', undefined, 'http://x/'], { event: 'DID_RENEW', to: 'http://x/' }],
  ] as const)('%j', (given, expected) => expect(read(...given)).toEqual(expected));

  it.each([
    [['DID_RENEW', 'BILLING_RECOVERY'], 'ERR_USAGE_URL', 'Did you mean DID_RENEW.BILLING_RECOVERY?'],
    [['DID_RENEW', 'example'], 'ERR_USAGE_URL', 'For example: storewire trigger DID_RENEW http://localhost:4280/'],
    [['DID_RENEW', ':3000', 'http://x/'], 'ERR_TRIGGER_WHERE', 'Omit one of them.'],
  ] as const)('%j are refused', (given, expected, hint) => {
    expect(() => read(...given)).toThrow(expect.objectContaining({ code: expected, hint }));
  });
});

describe('the output flags', () => {
  it.each([
    [{ print: false }, null],
    [{ print: true }, { kind: 'print' }],
    [
      { print: false, viaEmulator: 'http://x' },
      { kind: 'emulator', baseUrl: 'http://x' },
    ],
  ])('%j', (flags, output) => expect(parseOutputMode(flags)).toEqual(output));

  it.each([
    { print: true, to: 'http://localhost/' },
    { print: true, viaEmulator: 'http://x' },
    { print: false, to: 'http://localhost/', viaEmulator: 'http://x' },
  ])('%j is refused', (flags) => expect(() => parseOutputMode(flags)).toThrow(code('ERR_TRIGGER_WHERE')));
});

const NOW = { atMs: 1_793_610_000_000, isForged: false };

describe('--set', () => {
  it.each([
    ['data.bundleId=com.example.app', 'data.bundleId', 'com.example.app'],
    ['a=b=c', 'a', 'b=c'],
    ['a=', 'a', ''],
  ])('%s', (given, path, text) => {
    expect(parseEdits([given], ['x'], NOW)).toEqual({ set: [{ path, text }], remove: ['x'] });
  });

  it.each(['a', '=b', ''])('"%s" is refused', (text) => {
    expect(() => parseEdits([text], [], NOW)).toThrow(code('ERR_USAGE_SET'));
  });

  it('a value of another type is refused before anything is read, unless it is forged', () => {
    expect(() => parseEdits(['data.status=active'], [], NOW)).toThrow(code('ERR_SIMULATOR_VALUE'));
    expect(() => parseEdits(['data.status=active'], [], { ...NOW, isForged: true })).not.toThrow();
  });
});

const open = (env: Record<string, string> = {}) =>
  buildLayers(
    { flags: {}, env, cwd: '/x', platform: 'linux', userId: -1 },
    { project: null, user: null, userPath: null },
  );
const request = (flags: Partial<TriggerRequestFlags>, env: Record<string, string> = {}) =>
  parseTriggerRequest({ count: 1, ...flags }, open(env), NOW.atMs);

describe('a request', () => {
  it.each([
    [{ event: 'DID_RENEW' }, { kind: 'event', type: 'DID_RENEW', subtype: null }],
    [{ event: 'did_renew.billing_recovery' }, { kind: 'event', type: 'DID_RENEW', subtype: 'BILLING_RECOVERY' }],
    [{ scenario: 'refund' }, { kind: 'scenario', name: 'refund' }],
    [{ forge: 'CHAIN_BROKEN' }, { kind: 'forgery', type: 'DID_RENEW', subtype: null, reason: 'CHAIN_BROKEN' }],
    [
      { event: 'TEST', forge: 'CHAIN_BROKEN' },
      { kind: 'forgery', type: 'TEST', subtype: null, reason: 'CHAIN_BROKEN' },
    ],
    [{ scenario: './refund.json' }, { kind: 'story', path: './refund.json' }],
    [{ scenario: '-' }, { kind: 'story', path: '-' }],
    [{ like: 'last' }, { kind: 'like', input: 'last', next: null, isScrubbed: false }],
    [
      { like: 'a.json', next: 'expired.voluntary', scrub: true },
      { kind: 'like', input: 'a.json', next: { type: 'EXPIRED', subtype: 'VOLUNTARY' }, isScrubbed: true },
    ],
  ] as const)('%j', (flags, what) => expect(request(flags).selection).toEqual(what));

  it.each([
    [{ like: 'last', event: 'REFUND' }, 'ERR_TRIGGER_WHAT', 'For the event that follows: --like last --next REFUND'],
    [{ like: 'last', scenario: 'refund' }, 'ERR_TRIGGER_WHAT', 'Omit one of them.'],
    [
      { like: 'last', forge: 'CHAIN_BROKEN' },
      'ERR_TRIGGER_WHAT',
      'To forge one of your app: storewire trigger DID_RENEW --forge CHAIN_BROKEN',
    ],
    [
      { like: 'last', count: 2 },
      'ERR_TRIGGER_WHAT',
      'It keeps its ids, so copies would be repeats: run it again for one.',
    ],
    [{ next: 'REFUND' }, 'ERR_TRIGGER_WHAT', 'For example: storewire trigger --like last --next REFUND'],
    [{ scrub: true }, 'ERR_TRIGGER_WHAT', 'For example: storewire trigger --like last --scrub --print > fixture.json'],
    [{ like: 'last', next: 'EXPIRD' }, 'ERR_SIMULATOR_EVENT', 'Did you mean EXPIRED?'],
    [{ scenario: 'refnd' }, 'ERR_SIMULATOR_SCENARIO', 'Did you mean refund?'],
    [
      { event: 'REFUND', originalTransactionId: 'x' },
      'ERR_TRIGGER_TIE',
      'Ids are digits, for example 2000000123456789.',
    ],
    [
      { event: 'REFUND', appAccountToken: 'me' },
      'ERR_TRIGGER_TIE',
      'StoreKit takes UUIDs alone, for example 7f3c1f52-2b61-4d0e-9a3b-5d2f0c8e1a77.',
    ],
    [{ event: 'TEST', originalTransactionId: '7' }, 'ERR_TRIGGER_TIE', 'Omit --original-transaction-id.'],
  ] as const)('%j is refused: %s %s', (flags, expected, hint) => {
    expect(() => request(flags)).toThrow(expect.objectContaining({ kind: 'usage', code: expected, hint }));
  });

  it.each([
    [{}, 'ERR_TRIGGER_WHAT'],
    [{ event: 'TEST', scenario: 'refund' }, 'ERR_TRIGGER_WHAT'],
    [{ scenario: 'refund', forge: 'CHAIN_BROKEN' }, 'ERR_TRIGGER_FORGE_SCENARIO'],
    [{ event: 'NOPE' }, 'ERR_SIMULATOR_EVENT'],
    [{ event: 'SUBSCRIBED' }, 'ERR_SIMULATOR_EVENT'],
    [{ event: 'TEST.VOLUNTARY' }, 'ERR_SIMULATOR_EVENT'],
  ] as const)('%j is refused: %s', (flags, expected) => expect(() => request(flags)).toThrow(code(expected)));

  it('is of the app in the settings', () => {
    const env = { STOREWIRE_BUNDLE_ID: 'com.x', STOREWIRE_APP_APPLE_ID: '77', STOREWIRE_ENVIRONMENT: 'production' };
    const app = {
      environment: 'Production',
      bundleId: 'com.x',
      bundleIdSource: 'STOREWIRE_BUNDLE_ID',
      appAppleId: 77,
      productId: 'p',
    };
    expect(request({ event: 'TEST', productId: 'p' }, env).app).toEqual(app);
  });

  it('is sandbox where nothing is set', () => {
    const app = { environment: 'Sandbox', bundleId: null, bundleIdSource: null, appAppleId: null, productId: null };
    expect(request({ event: 'TEST' }).app).toEqual(app);
  });

  it('refuses an app Apple ID that a number cannot hold', () => {
    const env = { STOREWIRE_APP_APPLE_ID: '9007199254740993' };
    expect(() => request({ event: 'TEST' }, env)).toThrow(code('ERR_SETTINGS_APP_APPLE_ID'));
  });
});

describe('a forgery for a public host', () => {
  const forged = request({ forge: 'CHAIN_BROKEN' });
  const publicHost = parseDestination('https://staging.example.com/');
  const depsWith = (isTty: boolean, answer: boolean | null, questions: string[] = []) => ({
    stdin: { isTty } as never,
    stderr: { isTty } as never,
    prompts: async () => {
      if (answer === null) throw new Error('no prompt expected');
      const confirm = async ({ message }: { message: string }) => {
        questions.push(message);
        return answer;
      };
      return { confirm } as never;
    },
  });

  it.each([
    ['with --yes', forged, publicHost, true],
    ['on loopback', forged, parseDestination('http://localhost:1/'), false],
    ['in a private network', forged, parseDestination('http://10.0.0.1/'), false],
    ['for a valid notification', request({ event: 'TEST' }), publicHost, false],
  ] as const)('needs no confirmation %s', async (_case, what, where, yes) => {
    await expect(confirmForgery(what, where, yes, depsWith(true, null))).resolves.toBeUndefined();
  });

  it('is confirmed on a terminal, by host name', async () => {
    const questions: string[] = [];
    await confirmForgery(forged, publicHost, false, depsWith(true, true, questions));
    expect(questions).toEqual([expect.stringContaining('staging.example.com')]);
  });

  it.each([
    ['answered no', true, false],
    ['off a terminal', false, null],
  ] as const)('%s is refused', async (_case, isTty, answer) => {
    await expect(confirmForgery(forged, publicHost, false, depsWith(isTty, answer))).rejects.toEqual(
      code('ERR_TRIGGER_FORGE_HOST'),
    );
  });
});

describe('a name that is near another', () => {
  it.each([
    [{ event: 'DID_RENW' }, 'Did you mean DID_RENEW?'],
    [{ event: 'did-renew:billing-recovery' }, 'Did you mean DID_RENEW.BILLING_RECOVERY?'],
    [{ event: 'BILLING_RETRY' }, 'Did you mean EXPIRED.BILLING_RETRY?'],
    [{ event: 'upgrade' }, 'Did you mean --scenario upgrade?'],
    [{ event: 'billing-retry' }, 'Did you mean --scenario billing-retry?'],
    [{ event: 'PENDING' }, 'Did you mean PRICE_INCREASE.PENDING?'],
    [{ event: 'SUBSCRIBED' }, 'Subtypes of SUBSCRIBED: INITIAL_BUY, RESUBSCRIBE.'],
  ])('%j', (flags, hint) => {
    expect(() => request(flags)).toThrow(expect.objectContaining({ kind: 'usage', hint }));
  });

  it('a type given as a scenario is named as a type', () => {
    expect(() => findScenario('did_renew')).toThrow(
      expect.objectContaining({ hint: 'It is a type: storewire trigger DID_RENEW' }),
    );
    expect(() => findScenario('monthly-comitment')).toThrow(
      expect.objectContaining({ hint: 'Did you mean monthly-commitment?' }),
    );
  });
});
