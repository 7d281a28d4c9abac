import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import {
  describePractice,
  describeReady,
  describeStopped,
  type ReadyNotes,
} from '../../../src/commands/listen/view/ready.js';
import type { ListenerCounts, ReadyEvent } from '../../../src/listener/events.js';
import { widthOf } from '../../../src/terminal/width.js';
import { AT_MS } from './listen-events.js';

const LOCAL = 'http://127.0.0.1:4280/';

const NOTES: ReadyNotes = {
  trustsTests: false,
  ownRoots: 0,
  journal: '.storewire/journal.ndjson',
  answer: 'ack',
  onInvalid: 'reject',
  practice: null,
};

const atWidth = (columns: number) => ({ paint: new Chalk({ level: 0 }), columns, nowMs: AT_MS });

function ready(change: Partial<ReadyEvent> = {}, notes: Partial<ReadyNotes> = {}, columns = 80): string {
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
  it('says what listens, what is missing and what to type', () => {
    expect(ready()).toBe(
      [
        'Listening for App Store Server Notifications',
        '  local     http://127.0.0.1:4280/',
        '  believes  Apple alone',
        '  forwards  nowhere  --forward-to http://localhost:3000/path',
        '  journal   .storewire/journal.ndjson  personal data, kept for 30 days',
        '',
        'In App Store Connect',
        '  Apple reaches public https addresses only: --tunnel cloudflared gives this one',
        '  such an address, or --public-url names the one you have.',
        '',
        'Try it',
        '  an event  storewire trigger DID_RENEW --to http://127.0.0.1:4280/',
        '            refused, unless this listens with --trust-authority',
        '  the end   Ctrl-C',
        '',
        '',
      ].join('\n'),
    );
  });

  it('with a public URL says what to paste where', () => {
    const text = ready({ publicUrl: 'https://abc.example.com/k3j' });
    expect(text).toContain(
      [
        'In App Store Connect  App Information → App Store Server Notifications',
        '  paste     https://abc.example.com/k3j',
        '  as        Sandbox Server URL, or Production Server URL',
        '  choose    Version 2 Notifications',
        '',
        'Try it',
      ].join('\n'),
    );
  });

  it.each([
    ['http://abc.example.com/', '✗ Apple sends to https only'],
    ['https://abc.example.com:80/', '✗ Apple takes port 443 or any from 1024 up, this is 80'],
    ['https://localhost/', '✗ localhost leads to this machine only'],
    ['https://abc.example.com/?a=b', '! App Store Connect may refuse a URL with a query'],
  ])('says which rule %s breaks', (publicUrl, words) => expect(ready({ publicUrl })).toContain(words));

  it('never wraps what is copied', () => {
    const url = `http://127.0.0.1:4280/${'k'.repeat(60)}`;
    const publicUrl = `https://${'sub.'.repeat(12)}example.com/${'k'.repeat(60)}`;
    const text = ready({ url, publicUrl }, {}, 60);
    expect(text).toContain(`paste     ${publicUrl}\n`);
    expect(text).toContain(`an event  storewire trigger DID_RENEW --to ${url}\n`);
  });

  it.each([60, 80, 120])('otherwise fits %s columns', (columns) => {
    const targets = [
      { name: 'app', shown: 'http://localhost:3000/apple', only: null },
      { name: 'RevenueCat', shown: 'https://api.revenuecat.com/…', only: null },
    ];
    const text = ready(
      { targets, owed: 12_345 },
      { trustsTests: true, ownRoots: 2, practice: 'never answers' },
      columns,
    );
    const wide = text.split('\n').filter((line) => widthOf(line) > columns && !line.includes('storewire trigger'));
    expect(wide).toEqual([]);
  });

  it.each<[string, Partial<ReadyEvent>, Partial<ReadyNotes>, string]>([
    ['targets by name', { targets: [{ name: 'app', shown: LOCAL, only: null }] }, {}, `forwards  app → ${LOCAL}`],
    [
      'and what they are sent',
      { targets: [{ name: 'app', shown: LOCAL, only: 'events=REFUND' }] },
      {},
      `forwards  app → ${LOCAL}  events=REFUND`,
    ],
    [
      'whose answer Apple gets',
      { targets: [{ name: 'a', shown: 'b', only: null }] },
      { answer: 'forwarded' },
      'a → b  Apple gets its answer',
    ],
    ['one delivery owed', { owed: 1 }, {}, 'owed      1 delivery  from before, tried now'],
    ['many owed', { owed: 1_234 }, {}, '1,234 deliveries'],
    ['the test authority', {}, { trustsTests: true }, 'believes  Apple and the test authority of this project\n'],
    ['a root', {}, { ownRoots: 1 }, 'Apple and the root you gave'],
    ['roots', {}, { ownRoots: 2 }, 'Apple and 2 roots you gave'],
    ['that nothing is refused', {}, { onInvalid: 'forward' }, 'what does not verify is forwarded, too'],
    ['that nothing is kept', {}, { onInvalid: 'drop' }, 'what does not verify is answered 200 and dropped'],
    ['practice', {}, { practice: 'gives every one no answer' }, 'practice  gives every one no answer'],
  ])('tells %s', (_name, event, notes, words) => expect(ready(event, notes, 120)).toContain(words));

  it('needs no word on trust where the test authority is believed', () => {
    expect(ready({}, { trustsTests: true })).not.toContain('--trust-authority');
  });
});

describe('practice in words', () => {
  it.each([
    [{}, null],
    [{ respond: 503 }, 'answers every one with 503'],
    [{ failFirst: 1 }, 'answers the first one with 503'],
    [{ failFirst: 3, respond: 500 }, 'answers the first 3 with 500'],
    [{ hang: true }, 'gives every one no answer'],
    [{ hang: true, failFirst: 2 }, 'gives the first 2 no answer'],
    [{ delayMs: 1_500 }, 'waits 1.5 s before each answer'],
    [{ failFirst: 2, delayMs: 5_000 }, 'answers the first 2 with 503, waits 5 s before each answer'],
  ])('%j', (options, words) => expect(describePractice(options)).toBe(words));
});

describe('the summary', () => {
  const NONE: ListenerCounts = { received: 0, verified: 0, repeats: 0, refused: 0, forwarded: 0, failed: 0, owed: 0 };
  const stopped = (counts: Partial<ListenerCounts>, givenUp = 0, columns = 120): string =>
    describeStopped(
      { event: 'stopped', atMs: AT_MS, reason: 'SIGINT', counts: { ...NONE, ...counts } },
      givenUp,
      atWidth(columns),
    );

  it('of nothing is short', () => expect(stopped({})).toBe('\nStopped. Nothing was received.\n'));

  it('counts and says what to type next', () => {
    const counts = { received: 12, verified: 10, repeats: 2, refused: 2, forwarded: 18, failed: 3, owed: 1 };
    expect(stopped(counts)).toBe(
      [
        '',
        'Stopped. 12 received: 10 verified (2 again), 2 refused. Forwarded: 18 accepted, 3 failed attempts. 1 still owed.',
        '  storewire listen           goes on with what is owed',
        '  storewire replay --failed  sends what a target has not accepted',
        '  storewire journal list     shows what came',
        '',
      ].join('\n'),
    );
  });

  it('accounts for what the disk did not take', () => {
    expect(stopped({ received: 2 })).toContain('Stopped. 2 received: 2 not recorded and answered 503.\n');
  });

  it('fits a narrow terminal', () => {
    const counts = { received: 12, verified: 10, repeats: 2, refused: 2, forwarded: 18, failed: 3, owed: 1 };
    expect(
      stopped(counts, 0, 60)
        .split('\n')
        .filter((line) => line.length > 60),
    ).toEqual([]);
  });

  it('speaks of replay only where something was given up or is owed', () => {
    const counts = { received: 1, verified: 1, forwarded: 1, failed: 1 };
    expect(stopped(counts)).not.toContain('replay');
    expect(stopped(counts, 1)).toContain('replay --failed');
  });
});
