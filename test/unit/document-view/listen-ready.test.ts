import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import {
  describeFaults,
  describeReady,
  describeStopped,
  type ReadyContext,
} from '../../../src/commands/listen/view/ready.js';
import type { ListenerCounts, ReadyEvent } from '../../../src/listener/events.js';
import { widthOf } from '../../../src/terminal/width.js';
import { AT_MS } from './listen-events.js';

const LOCAL = 'http://127.0.0.1:4280/';

const NOTES: ReadyContext = {
  trustsAuthority: false,
  customRoots: 0,
  journal: '.storewire/journal.ndjson',
  answer: 'ack',
  onInvalid: 'reject',
  faults: null,
};

const atWidth = (columns: number) => ({ paint: new Chalk({ level: 0 }), columns, nowMs: AT_MS });

function ready(change: Partial<ReadyEvent> = {}, notes: Partial<ReadyContext> = {}, columns = 80): string {
  const event = {
    event: 'ready',
    atMs: AT_MS,
    url: LOCAL,
    publicUrl: null,
    targets: [],
    journal: '/x',
    owed: 0,
  } as const;
  return describeReady({ ...event, ...change }, { ...NOTES, ...notes }, atWidth(columns));
}

describe('the ready block', () => {
  it('shows the endpoint, the missing settings and the next commands', () => {
    expect(ready()).toBe(
      [
        'Listening for App Store Server Notifications',
        '  local     http://127.0.0.1:4280/',
        '  trusts    Apple',
        '  forwards  nowhere  add --forward-to http://localhost:3000/path',
        '  journal   .storewire/journal.ndjson  personal data, kept for 30 days',
        '',
        'In App Store Connect',
        '  Apple can only reach public https URLs. Get one with --tunnel cloudflared, or',
        '  pass yours with --public-url.',
        '',
        'Try it',
        '  restart   storewire listen --trust-authority  and your other flags',
        '  send      storewire trigger DID_RENEW --to http://127.0.0.1:4280/',
        '            rejected unless listen runs with --trust-authority',
        '',
        'Stop: Ctrl-C',
        '',
        '',
      ].join('\n'),
    );
  });

  it('says that any app is accepted', () => {
    expect(ready({}, { acceptsAnyApp: true })).toContain('  app       any  to accept only yours, add --bundle-id\n');
    expect(ready({}, { acceptsAnyApp: false })).not.toContain('  app ');
  });

  it('with a public URL shows the fields of App Store Connect', () => {
    const text = ready({ publicUrl: 'https://abc.example.com/k3j' });
    expect(text).toContain(
      [
        'In App Store Connect  App Information → App Store Server Notifications',
        '  paste     https://abc.example.com/k3j',
        '  into      Sandbox Server URL or Production Server URL',
        '  choose    Version 2 Notifications',
        '',
        'Try it',
      ].join('\n'),
    );
  });

  it.each([
    ['http://abc.example.com/', '✗ Apple sends to https only'],
    ['https://abc.example.com:80/', '✗ Apple accepts port 443 or 1024 and above, not 80'],
    ['https://localhost/', '✗ localhost is this machine'],
    ['https://abc.example.com/?a=b', '! App Store Connect may reject a URL with a query'],
  ])('says which rule %s breaks', (publicUrl, words) => expect(ready({ publicUrl })).toContain(words));

  it('never wraps text meant to be copied', () => {
    const url = `http://127.0.0.1:4280/${'k'.repeat(60)}`;
    const publicUrl = `https://${'sub.'.repeat(12)}example.com/${'k'.repeat(60)}`;
    const text = ready({ url, publicUrl }, {}, 60);
    expect(text).toContain(`paste     ${publicUrl}\n`);
    expect(text).toContain(`send      storewire trigger DID_RENEW --to ${url}\n`);
  });

  it.each([60, 80, 120])('otherwise fits %s columns', (columns) => {
    const targets = [
      { name: 'app', shown: 'http://localhost:3000/apple', only: null },
      { name: 'RevenueCat', shown: 'https://api.revenuecat.com/…', only: null },
    ];
    const text = ready(
      { targets, owed: 12_345 },
      { trustsAuthority: true, customRoots: 2, faults: 'never answers' },
      columns,
    );
    const wide = text.split('\n').filter((line) => widthOf(line) > columns && !line.includes('storewire trigger'));
    expect(wide).toEqual([]);
  });

  it.each<[string, Partial<ReadyEvent>, Partial<ReadyContext>, string]>([
    ['targets by name', { targets: [{ name: 'app', shown: LOCAL, only: null }] }, {}, `forwards  app → ${LOCAL}`],
    [
      'targets with their filters',
      { targets: [{ name: 'app', shown: LOCAL, only: 'events=REFUND' }] },
      {},
      `forwards  app → ${LOCAL}  events=REFUND`,
    ],
    [
      'the target whose status Apple gets',
      { targets: [{ name: 'a', shown: 'b', only: null }] },
      { answer: 'forwarded' },
      'a → b  its status is returned to Apple',
    ],
    ['one pending delivery', { owed: 1 }, {}, 'pending   1 delivery  from earlier runs, resuming now'],
    ['many pending', { owed: 1_234 }, {}, '1,234 deliveries'],
    ['the test authority', {}, { trustsAuthority: true }, "trusts    Apple and this project's test authority\n"],
    ['a root', {}, { customRoots: 1 }, 'Apple and 1 root from --root'],
    ['roots', {}, { customRoots: 2 }, 'Apple and 2 roots from --root'],
    [
      'the root of the test authority and another one',
      {},
      { customRoots: 2, trustsTrigger: true, rootSource: 'STOREWIRE_ROOT' },
      "Apple and this project's test authority (STOREWIRE_ROOT) and 1 root from STOREWIRE_ROOT",
    ],
    [
      'the source of a root',
      {},
      { customRoots: 1, rootSource: 'STOREWIRE_ROOT' },
      'Apple and 1 root from STOREWIRE_ROOT',
    ],
    [
      'how to accept what trigger sends at this URL',
      { url: 'http://127.0.0.1:5000/apple' },
      {},
      'restart   storewire listen --port 5000 --path /apple --trust-authority',
    ],
    ['the app for trigger', {}, { triggerFlags: ' --bundle-id com.x' }, `DID_RENEW --to ${LOCAL} --bundle-id com.x\n`],
    ['that invalid ones are forwarded', {}, { onInvalid: 'forward' }, 'invalid   forwarded, too'],
    ['that invalid ones are dropped', {}, { onInvalid: 'drop' }, 'invalid   answered 200 and dropped'],
    ['injected faults', {}, { faults: 'answers every request with 503' }, 'faults    answers every request with 503'],
  ])('shows %s', (_name, event, context, words) => expect(ready(event, context, 120)).toContain(words));

  it('omits the hint about trust when the test authority is trusted', () => {
    expect(ready({}, { trustsAuthority: true })).not.toContain('--trust-authority');
    expect(ready({}, { customRoots: 1, trustsTrigger: true })).not.toContain('--trust-authority');
  });
});

describe('injected faults in words', () => {
  it.each([
    [{}, null],
    [{ respond: 503 }, 'answers every request with 503'],
    [{ failFirst: 1 }, 'answers the first request with 503'],
    [{ failFirst: 3, respond: 500 }, 'answers the first 3 requests with 500'],
    [{ hang: true }, 'leaves every request unanswered'],
    [{ hang: true, failFirst: 2 }, 'leaves the first 2 requests unanswered'],
    [{ delayMs: 1_500 }, 'waits 1.5 s before each answer'],
    [{ failFirst: 2, delayMs: 5_000 }, 'answers the first 2 requests with 503, waits 5 s before each answer'],
  ])('%j', (options, words) => expect(describeFaults(options)).toBe(words));
});

describe('the summary', () => {
  const NONE: ListenerCounts = { received: 0, verified: 0, repeats: 0, refused: 0, forwarded: 0, failed: 0, owed: 0 };
  const stopped = (
    counts: Partial<ListenerCounts>,
    givenUp = 0,
    columns = 120,
    facts: Partial<Parameters<typeof describeStopped>[1]> = {},
  ): string =>
    describeStopped(
      { event: 'stopped', atMs: AT_MS, reason: 'SIGINT', counts: { ...NONE, ...counts } },
      { abandoned: givenUp, refusedRequests: 0, unmet: null, ...facts },
      atWidth(columns),
    );

  it('of nothing is short', () => expect(stopped({})).toBe('\nStopped. Nothing was received.\n'));

  it('counts requests that were refused before verification', () => {
    const text = stopped({}, 0, 120, { refusedRequests: 3 });
    expect(text).toBe('\nStopped. Nothing was received. 3 requests refused before verification.\n');
  });

  it('says first what was expected in vain', () => {
    const text = stopped({}, 0, 120, { unmet: 'Timed out: no verified TEST arrived within 60 s' });
    expect(text).toBe('\nStopped. Timed out: no verified TEST arrived within 60 s. Nothing was received.\n');
  });

  it('counts and shows the next commands', () => {
    const counts = { received: 12, verified: 10, repeats: 2, refused: 2, forwarded: 18, failed: 3, owed: 1 };
    expect(stopped(counts)).toBe(
      [
        '',
        'Stopped. 12 received: 10 verified (2 repeats), 2 refused. Deliveries: 18 accepted, 3 failed attempts, 1 pending.',
        '  storewire listen           resumes pending deliveries',
        '  storewire replay --failed  resends what targets have not accepted',
        '  storewire journal list     shows the received notifications',
        '',
      ].join('\n'),
    );
  });

  it('counts notifications that could not be recorded', () => {
    expect(stopped({ received: 2 })).toContain('Stopped. 2 received: 2 not recorded (answered 503).\n');
  });

  it('fits a narrow terminal', () => {
    const counts = { received: 12, verified: 10, repeats: 2, refused: 2, forwarded: 18, failed: 3, owed: 1 };
    expect(
      stopped(counts, 0, 60)
        .split('\n')
        .filter((line) => line.length > 60),
    ).toEqual([]);
  });

  it('mentions replay only with abandoned or pending deliveries', () => {
    const counts = { received: 1, verified: 1, forwarded: 1, failed: 1 };
    expect(stopped(counts)).not.toContain('replay');
    expect(stopped(counts, 1)).toContain('replay --failed');
  });
});
