import type { Period, PurchaseEvent, PurchaseState, PurchaseTimeline } from '../../src/purchase/purchase.js';

export const MONTH_MS = 30 * 86_400_000;

/** 2026-08-31T08:55:54Z, the first notification of every purchase made here. */
export const FIRST_MS = Date.UTC(2026, 7, 31, 8, 55, 54);

export const PRODUCT = 'com.example.app.premium.monthly';

export function makeEvent(
  index: number,
  signedAtMs: number | null,
  type: string,
  meaning: string,
  more: Partial<PurchaseEvent> = {},
): PurchaseEvent {
  return {
    index,
    source: `stdin:${index + 1}`,
    type,
    uuid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    signedAtMs,
    receivedAtMs: null,
    transactionId: '2000000310631470',
    productId: PRODUCT,
    meaning,
    verdict: 'valid',
    stateAfter: 'active',
    repeats: 0,
    ...more,
  };
}

export function makePeriod(
  fromMs: number,
  toMs: number | null,
  state: PurchaseState,
  more: Partial<Period> = {},
): Period {
  return {
    fromMs,
    toMs,
    state,
    productId: PRODUCT,
    transactionId: '2000000310631470',
    price: { amountMilliunits: 9990, currency: 'USD' },
    offer: null,
    events: [],
    isVerified: true,
    ...more,
  };
}

/** A subscription whose renewal was never paid, as `trigger --scenario billing-retry-lost` sends it; expired a moment ago. */
export function makePurchase(more: Partial<PurchaseTimeline> = {}): PurchaseTimeline {
  const [failed, graceOver, lost] = [FIRST_MS + MONTH_MS, FIRST_MS + 46 * 86_400_000, FIRST_MS + 90 * 86_400_000];
  return {
    id: '2000000310631470',
    originalTransactionId: '2000000310631470',
    kind: 'subscription',
    environment: 'Sandbox',
    bundleId: 'com.example.app',
    productId: PRODUCT,
    type: 'Auto-Renewable Subscription',
    ownership: 'PURCHASED',
    appAccountToken: '793b5f78-f2ec-4b55-ac49-111873aa846a',
    quantity: 1,
    state: 'expired',
    stateSinceMs: lost,
    stateUntilMs: null,
    asOfMs: lost + 4_000,
    renewal: null,
    commitment: null,
    migratedTo: null,
    migratedFrom: null,
    periods: [
      makePeriod(FIRST_MS - 2_000, failed - 2_000, 'active', { events: [0] }),
      makePeriod(failed - 2_000, graceOver, 'in-grace-period', { events: [1] }),
      makePeriod(graceOver, lost, 'in-billing-retry', { events: [2] }),
      makePeriod(lost, null, 'expired', { events: [3] }),
    ],
    events: [
      makeEvent(0, FIRST_MS, 'SUBSCRIBED.INITIAL_BUY', 'subscribed for the first time, 9.99 USD'),
      makeEvent(1, failed, 'DID_FAIL_TO_RENEW.GRACE_PERIOD', 'the renewal was not paid; grace period until 2026-10-16'),
      makeEvent(2, graceOver, 'GRACE_PERIOD_EXPIRED', 'the grace period ended without a payment'),
      makeEvent(3, lost, 'EXPIRED.BILLING_RETRY', 'expired: the payment never succeeded'),
    ],
    findings: [],
    ...more,
  };
}

/** A subscription that renewed `count` times, each period `lengthMs` long; active half a period from now. */
export function makeRenewals(count: number, lengthMs: number, more: Partial<PurchaseTimeline> = {}): PurchaseTimeline {
  const starts = Array.from({ length: count + 1 }, (_, index) => FIRST_MS + index * lengthMs);
  const last = starts.at(-1)!;
  return makePurchase({
    state: 'active',
    stateSinceMs: FIRST_MS,
    stateUntilMs: last + lengthMs,
    asOfMs: last + lengthMs / 2,
    renewal: {
      isOn: true,
      productId: PRODUCT,
      atMs: last + lengthMs,
      price: { amountMilliunits: 9990, currency: 'USD' },
      offer: null,
      priceIncrease: null,
    },
    periods: starts.map((ms, index) => makePeriod(ms, ms + lengthMs, 'active', { events: [index] })),
    events: starts.map((ms, index) =>
      index === 0
        ? makeEvent(0, ms, 'SUBSCRIBED.INITIAL_BUY', 'subscribed for the first time, 9.99 USD')
        : makeEvent(index, ms, 'DID_RENEW', 'renewed, 9.99 USD'),
    ),
    ...more,
  });
}
