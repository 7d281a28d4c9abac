import { describe, expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import type { PurchaseDocument } from '../../../src/purchase/purchase.js';
import type { AppEnvironment } from '../../../src/simulator/payloads/app.js';
import { seededRandom } from '../../../src/simulator/random.js';
import { buildScenario, SCENARIOS } from '../../../src/simulator/scenarios/scenarios.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9);

/** Whole seconds, two before the signing. */
const EVENT_MS = NOW_MS - 2_000;

const DAY_MS = 86_400_000;

function documentsOf(name: string, environment: AppEnvironment): readonly PurchaseDocument[] {
  return buildScenario(name, { nowMs: NOW_MS, random: seededRandom(name), environment }).map(({ built }) => ({
    kind: 'notification',
    source: 'scenario',
    ...built,
    verification: { verdict: 'valid', reason: null, root: null, checkedAtMs: null, clock: null, checks: [] },
  }));
}

/** `2026-09-25 2026-10-02 active premium.monthly 0 FREE_TRIAL [0]`; days are those of the virtual clock. */
function periodsOf(documents: readonly PurchaseDocument[]) {
  const { purchases } = foldPurchases(documents, { asOfMs: NOW_MS });
  return purchases.map(({ state, renewal, quantity, periods, findings }) => ({
    state,
    renewal: renewal === null ? null : [renewal.isOn, short(renewal.productId), day(renewal.atMs)],
    quantity,
    periods: periods.map(({ fromMs, toMs, state: held, productId, price, offer, events }) =>
      [
        day(fromMs),
        day(toMs) ?? '…',
        held,
        short(productId),
        ...(price === null ? [] : [price.amountMilliunits]),
        ...(offer === null ? [] : [offer.discountType]),
        `[${events.join()}]`,
      ].join(' '),
    ),
    findings,
  }));
}

function day(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().slice(0, 10);
}

function short(productId: string | null): string | null {
  return productId?.replace('com.example.app.', '') ?? null;
}

const ON = [true, 'premium.monthly', '2026-12-02'];
const OFF = [false, null, null];

const EXPECTED: Readonly<Record<string, { state: string; renewal: unknown; periods: readonly string[] } | null>> = {
  'first-purchase': {
    state: 'active',
    renewal: ON,
    periods: ['2026-11-02 2026-12-02 active premium.monthly 9990 [0]'],
  },
  'trial-to-paid': {
    state: 'active',
    renewal: ON,
    periods: [
      '2026-09-25 2026-10-02 active premium.monthly 0 FREE_TRIAL [0]',
      '2026-10-02 2026-11-02 active premium.monthly 9990 [1]',
      '2026-11-02 2026-12-02 active premium.monthly 9990 [2]',
    ],
  },
  'trial-cancelled': {
    state: 'expired',
    renewal: OFF,
    periods: [
      '2026-10-26 2026-11-02 active premium.monthly 0 FREE_TRIAL [0,1]',
      '2026-11-02 … expired premium.monthly [2]',
    ],
  },
  renewals: {
    state: 'active',
    renewal: ON,
    periods: [
      '2026-08-02 2026-09-02 active premium.monthly 9990 [0]',
      '2026-09-02 2026-10-02 active premium.monthly 9990 [1]',
      '2026-10-02 2026-11-02 active premium.monthly 9990 [2]',
      '2026-11-02 2026-12-02 active premium.monthly 9990 [3]',
    ],
  },
  'voluntary-expiry': {
    state: 'expired',
    renewal: OFF,
    periods: [
      '2026-09-02 2026-10-02 active premium.monthly 9990 [0]',
      '2026-10-02 2026-11-02 active premium.monthly 9990 [1,2]',
      '2026-11-02 … expired premium.monthly [3]',
    ],
  },
  resubscribe: {
    state: 'active',
    renewal: ON,
    periods: [
      '2026-07-04 2026-08-04 active premium.monthly 9990 [0,1]',
      '2026-08-04 2026-11-02 expired premium.monthly [2]',
      '2026-11-02 2026-12-02 active premium.monthly 9990 [3]',
    ],
  },
  'billing-retry': {
    state: 'active',
    renewal: ON,
    periods: [
      '2026-09-30 2026-10-30 active premium.monthly 9990 [0]',
      '2026-10-30 2026-11-02 in-billing-retry premium.monthly [1]',
      '2026-11-02 2026-12-02 active premium.monthly 9990 [2]',
    ],
  },
  'billing-retry-grace': {
    state: 'active',
    renewal: [true, 'premium.monthly', '2026-11-27'],
    periods: [
      '2026-09-27 2026-10-27 active premium.monthly 9990 [0]',
      '2026-10-27 2026-11-02 in-grace-period premium.monthly [1]',
      '2026-11-02 2026-11-27 active premium.monthly 9990 [2]',
    ],
  },
  'billing-retry-lost': {
    state: 'expired',
    renewal: OFF,
    periods: [
      '2026-08-03 2026-09-03 active premium.monthly 9990 [0]',
      '2026-09-03 2026-09-19 in-grace-period premium.monthly [1]',
      '2026-09-19 2026-11-02 in-billing-retry premium.monthly [2]',
      '2026-11-02 … expired premium.monthly [3]',
    ],
  },
  upgrade: {
    state: 'active',
    renewal: ON,
    periods: [
      '2026-09-22 2026-10-02 active basic.monthly 5000 [0]',
      '2026-10-02 2026-11-02 active premium.monthly 9990 [1]',
      '2026-11-02 2026-12-02 active premium.monthly 9990 [2]',
    ],
  },
  downgrade: {
    state: 'active',
    renewal: [true, 'basic.monthly', '2026-12-02'],
    periods: [
      '2026-10-02 2026-11-02 active premium.monthly 9990 [0,1]',
      '2026-11-02 2026-12-02 active basic.monthly 5000 [2]',
    ],
  },
  'upgrade-downgrade': {
    state: 'active',
    renewal: [true, 'basic.monthly', '2026-12-02'],
    periods: [
      '2026-09-22 2026-10-02 active basic.monthly 5000 [0]',
      '2026-10-02 2026-11-02 active premium.monthly 9990 [1,2]',
      '2026-11-02 2026-12-02 active basic.monthly 5000 [3]',
    ],
  },
  'price-increase': {
    state: 'active',
    renewal: ON,
    periods: [
      '2026-10-02 2026-11-02 active premium.monthly 9990 [0,1,2]',
      '2026-11-02 2026-12-02 active premium.monthly 12000 [3]',
    ],
  },
  'price-increase-refused': {
    state: 'expired',
    renewal: OFF,
    periods: ['2026-10-02 2026-11-02 active premium.monthly 9990 [0,1]', '2026-11-02 … expired premium.monthly [2]'],
  },
  'offer-code': {
    state: 'active',
    renewal: ON,
    periods: [
      '2026-10-02 2026-11-02 active premium.monthly 9990 [0,1]',
      '2026-11-02 2026-12-02 active premium.monthly 4990 PAY_AS_YOU_GO [2]',
    ],
  },
  'renewal-extended': {
    state: 'active',
    renewal: ON,
    periods: [
      '2026-09-19 2026-11-02 active premium.monthly 9990 [0,1]',
      '2026-11-02 2026-12-02 active premium.monthly 9990 [2]',
    ],
  },
  'monthly-commitment': {
    state: 'expired',
    renewal: OFF,
    periods: [
      '2025-11-02 2025-12-02 active premium.monthly 9990 [0]',
      '2025-12-02 2026-01-02 active premium.monthly 9990 [1]',
      '2026-01-02 2026-02-02 active premium.monthly 9990 [2,3]',
      ...Array.from({ length: 9 }, (_, at) => {
        const [from, to] = [at, at + 1].map((month) => day(Date.UTC(2026, 1 + month, 2)));
        return `${from} ${to} active premium.monthly 9990 [${at + 4}]`;
      }),
      '2026-11-02 … expired premium.monthly [13]',
    ],
  },
  refund: {
    state: 'refunded',
    renewal: OFF,
    periods: ['2026-10-16 2026-11-02 active premium.monthly 9990 [0,1]', '2026-11-02 … refunded premium.monthly [2]'],
  },
  'refund-reversed': {
    state: 'active',
    renewal: OFF,
    periods: [
      '2026-10-16 2026-10-26 active premium.monthly 9990 [0]',
      '2026-10-26 2026-11-02 refunded premium.monthly [1]',
      '2026-11-02 2026-11-16 active premium.monthly 9990 [2]',
    ],
  },
  'refund-declined': {
    state: 'active',
    renewal: [true, 'premium.monthly', '2026-11-16'],
    periods: ['2026-10-16 2026-11-16 active premium.monthly 9990 [0,1,2]'],
  },
  'consumption-request': {
    state: 'refunded',
    renewal: null,
    periods: ['2026-10-30 2026-11-02 active coins.100 9990 [0,1]', '2026-11-02 … refunded coins.100 [2]'],
  },
  'family-revoke': {
    state: 'revoked',
    renewal: OFF,
    periods: ['2026-10-23 2026-11-02 active premium.monthly 9990 [0]', '2026-11-02 … revoked premium.monthly [1]'],
  },
  'one-time-charge': { state: 'active', renewal: null, periods: ['2026-11-02 … active coins.100 9990 [0]'] },
  'external-purchase-token': null,
  'rescind-consent': {
    state: 'active',
    renewal: [true, 'premium.monthly', '2026-11-30'],
    periods: ['2026-10-30 2026-11-30 active premium.monthly 9990 [0,1]'],
  },
};

it('every scenario of the simulator is in the table', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual(SCENARIOS.map(({ name }) => name).sort());
});

describe.each(['Production', 'Sandbox'] as const)('in %s', (environment) => {
  it.each(Object.entries(EXPECTED))('%s: states and periods, and nothing to find', (name, expected) => {
    const folded = periodsOf(documentsOf(name, environment));
    expect(folded).toEqual(expected === null ? [] : [{ ...expected, quantity: 1, findings: [] }]);
  });

  it.each(SCENARIOS.map(({ name }) => name))('%s: the status of every notification is that of the state', (name) => {
    const documents = documentsOf(name, environment);
    const [purchase] = foldPurchases(documents, { asOfMs: NOW_MS }).purchases;
    const statuses: Record<string, number> = {
      active: 1,
      expired: 2,
      'in-billing-retry': 3,
      'in-grace-period': 4,
      revoked: 5,
      refunded: 5,
    };
    for (const { index, stateAfter } of purchase?.events ?? []) {
      const { status } = (documents[index]?.notification?.data ?? {}) as { status?: number };
      if (status !== undefined) expect([index, statuses[stateAfter]]).toEqual([index, status]);
    }
  });
});

it('spans meet to the millisecond', () => {
  const [purchase] = foldPurchases(documentsOf('billing-retry-lost', 'Production'), { asOfMs: NOW_MS }).purchases;
  const lost = EVENT_MS - 60 * DAY_MS;
  expect(purchase?.periods.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [Date.UTC(2026, 7, 3, 8, 59, 58), lost],
    [lost, lost + 16 * DAY_MS],
    // Apple gave up when it signed the notification of it.
    [lost + 16 * DAY_MS, NOW_MS],
    [NOW_MS, null],
  ]);
  expect(purchase).toMatchObject({ stateSinceMs: NOW_MS, stateUntilMs: null, asOfMs: NOW_MS });
});

it('the state holds since the first of the renewals', () => {
  const [purchase] = foldPurchases(documentsOf('renewals', 'Production'), { asOfMs: NOW_MS }).purchases;
  expect(purchase).toMatchObject({
    stateSinceMs: Date.UTC(2026, 7, 2, 8, 59, 58),
    stateUntilMs: Date.UTC(2026, 11, 2, 8, 59, 58),
  });
});

it('tells what belongs to no purchase', () => {
  const { purchases, others } = foldPurchases(documentsOf('external-purchase-token', 'Sandbox'), { asOfMs: NOW_MS });
  expect(purchases).toEqual([]);
  expect(others.map(({ index }) => index)).toEqual([0, 1, 2]);
});

it('a commitment that was cancelled is billed to its end', () => {
  const [purchase] = foldPurchases(documentsOf('monthly-commitment', 'Production').slice(0, 5), {
    asOfMs: Date.UTC(2026, 1, 3),
  }).purchases;
  expect(purchase).toMatchObject({
    state: 'active',
    commitment: { period: 4, periods: 12, endsAtMs: EVENT_MS, renews: false },
    renewal: { isOn: true },
  });
});
