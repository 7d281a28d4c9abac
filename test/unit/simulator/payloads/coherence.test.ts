import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../../src/jws/json.js';
import type { BuiltNotification } from '../../../../src/simulator/payloads/assemble.js';
import { SIMULATED_EVENTS, type SimulatedEvent } from '../../../../src/simulator/payloads/events.js';
import { buildNotification, type NotificationOptions } from '../../../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { type RuleCheck, Violations } from '../../../support/violations.js';
import { expectedStatus, PERIODS, SIGNING_TIMES_MS } from '../coherence-rules.js';

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData', 'unclaimInfo'];
const SUBSCRIPTION_FIELDS = ['expiresDate', 'webOrderLineItemId', 'subscriptionGroupIdentifier'];
const SHARED_FIELDS = [
  'originalTransactionId',
  'productId',
  'environment',
  'appTransactionId',
  'appAccountToken',
  'signedDate',
];

const CASES = SIGNING_TIMES_MS.flatMap((nowMs) => PERIODS.map((period) => ({ nowMs, period })));
const build = (options: Omit<NotificationOptions, 'random'>) =>
  buildNotification({ ...options, random: seededRandom(JSON.stringify(options)) });
const dateOf = (payload: JsonObject, field: string) => Number(payload[field]);
const nameOf = ({ type, subtype }: SimulatedEvent) => (subtype === null ? type : `${type}.${subtype}`);
const events = SIMULATED_EVENTS.map((event) => ({ name: nameOf(event), ...event }));

describe('every event keeps every rule of coherence, at each signing time and for each period', () => {
  it.each(events)('$name', ({ type, subtype }) => {
    const violations = new Violations();
    for (const { nowMs, period } of CASES) {
      const rules = violations.of(`${period} at ${new Date(nowMs).toISOString()}`);
      const built = build({ type, subtype, nowMs, period });
      rules.same('the same options give the same payloads', build({ type, subtype, nowMs, period }), built);
      rules.same('payloads survive JSON', JSON.parse(JSON.stringify(built)), built);
      checkEnvelope(rules, built.notification, { type, subtype }, nowMs);
      if (built.transaction) checkTransaction(rules, built.transaction, nowMs);
      if (built.renewalInfo) checkRenewal(rules, built, nowMs);
    }
    expect(violations.all).toEqual([]);
  });

  it('checks the transaction and the renewal info of most events', () => {
    const built = SIMULATED_EVENTS.map((event) => build({ ...event, nowMs: SIGNING_TIMES_MS[0]! }));
    expect(built.filter(({ transaction }) => transaction)).toHaveLength(SIMULATED_EVENTS.length - 7);
    expect(built.filter(({ renewalInfo }) => renewalInfo)).toHaveLength(SIMULATED_EVENTS.length - 9);
  });
});

function checkEnvelope(rules: RuleCheck, notification: JsonObject, { type, subtype }: SimulatedEvent, nowMs: number) {
  rules.same('notificationType', notification.notificationType, type);
  rules.same('version', notification.version, '2.0');
  rules.same('signedDate', notification.signedDate, nowMs);
  rules.same('subtype', notification.subtype ?? null, subtype);
  rules.same('subtype is there only if the event has one', 'subtype' in notification, subtype !== null);
  rules.same('number of containers', CONTAINERS.filter((name) => isJsonObject(notification[name])).length, 1);
}

function checkTransaction(rules: RuleCheck, transaction: JsonObject, nowMs: number) {
  const { transactionId, originalTransactionId } = transaction;
  for (const id of [transactionId, originalTransactionId]) {
    rules.holds(`a Sandbox id has 16 digits: ${id}`, /^\d{16}$/.test(String(id)));
  }
  const isFirst = transactionId === originalTransactionId;
  rules.same('a later id is larger', BigInt(String(transactionId)) > BigInt(String(originalTransactionId)), !isFirst);
  const [purchasedMs, firstMs] = [dateOf(transaction, 'purchaseDate'), dateOf(transaction, 'originalPurchaseDate')];
  rules.same('a later transaction has a later purchaseDate', purchasedMs > firstMs, !isFirst);
  rules.holds('purchaseDate is before signedDate', purchasedMs < nowMs);
  rules.same('purchaseDate is a whole second', purchasedMs % 1000, 0);
  if (transaction.revocationDate !== undefined) {
    rules.holds('revocationDate is after purchaseDate', dateOf(transaction, 'revocationDate') > purchasedMs);
    rules.holds('revocationDate is before signedDate', dateOf(transaction, 'revocationDate') < nowMs);
  }
  const isSubscription = transaction.type === 'Auto-Renewable Subscription';
  for (const field of SUBSCRIPTION_FIELDS) {
    rules.same(`only subscriptions have ${field}`, field in transaction, isSubscription);
  }
}

function checkRenewal(
  rules: RuleCheck,
  { notification, transaction = {}, renewalInfo = {} }: BuiltNotification,
  nowMs: number,
) {
  for (const field of SHARED_FIELDS) {
    rules.same(`renewal info and transaction have the same ${field}`, renewalInfo[field], transaction[field]);
  }
  const [purchasedMs, expiresMs] = [dateOf(transaction, 'purchaseDate'), dateOf(transaction, 'expiresDate')];
  rules.holds('expiresDate is after purchaseDate', expiresMs > purchasedMs);
  rules.holds(
    'recentSubscriptionStartDate is not after purchaseDate',
    dateOf(renewalInfo, 'recentSubscriptionStartDate') <= purchasedMs,
  );
  const status = isJsonObject(notification.data) && notification.data.status;
  rules.same('status follows from the dates', status, expectedStatus(transaction, renewalInfo, nowMs));
  const renews = renewalInfo.autoRenewStatus === 1;
  rules.same('renewalDate', renewalInfo.renewalDate, renews ? transaction.expiresDate : undefined);
  rules.same('type of renewalPrice', typeof renewalInfo.renewalPrice, renews ? 'number' : 'undefined');
  rules.same('currency', renewalInfo.currency, renews ? 'USD' : undefined);
  rules.same('expirationIntent is set once lapsed', renewalInfo.expirationIntent !== undefined, expiresMs <= nowMs);
}
