import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import type { PurchaseDocument } from '../../../src/purchase/purchase.js';
import { ms, outline, told } from '../../support/purchase-story.js';

const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    '',
    'x',
    '1767225600000',
    '__proto__',
    -1,
    0,
    0.5,
    8.64e15,
    8.64e15 + 1,
    -8.64e15,
    1e300,
    Number.MAX_SAFE_INTEGER,
    2n ** 70n,
    1767225600000n,
    [],
    {},
    { toString: 1 },
    [{}],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

const fieldsOf = (names: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.constantFrom(...names), hostile) as fc.Arbitrary<JsonObject>;

const TRANSACTION = fieldsOf([
  'transactionId',
  'originalTransactionId',
  'productId',
  'type',
  'purchaseDate',
  'expiresDate',
  'revocationDate',
  'revocationType',
  'signedDate',
  'quantity',
  'price',
  'currency',
  'offerType',
  'environment',
  'commitmentInfo',
  'multiSeatInfo',
  'additionalTransactionReason',
  'appAccountToken',
  'isUpgraded',
]);

const RENEWAL = fieldsOf([
  'originalTransactionId',
  'autoRenewStatus',
  'gracePeriodExpiresDate',
  'isInBillingRetryPeriod',
  'expirationIntent',
  'renewalDate',
  'renewalPrice',
  'currency',
  'commitmentInfo',
  'signedDate',
]);

const NOTIFICATION = fc
  .tuple(
    fieldsOf(['notificationUUID', 'signedDate', 'subtype', 'data', 'version']),
    fc.constantFrom<unknown>('SUBSCRIBED', 'DID_FAIL_TO_RENEW', 'EXPIRED', 'REFUND', 'GRACE_PERIOD_EXPIRED', 7, null),
    fieldsOf(['status', 'environment', 'bundleId']),
  )
  .map(([fields, notificationType, data]) => ({ data, ...fields, notificationType }) as JsonObject);

const DOCUMENT = fc.record(
  {
    kind: fc.constantFrom('notification', 'transaction', 'renewalInfo', 'unknown', 'appTransaction', 'notificationV1'),
    source: fc.constant('hostile'),
    notification: NOTIFICATION,
    transaction: TRANSACTION.map((fields) => ({ transactionId: '1', ...fields }) as JsonObject),
    renewalInfo: RENEWAL,
  },
  { requiredKeys: ['kind', 'source'] },
) as fc.Arbitrary<PurchaseDocument>;

it('never throws, places every document, and survives JSON', () => {
  fc.assert(
    fc.property(fc.array(DOCUMENT, { maxLength: 8 }), (documents) => {
      const { purchases, others } = foldPurchases(documents, { asOfMs: ms('2026-01-01') });
      const placed = purchases.flatMap(({ events }) => events.map(({ repeats }) => repeats + 1));
      expect(placed.reduce((sum, count) => sum + count, others.length)).toBe(documents.length);
      expect(JSON.parse(JSON.stringify(purchases))).toEqual(purchases);
      for (const { periods } of purchases) {
        for (const { fromMs, toMs } of periods) {
          expect(Number.isFinite(new Date(fromMs).getTime())).toBe(true);
          expect(toMs === null || Number.isFinite(toMs)).toBe(true);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

it.each<[string, JsonObject, string, readonly string[]]>([
  [
    'a period of a hundred thousand years',
    { expiresDate: 4e15 },
    'active',
    ['2026-01-01 +128724-12-15T07 active monthly [0]'],
  ],
  ['a period that ends before it begins', { expiresDate: 1 }, 'unknown', []],
  ['an end beyond the range of dates', { expiresDate: 1e17 }, 'unknown', []],
  ['an end as text', { expiresDate: '1769904000000' }, 'unknown', []],
  ['an end as bigint', { expiresDate: 2n ** 64n }, 'unknown', []],
  ['no end', {}, 'unknown', []],
])('%s', (_name, transaction, state, periods) => {
  const document = told({ at: '2026-01-01', type: 'SUBSCRIBED.INITIAL_BUY', from: '2026-01-01', transaction });
  const [purchase] = foldPurchases([document], { asOfMs: ms('2026-01-15') }).purchases;
  expect(outline(purchase)).toMatchObject({ state, periods });
});

it('30,000 notifications of one purchase, bought in the reverse order, take no more than linear time', () => {
  const DAY_MS = 86_400_000;
  const count = 30_000;
  const start = ms('2000-01-01');
  const at = (days: number): string => new Date(start + days * DAY_MS).toISOString();
  const documents = Array.from({ length: count }, (_, index) =>
    told({
      // The later it is signed, the earlier it was bought.
      at: at(index),
      type: ['DID_RENEW', 'REFUND', 'DID_FAIL_TO_RENEW', 'REFUND_REVERSED'][index % 4] ?? '',
      id: String(index % 2 === 0 ? index : 0),
      from: at(count - index),
      to: at(count - index + 1),
      uuid: '002e14d5-51f5-4503-b5a8-c3a1af68eb20',
    }),
  );
  const [purchase] = foldPurchases(documents, { asOfMs: start }).purchases;
  expect(purchase?.events).toHaveLength(count);
});
