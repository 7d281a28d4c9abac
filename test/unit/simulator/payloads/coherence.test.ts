import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../src/jws/json.js';
import { SIMULATED_EVENTS } from '../../../../src/simulator/payloads/events.js';
import { buildNotification } from '../../../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../../../src/simulator/random.js';

/** Moments that calendars stumble over are among them. */
const MOMENTS = ['2026-11-02T09:00:00.417Z', '2028-02-29T23:59:59.999Z', '2027-03-31T00:00:00.000Z'].map(Date.parse);
const PERIODS = ['P1W', 'P1M', 'P1Y'];

const cases = SIMULATED_EVENTS.flatMap(({ type, subtype }) =>
  MOMENTS.flatMap((nowMs) =>
    PERIODS.map((period) => ({
      name: `${type}.${subtype} ${period} ${new Date(nowMs).toISOString()}`,
      type,
      subtype,
      nowMs,
      period,
    })),
  ),
);

const build = (options: (typeof cases)[number]) =>
  buildNotification({ ...options, random: seededRandom(options.name) });
const at = (payload: JsonObject, name: string) => Number(payload[name]);

/** What `status` has to be, told from the dates alone. */
function expectedStatus(transaction: JsonObject, renewalInfo: JsonObject, nowMs: number): number {
  if (transaction.revocationDate !== undefined) return 5;
  if (at(renewalInfo, 'gracePeriodExpiresDate') > nowMs) return 4;
  if (renewalInfo.isInBillingRetryPeriod === true) return 3;
  return at(transaction, 'expiresDate') > nowMs ? 1 : 2;
}

describe('every event', () => {
  it.each(cases)('$name: the envelope is whole', (options) => {
    const { notification } = build(options);
    expect(notification).toMatchObject({ notificationType: options.type, version: '2.0', signedDate: options.nowMs });
    expect(notification.subtype ?? null).toBe(options.subtype);
    expect('subtype' in notification).toBe(options.subtype !== null);
    const containers = ['data', 'summary', 'externalPurchaseToken', 'appData', 'unclaimInfo'];
    expect(containers.filter((name) => isJsonObject(notification[name]))).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(build(options)))).toEqual(build(options));
  });

  const withTransaction = cases.filter((options) => build(options).transaction !== undefined);
  it.each(withTransaction)('$name: the transaction agrees with itself', (options) => {
    const transaction = build(options).transaction ?? {};
    const { transactionId, originalTransactionId } = transaction;
    expect([transactionId, originalTransactionId]).toEqual([
      expect.stringMatching(/^\d{16}$/),
      expect.stringMatching(/^\d{16}$/),
    ]);
    const isFirst = transactionId === originalTransactionId;
    expect(BigInt(String(transactionId)) > BigInt(String(originalTransactionId))).toBe(!isFirst);
    expect(at(transaction, 'purchaseDate') > at(transaction, 'originalPurchaseDate')).toBe(!isFirst);
    expect(at(transaction, 'purchaseDate')).toBeLessThan(options.nowMs);
    expect(at(transaction, 'purchaseDate') % 1000).toBe(0);
    if (transaction.revocationDate !== undefined) {
      expect(at(transaction, 'revocationDate')).toBeGreaterThan(at(transaction, 'purchaseDate'));
      expect(at(transaction, 'revocationDate')).toBeLessThan(options.nowMs);
    }
    const isSubscription = transaction.type === 'Auto-Renewable Subscription';
    for (const name of ['expiresDate', 'webOrderLineItemId', 'subscriptionGroupIdentifier']) {
      expect(name in transaction).toBe(isSubscription);
    }
  });

  const withRenewal = cases.filter((options) => build(options).renewalInfo !== undefined);
  it.each(withRenewal)('$name: renewal info and status agree with the transaction', (options) => {
    const { notification, transaction = {}, renewalInfo = {} } = build(options);
    for (const name of [
      'originalTransactionId',
      'productId',
      'environment',
      'appTransactionId',
      'appAccountToken',
      'signedDate',
    ]) {
      expect(renewalInfo[name]).toEqual(transaction[name]);
    }
    expect(at(transaction, 'expiresDate')).toBeGreaterThan(at(transaction, 'purchaseDate'));
    expect(at(renewalInfo, 'recentSubscriptionStartDate')).toBeLessThanOrEqual(at(transaction, 'purchaseDate'));
    expect(isJsonObject(notification.data) && notification.data.status).toBe(
      expectedStatus(transaction, renewalInfo, options.nowMs),
    );
    const renews = renewalInfo.autoRenewStatus === 1;
    expect(renewalInfo.renewalDate).toBe(renews ? transaction.expiresDate : undefined);
    expect(typeof renewalInfo.renewalPrice).toBe(renews ? 'number' : 'undefined');
    expect(renewalInfo.currency).toBe(renews ? 'USD' : undefined);
    const hasLapsed = at(transaction, 'expiresDate') <= options.nowMs;
    expect(renewalInfo.expirationIntent !== undefined).toBe(hasLapsed);
  });
});
