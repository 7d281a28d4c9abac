import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import type { PurchaseDocument, PurchaseTimeline } from '../../../src/purchase/purchase.js';
import { type Told, told } from '../../support/purchase-story.js';

const TYPES = [
  'SUBSCRIBED.INITIAL_BUY',
  'SUBSCRIBED.RESUBSCRIBE',
  'DID_RENEW',
  'DID_RENEW.BILLING_RECOVERY',
  'DID_FAIL_TO_RENEW',
  'DID_FAIL_TO_RENEW.GRACE_PERIOD',
  'GRACE_PERIOD_EXPIRED',
  'EXPIRED.VOLUNTARY',
  'EXPIRED.BILLING_RETRY',
  'REFUND',
  'REFUND_REVERSED',
  'REVOKE',
  'RENEWAL_EXTENDED',
  'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
  'DID_CHANGE_RENEWAL_PREF.UPGRADE',
  'CONSUMPTION_REQUEST',
  'NEW_TYPE',
  'transaction',
  'renewalInfo',
];

const START_MS = Date.UTC(2026, 0, 1);

const DAY_MS = 86_400_000;

const day = fc.integer({ min: 0, max: 120 });

const iso = (days: number): string => new Date(START_MS + days * DAY_MS).toISOString();

/** Any event of one subscription, sensible or not; few days, so that many fall together. */
const event: fc.Arbitrary<PurchaseDocument> = fc
  .record({
    at: fc.option(day, { freq: 12 }),
    type: fc.constantFrom(...TYPES),
    id: fc.constantFrom('1', '2', '3', '4'),
    from: fc.option(day, { freq: 12 }),
    length: fc.option(fc.integer({ min: -5, max: 40 }), { freq: 12 }),
    revoked: fc.option(day, { freq: 3 }),
    grace: fc.option(day),
    isInBillingRetry: fc.option(fc.boolean()),
    intent: fc.option(fc.integer({ min: 1, max: 5 })),
    status: fc.option(fc.integer({ min: 0, max: 6 })),
    isUpgraded: fc.boolean(),
    verdict: fc.constantFrom('valid', 'invalid', 'undetermined', undefined),
    uuid: fc.integer({ min: 0, max: 1_000_000 }),
  })
  .map((made) => {
    const { at, type, id, from, length, revoked, grace, isInBillingRetry, intent, status, isUpgraded, uuid } = made;
    const of: Told = {
      at: at === null ? null : iso(at),
      type,
      id,
      uuid: `uuid-${uuid}`,
      ...(from !== null && { from: iso(from), ...(length !== null && { to: iso(from + length) }) }),
      ...(status !== null && { status }),
      ...(made.verdict !== undefined && { verdict: made.verdict }),
      transaction: { ...(revoked !== null && { revocationDate: START_MS + revoked * DAY_MS }), isUpgraded },
      renewal: {
        autoRenewStatus: 1,
        ...(grace !== null && { gracePeriodExpiresDate: START_MS + grace * DAY_MS }),
        ...(isInBillingRetry !== null && { isInBillingRetryPeriod: isInBillingRetry }),
        ...(intent !== null && { expirationIntent: intent }),
      },
    };
    return told(of);
  });

const events = fc.array(event, { minLength: 1, maxLength: 12 });

const asOf = fc.integer({ min: -10, max: 400 }).map((days) => START_MS + days * DAY_MS);

const fold = (documents: readonly PurchaseDocument[], asOfMs: number): readonly PurchaseTimeline[] =>
  foldPurchases(documents, { asOfMs }).purchases;

describe('whatever happens to one subscription', () => {
  it('the order of arrival changes nothing', () => {
    fc.assert(
      fc.property(
        events.chain((documents) =>
          fc.tuple(fc.constant(documents), fc.shuffledSubarray(documents, { minLength: documents.length })),
        ),
        asOf,
        ([documents, shuffled], asOfMs) => {
          expect(fold(shuffled, asOfMs)).toEqual(fold(documents, asOfMs));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a repeat changes the count of repeats and nothing else', () => {
    fc.assert(
      fc.property(
        events.chain((documents) => fc.tuple(fc.constant(documents), fc.subarray(documents, { minLength: 1 }))),
        asOf,
        ([documents, repeated], asOfMs) => {
          const once = fold(documents, asOfMs).map(withoutRepeats);
          const twice = fold([...documents, ...repeated], asOfMs);
          expect(twice.map(withoutRepeats)).toEqual(once);
          const hasRepeats = twice.flatMap(({ findings }) => findings).some(({ id }) => id === 'repeats');
          expect(hasRepeats).toBe(repeated.some(({ kind }) => kind === 'notification'));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('periods are in order, do not overlap, and tell of their events', () => {
    fc.assert(
      fc.property(events, asOf, (documents, asOfMs) => {
        for (const { periods, events: all, state } of fold(documents, asOfMs)) {
          periods.forEach((period, at) => {
            const next = periods[at + 1];
            if (period.toMs === null) expect(next).toBeUndefined();
            else {
              expect(period.toMs).toBeGreaterThan(period.fromMs);
              if (next !== undefined) expect(next.fromMs).toBeGreaterThanOrEqual(period.toMs);
            }
            expect(period.events.length > 0).toBe(period.state !== 'unknown');
            for (const index of period.events) expect(all[index]?.index).toBe(index);
          });
          const now = periods.findLast(({ fromMs }) => fromMs <= asOfMs);
          if (now !== undefined) expect(now.state).toBe(state);
          else if (periods.every(({ fromMs }) => fromMs - asOfMs > DAY_MS)) expect(state).toBe('unknown');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a recovery that begins behind the next purchase leaves no overlap', () => {
    const [first, second] = [iso(0), iso(1)];
    const documents = [
      told({ at: first, type: 'DID_FAIL_TO_RENEW.GRACE_PERIOD', id: '1', uuid: 'a', from: first, to: second }),
      told({ at: second, type: 'DID_RENEW.BILLING_RECOVERY', id: '2', uuid: 'b', from: first }),
      told({ at: null, type: 'SUBSCRIBED.INITIAL_BUY', id: '4', uuid: 'c', from: first, status: 1 }),
    ];
    const [{ periods } = { periods: [] }] = fold(documents, START_MS);
    expect(periods.map(({ transactionId, fromMs, toMs }) => [transactionId, fromMs, toMs])).toEqual([
      ['4', START_MS, null],
    ]);
  });

  it('what failed verification changes nothing where something passed', () => {
    fc.assert(
      fc.property(events, events, asOf, (documents, forged, asOfMs) => {
        const genuine = documents.map((document) => verified(document, 'valid'));
        const forgeries = forged.map((document) => verified(document, 'invalid'));
        const [alone] = fold(genuine, asOfMs);
        const [mixed] = fold([...genuine, ...forgeries], asOfMs);
        expect(mixed?.state).toBe(alone?.state);
        expect(mixed?.periods.map(spanOf)).toEqual(alone?.periods.map(spanOf));
        expect(mixed?.renewal).toEqual(alone?.renewal);
      }),
      { numRuns: 300 },
    );
  });
});

function withoutRepeats(purchase: PurchaseTimeline) {
  return {
    ...purchase,
    events: purchase.events.map((each) => ({ ...each, repeats: 0 })),
    findings: purchase.findings.filter(({ id }) => id !== 'repeats'),
  };
}

function verified(document: PurchaseDocument, verdict: 'valid' | 'invalid'): PurchaseDocument {
  return {
    ...document,
    verification: { verdict, reason: null, root: null, checkedAtMs: null, clock: null, checks: [] },
  };
}

function spanOf({ fromMs, toMs, state }: PurchaseTimeline['periods'][number]) {
  return { fromMs, toMs, state };
}
