import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { ListenView } from '../../../src/commands/listen/view/line-model.js';
import { createLineRenderer, HOLD_MS, type LineEvent } from '../../../src/commands/listen/view/lines.js';
import { widthOf } from '../../../src/terminal/width.js';
import {
  AT_MS,
  delivery,
  failure,
  forged,
  ID,
  refused,
  refusedRequest,
  verified,
  verifiedBody,
  view,
} from './listen-events.js';

const OTHER = 'ffff000011112222';
const received = (id = ID): LineEvent => ({ event: 'received', atMs: AT_MS, id, bytes: 1, address: null });

/** Everything that is printed, up to the end, of events that come one millisecond after the other. */
function print(events: readonly LineEvent[], drawn: ListenView = view(120)): string {
  const lines = createLineRenderer(drawn, AT_MS);
  return events.map((event, index) => lines.render(event, AT_MS + index)).join('') + lines.finish(AT_MS + 60_000);
}

const rows = (text: string): readonly string[] => text.split('\n').slice(0, -1);

describe('a notification', () => {
  it('is one line, with the meaning of its type below', () => {
    expect(rows(print([verified({ targets: ['app'] }), delivery()]))).toEqual([
      '12:00:00Z  DID_RENEW                Sandbox     pro.monthly         …000001  valid    200  ✓ app 200',
      '           Subscription renewed. The subscription renewed successfully: a new billing period begins.',
    ]);
  });

  it.each([60, 80, 120, Number.POSITIVE_INFINITY])('fits %s columns', (columns) => {
    const long = verifiedBody({
      facts: {
        ...verifiedBody().facts!,
        type: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
        environment: 'Production',
      },
    });
    const events = [
      verified({ result: long, targets: ['app', 'RevenueCat', 'a-target-with-a-very-long-name'] }),
      delivery(),
      failure({ target: 'RevenueCat', detail: `the answer said: ${'x'.repeat(180)}` }),
      refused(forged({ synthetic: true }), { id: OTHER }),
      failure({ attempt: 2 }),
      refusedRequest(),
      { event: 'notice', atMs: AT_MS, code: 'X', message: 'a notice that is longer than a line '.repeat(4).trim() },
    ] as const;
    const text = print(events, view(columns, { trustsAuthority: true }));
    expect(rows(text).filter((line) => widthOf(line) > columns)).toEqual([]);
    expect(rows(text).filter((line) => / $/.test(line))).toEqual([]);
    expect(text).toContain('RevenueCat 503');
  });

  it('in 80 columns always shows its product below, and is explained once', () => {
    const [first, title, meaning, second, again, ...rest] = rows(
      print([verified(), verified({ id: OTHER })], view(80, { hasTargets: false })),
    );
    expect([first, second]).toEqual(
      Array(2).fill('12:00:00Z  DID_RENEW                Sandbox     …000001  valid    200'),
    );
    expect([title, again]).toEqual(Array(2).fill('           Subscription renewed (pro.monthly)'));
    expect(meaning).toBe('           The subscription renewed successfully: a new billing period begins.');
    expect(rest).toEqual([]);
  });

  it('in 120 columns is a single line the second time', () => {
    expect(rows(print([verified(), verified({ id: OTHER })]))).toHaveLength(3);
  });

  it('in a pipe has the whole moment, the whole product and its id', () => {
    const productId = 'com.example.app.premium.yearly.family';
    const named = verifiedBody({ facts: { ...verifiedBody().facts!, productId } });
    const [line] = rows(print([verified({ result: named })], view(Number.POSITIVE_INFINITY)));
    expect(line).toBe(
      `2026-11-20T12:00:00Z  DID_RENEW                Sandbox     ${productId}  2000000900000001  valid    200  no matching target  1a2b3c4d`,
    );
  });

  it.each([
    [
      'signed by the test authority',
      verified({ result: verifiedBody({ synthetic: true }) }),
      'valid, test authority  200',
    ],
    [
      'signed under a root from --root',
      verified({ result: verifiedBody({ verdict: { ...verifiedBody().verdict!, root: 'ABCD' } }) }),
      'valid, your root  200',
    ],
    ['forged with the test authority', refused(forged({ synthetic: true })), 'invalid, test authority  401'],
    ['a repeat', verified({ repeatOf: OTHER }), '200  repeat of ffff0000'],
    [
      'another content under a known UUID',
      verified({ sameUuidAs: OTHER, targets: ['app'] }),
      'same notificationUUID, other content',
    ],
    [
      'of an age that fits a retry',
      verified({ late: { ageMs: 46_900_000, attempt: 3 }, targets: ['app'] }),
      'sent 13 h ago: the 3rd attempt, if Apple retried',
    ],
    ['old', verified({ late: { ageMs: 3_000_000, attempt: null }, targets: ['app'] }), 'signed 50 min ago'],
    ['very old', verified({ late: { ageMs: 864_000_000, attempt: null }, targets: ['app'] }), 'signed 10 days ago'],
    ['that asks again', verified({ askedAgain: true, targets: ['app'] }), 'asked again'],
    [
      'a repeat that is forwarded',
      verified({ repeatOf: OTHER, targets: ['app'] }),
      '– app pending\n           repeat of ffff0000',
    ],
    ['that matches no target', verified(), '200  no matching target'],
    ['without an answer', verified({ answered: null }), 'valid    no answer'],
    [
      'withheld',
      verified({ withheld: [{ target: 'RevenueCat', why: 'it stays here' }] }),
      '– RevenueCat withheld\n           Subscription renewed',
    ],
    ['tolerated', verified({ result: verifiedBody({ marks: ['key:SignedPayload'] }) }), 'Tolerated: key:SignedPayload'],
    [
      'without a token',
      refused(
        verifiedBody({
          refusal: { status: 400, code: 'NOT_JSON', message: 'The body is not JSON.' },
          verdict: null,
          facts: null,
          title: null,
          meaning: null,
        }),
      ),
      `not a notification${' '.repeat(48)}refused  400\n           NOT_JSON  The body is not JSON.`,
    ],
  ])('%s is marked', (_name, event, expected) => expect(print([event])).toContain(expected));

  it('answered with an injected fault is marked', () => {
    const withFaults = view(120, { injectsFaults: true });
    expect(print([verified({ answered: 503 })], withFaults)).toContain('503  injected fault\n');
    expect(print([verified()], withFaults)).not.toContain('injected fault');
    expect(print([refused(forged())], withFaults)).not.toContain('injected fault');
  });

  it('of an attacker cannot control the terminal', () => {
    const evil = forged({ facts: { ...verifiedBody().facts!, type: 'A\u001b[2J\u202e', productId: 'p\nq' } });
    const text = print([refused(evil)]);
    expect(text).toContain('A\\u{1b}[2J\\u{202e}');
    expect(rows(text).filter((line) => !/^\d\d:|^ {11}\S/.test(line))).toEqual([]);
  });
});

describe('a refusal', () => {
  it('shows check and finding, and the hint once', () => {
    const text = rows(print([refused(forged()), refused(forged(), { id: OTHER })], view(200)));
    expect(text.slice(1)).toEqual([
      '           SIGNATURE_MISMATCH  the signature does not match the content',
      '           signedPayload signature: another, expected a signature',
      expect.stringMatching(/^ {11}hint: \S/),
      text[0],
      '           SIGNATURE_MISMATCH  the signature does not match the content',
    ]);
  });

  it('of a test notification shows how to trust the test authority', () => {
    const verdict = { ...forged().verdict!, reason: 'UNTRUSTED_ROOT' as const, failed: [] };
    expect(print([refused(forged({ synthetic: true, verdict }))])).toContain('add --trust-authority');
    expect(print([refused(forged({ verdict }))])).not.toContain('--trust-authority');
  });

  it('of a request is explained once', () => {
    expect(rows(print([refusedRequest(), refusedRequest({ address: '127.0.0.1' })]))).toEqual([
      '12:00:00Z  refused 404  NOT_FOUND  from 203.0.113.9',
      '           not found',
      '12:00:00Z  refused 404  NOT_FOUND',
    ]);
  });
});

describe('holding lines', () => {
  const toTwo = verified({ targets: ['app', 'other'] });

  it('waits for the first attempt at every target', () => {
    const lines = createLineRenderer(view(120), AT_MS);
    expect(lines.render(toTwo, AT_MS)).toBe('');
    expect(lines.render(delivery(), AT_MS + 10)).toBe('');
    expect(lines.nextFlushMs()).toBe(AT_MS + HOLD_MS);
    expect(lines.render(delivery({ target: 'other' }), AT_MS + 20)).toContain('✓ app 200  ✓ other 200');
    expect(lines.nextFlushMs()).toBeNull();
  });

  it('is printed after a while, and later attempts get lines of their own', () => {
    const lines = createLineRenderer(view(120), AT_MS);
    lines.render(toTwo, AT_MS);
    lines.render(delivery({ target: 'other' }), AT_MS + 10);
    expect(lines.flush(AT_MS + HOLD_MS - 1)).toBe('');
    expect(lines.flush(AT_MS + HOLD_MS)).toContain('– app pending  ✓ other 200');
    expect(lines.render(delivery({ atMs: AT_MS + 3_000 }), AT_MS + 3_000)).toBe(
      '12:00:03Z  ↳ DID_RENEW 1a2b3c4d  ✓ app 200\n',
    );
  });

  it('keeps the order of arrival', () => {
    const lines = createLineRenderer(view(120), AT_MS);
    lines.render(toTwo, AT_MS);
    expect(lines.render(verified({ id: OTHER, repeatOf: ID }), AT_MS + 1)).toBe('');
    lines.render(delivery(), AT_MS + 2);
    const text = lines.render(delivery({ target: 'other' }), AT_MS + 3);
    expect(text.indexOf('✓ other')).toBeLessThan(text.indexOf('repeat of'));
  });

  it('shows an attempt that preceded the answer', () => {
    const early = [received(), delivery(), verified({ targets: ['app'] })];
    expect(rows(print(early))[0]).toMatch(/200 {2}✓ app 200$/);
  });

  it('shows a later attempt with its number and the next retry', () => {
    const text = print([verified({ targets: ['app'] }), failure(), failure({ attempt: 2, nextAtMs: AT_MS + 12 })]);
    expect(text).toContain('200  ✗ app 503, retry in 5 seconds\n');
    expect(text).toContain('↳ DID_RENEW 1a2b3c4d  ✗ app 503 (attempt 2), retry now\n');
    expect(text).not.toContain('answered 503');
  });

  it('rounds a wait of nearly a second up to one', () => {
    const text = print([verified({ targets: ['app'] }), failure({ nextAtMs: AT_MS + 955 })]);
    expect(text).toContain('✗ app 503, retry in 1 second\n');
  });

  it('keeps the verdict in its column when nothing was readable', () => {
    const none = { refusal: { status: 400, code: 'NOT_JSON', message: 'No.' }, verdict: null, facts: null } as const;
    for (const columns of [80, 120, Number.POSITIVE_INFINITY]) {
      const [first] = rows(print([verified()], view(columns)));
      const [second] = rows(print([refused(verifiedBody({ ...none, title: null, meaning: null }))], view(columns)));
      expect(second?.indexOf('refused')).toBe(first?.indexOf('valid'));
    }
  });

  it('does not repeat the name of a target that is named after its host', () => {
    const target = '127.0.0.1:1';
    const failed = failure({ target, detail: `${target} refused the connection` });
    const text = print([verified({ targets: [target] }), failed]);
    expect(text).toContain(`           ${target} refused the connection\n`);
  });

  it('that was dropped or forwarded anyway is not called refused', () => {
    const none = { refusal: { status: 400, code: 'NOT_JSON', message: 'No.' }, verdict: null, facts: null } as const;
    const event = refused(verifiedBody({ ...none, title: null, meaning: null }), { answered: 200 });
    expect(rows(print([event]))[0]).toMatch(/ invalid {2}200$/);
  });

  it('counts notices of journal errors in a burst, but prints that a tunnel exited', () => {
    const notice = (code: string): LineEvent => ({ event: 'notice', atMs: AT_MS, code, message: `says ${code}` });
    const flood = Array.from({ length: 500 }, () => notice('ERR_JOURNAL_WRITE'));
    const text = print([...flood, notice('TUNNEL_ENDED')]);
    expect(rows(text).length).toBeLessThan(40);
    expect(text).toContain('says TUNNEL_ENDED');
    expect(text).toMatch(/high rate, not listed: \d+ notices/);
  });

  it('that was refused shows no tolerated irregularities', () => {
    expect(print([refused(forged({ marks: ['extra:a'] }))])).not.toContain('Tolerated');
  });

  it('does not suggest trusting the test authority when it is trusted', () => {
    const verdict = { ...forged().verdict!, reason: 'UNTRUSTED_ROOT', failed: [] } as const;
    const event = refused(forged({ verdict, synthetic: true }));
    expect(print([event])).toContain('add --trust-authority');
    const trusting = print([event], view(120, { trustsAuthority: true }));
    expect(trusting).not.toContain('--trust-authority');
    expect(trusting).toContain("not signed with this project's key");
  });

  it('explains the failure of a target, again only when it changes', () => {
    const why = (detail: string, attempt: number) =>
      failure({ detail, attempt, httpStatus: null, outcome: 'unreachable' });
    const events = [
      verified(),
      why('refused', 1),
      why('refused', 2),
      why('no route', 3),
      delivery({ attempt: 4 }),
      why('no route', 1),
    ];
    const said = rows(print(events)).filter((line) => line.includes('app: '));
    expect(said).toEqual(['           app: refused', '           app: no route', '           app: no route']);
  });

  it('shows once how to resend abandoned deliveries', () => {
    const final = failure({ final: true, nextAtMs: null, httpStatus: 422, detail: 'answered 422' });
    const text = print([verified({ targets: ['app'] }), final, { ...final, id: OTHER }]);
    expect(text.split('storewire replay --failed')).toHaveLength(2);
  });

  it('says that Apple retries when Apple received the status of the target', () => {
    const facts = { ...verifiedBody().facts!, environment: 'Production' };
    const asked = verified({ result: verifiedBody({ facts }), answered: 503, targets: ['app'] });
    const final = failure({ final: true, nextAtMs: null });
    const text = print([received(), final, asked], view(120, { injectsFaults: true }));
    expect(text).toContain('503  ✗ app 503\n');
    expect(text).toContain('Apple received this status and will retry');
    const inSandbox = print([received(), final, verified({ answered: 503, targets: ['app'] })]);
    expect(inSandbox).toContain('storewire replay --failed');
  });

  it('prints held lines when the run ends', () => {
    const lines = createLineRenderer(view(120), AT_MS);
    lines.render(toTwo, AT_MS);
    expect(lines.finish(AT_MS + 1)).toContain('– app pending\n           – other pending');
    expect(lines.nextFlushMs()).toBeNull();
  });

  it('prints the day when it changes, never in a pipe', () => {
    const tomorrow = verified({ id: OTHER, atMs: AT_MS + 86_400_000 });
    expect(rows(print([verified(), tomorrow]))).toContain('2026-11-21');
    expect(rows(print([verified(), verified({ id: OTHER })]))).not.toContain('2026-11-20');
    expect(rows(print([verified(), tomorrow], view(Number.POSITIVE_INFINITY)))).not.toContain('2026-11-21');
  });
});

describe('a burst', () => {
  const id = (index: number): string => index.toString(16).padStart(16, '0');
  const flood = Array.from({ length: 1_000 }, (_, index) =>
    index % 10 === 0 ? refused(forged(), { id: id(index) }) : verified({ id: id(index) }),
  );

  it('on a terminal is counted beyond the line limit', () => {
    const lines = createLineRenderer(view(120), AT_MS);
    const shown = flood.map((event) => lines.render(event, AT_MS)).join('');
    expect(rows(shown).filter((line) => line.startsWith('12:'))).toHaveLength(25);
    expect(lines.nextFlushMs()).toBe(AT_MS + 1_000);
    expect(lines.flush(AT_MS + 999)).toBe('');
    expect(lines.flush(AT_MS + 1_000)).toBe('12:00:01Z  high rate, not listed: 878 valid, 97 invalid\n');
    expect(lines.nextFlushMs()).toBeNull();
  });

  it('that continues is only counted, and lines return after it', () => {
    const lines = createLineRenderer(view(120), AT_MS);
    for (const event of flood) lines.render(event, AT_MS);
    lines.flush(AT_MS + 1_000);
    expect(flood.map((event) => lines.render(event, AT_MS + 1_100)).join('')).toBe('');
    expect(lines.flush(AT_MS + 2_100)).toContain('900 valid, 100 invalid');
    expect(lines.render(verified(), AT_MS + 4_000)).toContain('DID_RENEW');
  });

  it('in a pipe is printed line by line', () => {
    const text = print(flood, view(Number.POSITIVE_INFINITY));
    expect(rows(text).filter((line) => line.startsWith('2026-'))).toHaveLength(1_000);
  });

  it('never hides a notice', () => {
    const lines = createLineRenderer(view(120), AT_MS);
    for (const event of flood) lines.render(event, AT_MS);
    const notice = { event: 'notice', atMs: AT_MS, code: 'TUNNEL_ENDED', message: 'The tunnel has ended.' } as const;
    expect(lines.render(notice, AT_MS)).toBe('12:00:00Z  The tunnel has ended.\n');
  });
});

describe('colour', () => {
  it('repeats the words', () => {
    const painted = view(120, { paint: new Chalk({ level: 1 }) });
    const events = [verified({ targets: ['app'] }), failure(), refused(forged(), { id: OTHER })];
    const text = print(events, painted);
    expect(text).toContain('\u001b[32mvalid\u001b[39m');
    expect(text.replace(/\u001b\[\d+m/g, '')).toBe(print(events));
  });
});
