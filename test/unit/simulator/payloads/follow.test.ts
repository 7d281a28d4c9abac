import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/jws/json.js';
import type { BuiltNotification } from '../../../../src/simulator/payloads/assemble.js';
import { ONE_TIME_EVENTS, OTHER_EVENTS, SUBSCRIPTION_EVENTS } from '../../../../src/simulator/payloads/events.js';
import { followNotification } from '../../../../src/simulator/payloads/follow.js';
import { buildNotification } from '../../../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { parseEvent } from '../../../../src/simulator/scenarios/scenario.js';
import { expectedStatus } from '../coherence-rules.js';

const NOW_MS = Date.parse('2026-11-02T09:00:00.417Z');
const DAY_MS = 86_400_000;

const build = (event: string, options: object = {}): BuiltNotification =>
  buildNotification({ nowMs: NOW_MS, random: seededRandom('base'), ...parseEvent(event), ...options });

const follow = (base: BuiltNotification, event: string, options: object = {}) =>
  followNotification(base, parseEvent(event), { random: seededRandom('next'), ...options });

const renewed = build('DID_RENEW');
const { purchaseDate, expiresDate } = renewed.transaction as unknown as Record<string, number>;

interface Row {
  readonly event: string;
  readonly from?: string;
  readonly status: number;
  readonly transaction?: JsonObject;
  readonly renewalInfo?: JsonObject;
  readonly gone?: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    event: 'DID_RENEW',
    status: 1,
    transaction: {
      purchaseDate: expiresDate!,
      transactionReason: 'RENEWAL',
      expiresDate: Date.parse('2027-01-02T08:59:58Z'),
    },
    renewalInfo: { autoRenewStatus: 1, renewalDate: Date.parse('2027-01-02T08:59:58Z') },
  },
  {
    event: 'DID_RENEW.BILLING_RECOVERY',
    from: 'DID_FAIL_TO_RENEW',
    status: 1,
    renewalInfo: { autoRenewStatus: 1 },
    gone: ['expirationIntent', 'isInBillingRetryPeriod'],
  },
  {
    event: 'DID_FAIL_TO_RENEW',
    status: 3,
    transaction: { expiresDate: expiresDate! },
    renewalInfo: { isInBillingRetryPeriod: true, expirationIntent: 2 },
  },
  {
    event: 'DID_FAIL_TO_RENEW.GRACE_PERIOD',
    status: 4,
    renewalInfo: { isInBillingRetryPeriod: true, gracePeriodExpiresDate: expiresDate! + 16 * DAY_MS },
  },
  {
    event: 'GRACE_PERIOD_EXPIRED',
    from: 'DID_FAIL_TO_RENEW.GRACE_PERIOD',
    status: 3,
    renewalInfo: { isInBillingRetryPeriod: true },
  },
  {
    event: 'EXPIRED.VOLUNTARY',
    status: 2,
    renewalInfo: { autoRenewStatus: 0, expirationIntent: 1, isInBillingRetryPeriod: false },
    gone: ['renewalDate', 'renewalPrice'],
  },
  { event: 'EXPIRED.BILLING_RETRY', status: 2, renewalInfo: { autoRenewStatus: 0, expirationIntent: 2 } },
  { event: 'EXPIRED.PRICE_INCREASE', status: 2, renewalInfo: { expirationIntent: 3, priceIncreaseStatus: 0 } },
  { event: 'EXPIRED.PRODUCT_NOT_FOR_SALE', status: 2, renewalInfo: { expirationIntent: 4 } },
  {
    event: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED',
    status: 1,
    transaction: { purchaseDate: purchaseDate! },
    renewalInfo: { autoRenewStatus: 0 },
  },
  {
    event: 'DID_CHANGE_RENEWAL_PREF.DOWNGRADE',
    status: 1,
    transaction: { purchaseDate: purchaseDate! },
    renewalInfo: { autoRenewProductId: 'com.example.app.basic.monthly' },
  },
  { event: 'PRICE_INCREASE.PENDING', status: 1, renewalInfo: { priceIncreaseStatus: 0, renewalPrice: 12_000 } },
  {
    event: 'REFUND',
    status: 5,
    transaction: { revocationReason: 0, revocationType: 'REFUND_FULL', revocationPercentage: 100_000 },
    renewalInfo: { autoRenewStatus: 0 },
  },
  {
    event: 'REFUND_REVERSED',
    from: 'REFUND',
    status: 1,
    gone: ['revocationDate', 'revocationReason', 'revocationType'],
  },
  { event: 'REVOKE', status: 5, transaction: { inAppOwnershipType: 'FAMILY_SHARED', revocationType: 'FAMILY_REVOKE' } },
  {
    event: 'RENEWAL_EXTENDED',
    status: 1,
    transaction: { expiresDate: expiresDate! + 14 * DAY_MS },
    renewalInfo: { renewalDate: expiresDate! + 14 * DAY_MS },
  },
  {
    event: 'SUBSCRIBED.RESUBSCRIBE',
    from: 'EXPIRED.VOLUNTARY',
    status: 1,
    transaction: { transactionReason: 'PURCHASE' },
    renewalInfo: { autoRenewStatus: 1 },
    gone: ['expirationIntent'],
  },
  {
    event: 'SUBSCRIBED.INITIAL_BUY',
    status: 1,
    transaction: { transactionReason: 'PURCHASE', transactionId: renewed.transaction?.originalTransactionId },
  },
];

describe('the event that follows', () => {
  it.each(ROWS)('$event', ({ event, from = 'DID_RENEW', status, transaction = {}, renewalInfo = {}, gone = [] }) => {
    const base = build(from);
    const { built } = follow(base, event);
    expect(built.notification.data).toMatchObject({ status });
    expect(built.transaction).toMatchObject({
      originalTransactionId: base.transaction?.originalTransactionId,
      appAccountToken: base.transaction?.appAccountToken,
      productId: base.transaction?.productId,
      ...transaction,
    });
    expect(built.renewalInfo).toMatchObject(renewalInfo);
    for (const name of gone) expect({ ...built.transaction, ...built.renewalInfo }).not.toHaveProperty(name);
  });

  it.each(Object.keys(SUBSCRIPTION_EVENTS))('%s agrees with itself after every other', (event) => {
    for (const earlier of Object.keys(SUBSCRIPTION_EVENTS)) {
      const base = build(earlier, { productType: 'Auto-Renewable Subscription' });
      const { notification, transaction = {}, renewalInfo = {} } = follow(base, event).built;
      const signedMs = Number(notification.signedDate);
      const { status } = notification.data as JsonObject;
      expect({ earlier, status }).toEqual({ earlier, status: expectedStatus(transaction, renewalInfo, signedMs) });
      expect([transaction.signedDate, renewalInfo.signedDate]).toEqual([signedMs, signedMs]);
      expect(notification.notificationUUID).not.toBe(base.notification.notificationUUID);
      if (event !== 'SUBSCRIBED.INITIAL_BUY') expect(signedMs).toBeGreaterThan(Number(base.notification.signedDate));
    }
  });

  it.each(Object.keys(ONE_TIME_EVENTS))('%s of a one-time purchase', (event) => {
    const base = build('ONE_TIME_CHARGE');
    const { built } = follow(base, event);
    expect(built.transaction?.transactionId).toBe(base.transaction?.transactionId);
    expect(built).not.toHaveProperty('renewalInfo');
    expect(built.notification.data).not.toHaveProperty('status');
  });

  it.each(Object.keys(OTHER_EVENTS))('%s is about the same app, and carries no purchase', (event) => {
    const base = build('DID_RENEW', { bundleId: 'com.example.coffee', environment: 'Production' });
    const { built } = follow(base, event);
    expect(JSON.stringify(built)).toContain('com.example.coffee');
    expect(built).not.toHaveProperty('transaction');
  });

  it('keeps fields that nobody documents, and those that the original lacks are still missing', () => {
    const { price: _price, appAccountToken: _token, ...transaction } = renewed.transaction!;
    const { renewalPrice: _renewalPrice, ...renewalInfo } = renewed.renewalInfo!;
    const base: BuiltNotification = {
      notification: {
        ...renewed.notification,
        futureFlag: true,
        data: { ...(renewed.notification.data as JsonObject), futureData: [1] },
      },
      transaction: { ...transaction, futureField: { a: 12345678901234567890n } },
      renewalInfo,
    };
    const { built } = follow(base, 'DID_RENEW');
    expect(built.notification).toMatchObject({ futureFlag: true, data: { futureData: [1] } });
    expect(built.transaction).toMatchObject({ futureField: { a: 12345678901234567890n } });
    expect(built.transaction).not.toHaveProperty('appAccountToken');
    expect(built.transaction).not.toHaveProperty('price');
    expect(built.renewalInfo).not.toHaveProperty('renewalPrice');
  });

  it.each([
    ['a month', '2026-01-31T10:00:00Z', '2026-02-28T10:00:00Z', '2026-03-28T10:00:00Z'],
    ['a year', '2024-02-29T10:00:00Z', '2025-02-28T10:00:00Z', '2026-02-28T10:00:00Z'],
    ['a month of the sandbox', '2026-01-31T10:00:00Z', '2026-01-31T10:05:00Z', '2026-01-31T10:10:00Z'],
  ])('renews for %s, as the period before', (_case, from, to, next) => {
    const transaction = { ...renewed.transaction, purchaseDate: Date.parse(from), expiresDate: Date.parse(to) };
    const base = {
      ...renewed,
      notification: { ...renewed.notification, signedDate: Date.parse(from) + 1000 },
      transaction,
    };
    const { built, assumptions } = follow(base, 'DID_RENEW');
    expect(new Date(Number(built.transaction?.expiresDate))).toEqual(new Date(next));
    expect(assumptions).toEqual([]);
  });

  it('says that the length after a trial is assumed', () => {
    const trial = { offerType: 1, offerDiscountType: 'FREE_TRIAL', offerPeriod: 'P1W', price: 0 };
    const base = {
      ...renewed,
      transaction: { ...renewed.transaction, ...trial, expiresDate: purchaseDate! + 7 * DAY_MS },
    };
    const { built, assumptions } = follow(base, 'DID_RENEW');
    expect(assumptions).toEqual([expect.stringContaining('P1M')]);
    expect(built.transaction).not.toHaveProperty('offerType');
    expect(built.transaction).toMatchObject({ price: 9_990 });
  });

  it('advances a commitment', () => {
    const commitmentInfo = { billingPeriodNumber: 3, totalBillingPeriods: 12 };
    const base = { ...renewed, transaction: { ...renewed.transaction, commitmentInfo } };
    expect(follow(base, 'DID_RENEW').built.transaction).toMatchObject({ commitmentInfo: { billingPeriodNumber: 4 } });
    const off = follow(base, 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED').built.renewalInfo;
    expect(off).toMatchObject({ autoRenewStatus: 1, commitmentInfo: { commitmentAutoRenewStatus: 0 } });
  });

  it.each<[string, BuiltNotification, string, string]>([
    ['TEST', build('TEST'), 'DID_RENEW', 'DID_RENEW needs a purchase, and TEST has no transaction'],
    [
      'no dates',
      { ...renewed, transaction: { ...renewed.transaction, expiresDate: undefined } },
      'DID_RENEW',
      'the transaction has no valid expiresDate',
    ],
    [
      'no id',
      { ...renewed, transaction: { ...renewed.transaction, transactionId: undefined } },
      'DID_RENEW',
      'the transaction has no valid transactionId',
    ],
  ])('cannot follow %s', (_case, base, event, message) => {
    expect(() => follow(base, event)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'ERR_SIMULATOR_BASE', message }),
    );
  });

  it('a consumable does not renew', () => {
    expect(() => follow(build('ONE_TIME_CHARGE'), 'DID_RENEW')).toThrow(
      expect.objectContaining({ code: 'ERR_SIMULATOR_PRODUCT_TYPE' }),
    );
  });
});
