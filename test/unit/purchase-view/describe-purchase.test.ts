import { describe, expect, it } from 'vitest';
import type { PurchaseTimeline } from '../../../src/purchase/purchase.js';
import { describePurchase } from '../../../src/purchase-view/describe-purchase.js';
import { describePurchases } from '../../../src/purchase-view/describe-purchases.js';
import { shortenProduct } from '../../../src/purchase-view/overview-words.js';
import { describeState } from '../../../src/purchase-view/state-sentence.js';
import { letterOf } from '../../../src/purchase-view/states.js';
import { PLAIN_PAINT } from '../../../src/terminal/paint.js';
import { widthOf } from '../../../src/terminal/width.js';
import {
  FIRST_MS,
  MONTH_MS,
  makeEvent,
  makePeriod,
  makePurchase,
  makeRenewals,
  PRODUCT,
} from '../../support/purchases.js';

const DAY = 86_400_000;

const draw = (purchase: PurchaseTimeline, columns = 80) =>
  describePurchase(purchase, { paint: PLAIN_PAINT, columns, nowMs: purchase.asOfMs });

const drawAll = (purchases: readonly PurchaseTimeline[], columns = 80) =>
  describePurchases(purchases, { paint: PLAIN_PAINT, columns, nowMs: purchases[0]!.asOfMs });

/** Lines of the lane: between the first and the second empty line. */
const laneOf = (text: string) => text.split('\n\n')[1]!.split('\n');

describe('a purchase on a terminal of 80 columns', () => {
  it('has the state, the lane, and an entry for each event', () => {
    expect(draw(makePurchase())).toBe(`\
Expired since 2026-11-29T08:55:54Z (4 seconds ago)
No access.
  com.example.app.premium.monthly  9.99 USD  subscription 2000000310631470
  Sandbox

  2026-08-31           2026-09-30  2026-10-16                     2026-11-29
  a                    b           c                              d
  █████████████████████▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒────────────
  active               grace       billing retry                  expired

  a  2026-08-31T08:55:54Z  SUBSCRIBED.INITIAL_BUY
                           subscribed for the first time, 9.99 USD
  b  2026-09-30T08:55:54Z  DID_FAIL_TO_RENEW.GRACE_PERIOD
                           the renewal was not paid; grace period until
                           2026-10-16
  c  2026-10-16T08:55:54Z  GRACE_PERIOD_EXPIRED
                           the grace period ended without a payment
  d  2026-11-29T08:55:54Z  EXPIRED.BILLING_RETRY
                           expired: the payment never succeeded
`);
  });

  it('has one line an event where that is shorter', () => {
    const text = draw(makeRenewals(2, MONTH_MS));
    expect(text).toContain('\n  b  2026-09-30T08:55:54Z  DID_RENEW               renewed, 9.99 USD\n');
  });

  it('marks renewals, now, and what is still to come', () => {
    expect(laneOf(draw(makeRenewals(1, MONTH_MS)))).toEqual([
      '  2026-08-31                            2026-09-30         now',
      '  a                                     b',
      '  █████████████████████████████████████▊███████████████████░░░░░░░░░░░░░░░░░░░',
      '  active',
    ]);
  });

  it('stays to scale where now is close behind a boundary', () => {
    const purchase = makeRenewals(2, MONTH_MS);
    const text = draw({ ...purchase, asOfMs: FIRST_MS + 2 * MONTH_MS + 60_000 });
    expect(text).not.toContain('not to scale');
    expect(laneOf(text)[2]).toMatch(/^ {2}█+▊█+▊░+$/);
  });

  it('draws what is not verified with gaps, and says so', () => {
    const purchase = makeRenewals(0, MONTH_MS, {
      periods: [makePeriod(FIRST_MS, FIRST_MS + MONTH_MS, 'active', { isVerified: false, events: [0] })],
      events: [makeEvent(0, FIRST_MS, 'DID_RENEW', 'renewed', { verdict: 'invalid' })],
    });
    const text = draw(purchase);
    expect(text).toMatch(/^Not verified: Active until /);
    expect(text).toContain(`  ${'█ '.repeat(19)}${'░ '.repeat(19)}`.trimEnd());
    expect(text).toContain('\n  █ █  not verified\n');
    expect(text).toContain('renewed  verification failed\n');
  });

  it('draws a time that no notification covers, and the finding with its letters and next step', () => {
    const { periods, events, ...rest } = makeRenewals(2, MONTH_MS);
    const text = draw({
      ...rest,
      periods: [periods[0]!, makePeriod(periods[1]!.fromMs, periods[1]!.toMs, 'unknown', { events: [] }), periods[2]!],
      events: [events[0]!, { ...events[2]!, index: 1 }],
      findings: [
        { id: 'missing-period', message: 'no notification tells of October', hint: 'Read it: x', events: [0, 1] },
      ],
    });
    expect(laneOf(text)[2]).toMatch(/^ {2}█+\?{26}█+░+$/);
    expect(laneOf(text)[3]).toMatch(/^ {2}active +unknown +active$/);
    expect(text).toContain('\nFinding\n  ! No notification tells of October (a, b)\n    Read it: x\n');
  });

  it('names a state that has no room below the lane', () => {
    const purchase = makePurchase({
      periods: [
        makePeriod(FIRST_MS, FIRST_MS + 60 * DAY, 'active'),
        makePeriod(FIRST_MS + 60 * DAY, FIRST_MS + 61 * DAY, 'in-grace-period'),
        makePeriod(FIRST_MS + 61 * DAY, FIRST_MS + 121 * DAY, 'active'),
      ],
      asOfMs: FIRST_MS + 200 * DAY,
    });
    expect(draw(purchase)).toContain('\n\n  ▓▓ grace period   not to scale\n');
  });

  it('names the products where they change', () => {
    const { periods, ...rest } = makeRenewals(1, MONTH_MS);
    const text = draw({ ...rest, periods: [periods[0]!, { ...periods[1]!, productId: 'com.example.app.basic' }] });
    expect(laneOf(text).at(-1)).toMatch(/^ {2}com\.example\.app\.premium\.monthly +com\.example\.app\.basic$/);
  });

  it('repeats the answer where a screen does not hold it', () => {
    const long = draw(makeRenewals(24, MONTH_MS)).trimEnd().split('\n');
    expect(long.at(-1)).toBe(long[0]);
    const short = draw(makeRenewals(2, MONTH_MS)).trimEnd().split('\n');
    expect(short.at(-1)).not.toBe(short[0]);
  });

  it('tells late arrivals, repeats and more events than letters', () => {
    const purchase = makeRenewals(30, MONTH_MS);
    const events = purchase.events.map((event, index) =>
      index === 27 ? { ...event, receivedAtMs: event.signedAtMs! + 13 * 3_600_000, repeats: 2 } : event,
    );
    expect(draw({ ...purchase, events })).toMatch(
      /\n {2}ab {2}\S+Z {2}DID_RENEW +renewed, 9.99 USD\n +arrived 13 hours later, 2 repeats\n/,
    );
  });

  it.each([40, 60, 80, 100, 132, 200])('is never wider than %s columns', (columns) => {
    for (const purchase of [makePurchase(), makeRenewals(3, MONTH_MS), makeRenewals(100, 5 * 60_000)]) {
      const wide = draw(purchase, columns)
        .split('\n')
        .filter((line) => widthOf(line) > columns && !/[A-Z_]{24}/.test(line));
      expect(columns < 60 ? wide.filter((line) => !line.includes('Z')) : wide).toEqual([]);
    }
  });

  it('draws a purchase without a period or a date', () => {
    const text = draw(
      makePurchase({
        periods: [],
        events: [makeEvent(0, null, 'X', 'something')],
        state: 'unknown',
        stateSinceMs: null,
      }),
    );
    expect(text).toMatch(/^State unknown\n/);
    expect(text).toContain('  a  –                     X');
  });

  it('survives impossible dates', () => {
    const far = makePurchase({
      stateSinceMs: 9e15,
      periods: [makePeriod(-9e15, 9e15, 'active'), makePeriod(9e15, null, 'expired')],
      events: [makeEvent(0, 9e15, 'X', 'y'), makeEvent(1, -9e15, 'X', 'y')],
    });
    expect(draw(far)).toMatch(/^Expired since an impossible date\n/);
  });
});

describe('the answer', () => {
  const renewal = makeRenewals(0, MONTH_MS).renewal!;
  const active = makeRenewals(0, MONTH_MS);
  it.each<[string, Partial<PurchaseTimeline>, string, readonly string[]]>([
    ['renews', {}, 'Active until 2026-09-30T08:55:54Z (in 15 days), then renews for 9.99 USD', []],
    [
      'renews as another product',
      { renewal: { ...renewal, productId: 'basic', price: { amountMilliunits: 500_000, currency: 'JPY' } } },
      'Active until 2026-09-30T08:55:54Z (in 15 days), then renews as basic for 500 JPY',
      [],
    ],
    [
      'is off',
      { renewal: { ...renewal, isOn: false } },
      'Active until 2026-09-30T08:55:54Z (in 15 days), then ends: auto-renew is off',
      [],
    ],
    [
      'no renewal info',
      { renewal: null },
      'Active until 2026-09-30T08:55:54Z (in 15 days)',
      ['No renewal info says if it renews.'],
    ],
    [
      'price increase',
      { renewal: { ...renewal, priceIncrease: 'pending', price: null } },
      'Active until 2026-09-30T08:55:54Z (in 15 days), then renews',
      ['The customer has not yet agreed to the price increase.'],
    ],
    [
      'commitment',
      { commitment: { period: 3, periods: 12, endsAtMs: FIRST_MS + 12 * MONTH_MS, renews: false } },
      'Active until 2026-09-30T08:55:54Z (in 15 days), then renews for 9.99 USD',
      ['Payment 3 of 12 of a commitment, until 2027-08-26T08:55:54Z (in 345 days), then ends.'],
    ],
    [
      'grace',
      { state: 'in-grace-period' },
      'In grace period until 2026-09-30T08:55:54Z (in 15 days)',
      ['The payment failed and Apple retries it: keep access open.'],
    ],
    [
      'retry',
      { state: 'in-billing-retry', stateUntilMs: null },
      'In billing retry since 2026-08-31T08:55:54Z (15 days ago)',
      ['The payment failed and Apple retries it: no access until it succeeds.'],
    ],
    [
      'refunded',
      { state: 'refunded', stateUntilMs: null },
      'Refunded since 2026-08-31T08:55:54Z (15 days ago)',
      ['The period was refunded: no access.'],
    ],
    [
      'revoked',
      { state: 'revoked', stateUntilMs: null },
      'Revoked since 2026-08-31T08:55:54Z (15 days ago)',
      ['The purchase was withdrawn: no access.'],
    ],
    [
      'bought',
      { kind: 'one-time', stateUntilMs: null, quantity: 3 },
      'Bought 2026-08-31T08:55:54Z (15 days ago), quantity 3',
      [],
    ],
  ])('of a purchase: %s', (_case, more, headline, details) =>
    expect(describeState({ ...active, ...more })).toEqual({ headline, details, isUnverified: false }),
  );
});

describe('several purchases', () => {
  const { asOfMs } = makePurchase();
  const others = [
    makePurchase(),
    makeRenewals(3, MONTH_MS, { id: '2000000999', productId: 'com.example.app.basic', asOfMs }),
  ];
  it('have one line each on one axis', () => {
    expect(drawAll(others)).toBe(`\
2 purchases: 1 active, 1 expired

                                       2026-08-31
  2000000310631470  …premium.monthly   ████▓▓▒▒▒▒▒▒────  expired 2026-11-29
  2000000999        …app.basic         ███▊███▊███▊░░░░  active until 2026-12-29
`);
  });

  it('list their findings, each with the id, and count the rest', () => {
    const findings = Array.from({ length: 12 }, (_, index) => ({
      id: 'repeats' as const,
      message: `number ${index}`,
      hint: '',
      events: [0],
    }));
    const text = drawAll([makePurchase({ findings }), makePurchase({ id: '7' })]);
    expect(text).toContain('\nFindings\n  ! 2000000310631470: Number 0\n');
    expect(text).toContain('\n    and 2 more findings: 2 repeats\n');
  });

  it('list what is missing before what is not verified', () => {
    const make = (id: 'unverified' | 'missing-period', message: string) => ({ id, message, hint: '', events: [0] });
    const text = drawAll([
      makePurchase({ findings: [make('unverified', 'open')] }),
      makePurchase({ id: '7', findings: [make('missing-period', 'gap')] }),
    ]);
    expect(text).toContain('Findings\n  ! 7: Gap\n  ! 2000000310631470: Open\n');
  });

  it('say in the first line how many are not verified', () => {
    const hollow = makePurchase().periods.map((period) => ({ ...period, isVerified: false }));
    const text = drawAll([makePurchase(), makePurchase({ id: '7', periods: hollow })]);
    expect(text).toMatch(/^2 purchases: 2 expired \(1 not verified\)\n/);
  });

  it.each([80, 100, 160])('fit %s columns', (columns) => {
    expect(
      drawAll(others, columns)
        .split('\n')
        .filter((line) => widthOf(line) > columns),
    ).toEqual([]);
  });
});

describe('hostile texts', () => {
  const EVIL = '\u001b[31m\u202e<script>alert(1)</script>"\'&\n\u0007日本語';
  const hostile = makePurchase({
    ...{ id: EVIL, productId: EVIL, environment: EVIL, bundleId: EVIL, ownership: EVIL },
    events: [makeEvent(0, FIRST_MS, EVIL, EVIL), makeEvent(1, FIRST_MS + DAY, EVIL, EVIL)],
    periods: [
      makePeriod(FIRST_MS, null, 'active', { productId: EVIL }),
      makePeriod(FIRST_MS, null, 'expired', { productId: PRODUCT }),
    ],
    findings: [{ id: 'repeats', message: EVIL, hint: EVIL, events: [] }],
  });

  it.each([
    ['alone', draw(hostile)],
    ['among others', drawAll([hostile, makePurchase()])],
  ])('are escaped: %s', (_case, text) => {
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text.split('\n').filter((line) => /^(?:<|\\u|日)/.test(line))).toEqual([]);
  });
});

describe('a product', () => {
  it.each([
    [30, 'com.example.app.basic.monthly'],
    [29, 'com.example.app.basic.monthly'],
    [28, '…example.app.basic.monthly'],
    [14, '…basic.monthly'],
    [13, '…monthly'],
    [5, '…thly'],
  ])('in %i cells is %s', (width, expected) =>
    expect(shortenProduct('com.example.app.basic.monthly', width)).toBe(expected),
  );
});

describe('letters', () => {
  it.each([
    [0, 'a'],
    [25, 'z'],
    [26, 'aa'],
    [51, 'az'],
    [52, 'ba'],
    [701, 'zz'],
    [702, 'aaa'],
  ])('%i is %s', (index, letter) => expect(letterOf(index)).toBe(letter));
});
