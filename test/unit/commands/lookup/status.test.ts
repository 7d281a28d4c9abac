import { describe, expect, it } from 'vitest';
import { compareStatus, fillState, statusTextOf } from '../../../../src/commands/lookup/status.js';
import type { PurchaseState, PurchaseTimeline } from '../../../../src/purchase/purchase.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;

const purchase = (state: PurchaseState, more: Partial<PurchaseTimeline> = {}): PurchaseTimeline => ({
  ...{ id: '1', originalTransactionId: '1', kind: 'subscription', environment: 'Sandbox', bundleId: null },
  ...{ productId: null, type: null, ownership: null, appAccountToken: null, quantity: null, renewal: null },
  ...{ commitment: null, migratedTo: null, migratedFrom: null, periods: [], events: [], findings: [], asOfMs: NOW },
  ...{ state, stateSinceMs: NOW - DAY, stateUntilMs: NOW + DAY },
  ...more,
});

describe("Apple's status beside ours", () => {
  const agreeing: readonly [PurchaseState, number][] = [
    ['active', 1],
    ['expired', 2],
    ['in-billing-retry', 3],
    ['in-grace-period', 4],
    ['revoked', 5],
    ['refunded', 5],
  ];

  it.each(agreeing)('%s is %i', (state, status) => expect(compareStatus(purchase(state), status, false)).toBeNull());

  it.each(
    agreeing.flatMap(([state, own]) =>
      [1, 2, 3, 4, 5].filter((each) => each !== own).map((each) => [state, each] as const),
    ),
  )('%s is not %i', (state, status) => {
    const finding = compareStatus(purchase(state), status, false);
    expect(finding?.id).toBe('status-differs');
    expect(finding?.message).toContain(`Apple's status is ${status} (`);
    expect(finding?.message).toContain(`say ${state.replaceAll('-', ' ')} until 2026-11-21T12:00:00Z`);
  });

  it('says what to do, for Apple and for an emulator', () => {
    expect(compareStatus(purchase('active'), 2, false)?.hint).toContain('in a few minutes');
    expect(compareStatus(purchase('active'), 2, true)?.hint).toContain('nothing renews or expires there by itself');
  });

  it.each<[string, PurchaseTimeline, number]>([
    ['nothing signed shows a state', purchase('unknown'), 2],
    ['the status is newer than this version', purchase('active'), 6],
    ['the period ends within a minute', purchase('active', { stateUntilMs: NOW + 59_000 }), 2],
    ['it has just ended', purchase('expired', { stateSinceMs: NOW - 59_000, stateUntilMs: null }), 1],
  ])('is no finding where %s', (_what, given, status) => expect(compareStatus(given, status, false)).toBeNull());
});

describe('a state that nothing signed shows', () => {
  const unknown = {
    ...{ fromMs: NOW - DAY, toMs: null, state: 'unknown' as const, productId: null, transactionId: null },
    ...{ price: null, offer: null, events: [], isVerified: false },
  };

  it.each([
    [1, 'active'],
    [2, 'expired'],
    [3, 'in-billing-retry'],
    [4, 'in-grace-period'],
    [5, 'revoked'],
    [6, 'unknown'],
  ])('is that of status %i: %s', (status, state) => {
    const filled = fillState(purchase('unknown', { periods: [unknown] }), status);
    expect([filled.state, filled.periods.at(-1)?.state]).toEqual([state, state]);
  });

  it('replaces nothing that is signed', () => expect(fillState(purchase('active'), 2).state).toBe('active'));
});

it.each([
  [1, false, 'Apple says 1 (active).'],
  [5, true, 'But Apple says 5 (revoked).'],
  [6, false, 'Apple says 6 (not known to this version).'],
  [null, false, 'Apple states no status of it.'],
])('status %j in words', (status, isOther, words) => expect(statusTextOf(status, isOther)).toBe(words));
