import { describe, expect, it } from 'vitest';
import { PurchaseStore } from '../../../src/emulator/store/purchase-store.js';
import { readStoreEvent, type StoreEvent } from '../../../src/emulator/store/store-event.js';
import { openPayload } from '../../../src/notification/open.js';
import { createAuthority } from '../../../src/simulator/authority/authority.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { seededRandom } from '../../../src/simulator/random.js';
import { buildScenario, SCENARIOS } from '../../../src/simulator/scenarios/scenarios.js';

const NOW = Date.UTC(2026, 10, 29);
const chain = await (await createAuthority({ nowMs: NOW })).issueChain();

function eventsOf(scenario: string, seed = scenario): readonly StoreEvent[] {
  return buildScenario(scenario, { nowMs: NOW, random: seededRandom(seed) }).flatMap(
    ({ built }) => readStoreEvent(openPayload(signNotification(built, chain).signedPayload)) ?? [],
  );
}

function storeOf(events: readonly StoreEvent[], limit = 1_000): PurchaseStore {
  const store = new PurchaseStore(limit);
  for (const event of events) store.record(event);
  return store;
}

/** What the calls read of a store, without the order of changes. */
function stateOf(store: PurchaseStore, id: string) {
  const transactions = (store.ofCustomer(id) ?? []).map((each) => store.payloadOf(each));
  const byId = (a: object, b: object) => JSON.stringify(a).localeCompare(JSON.stringify(b));
  return { transactions: [...transactions].sort(byId), subscriptions: store.subscriptionsOf(id) };
}

describe('the store', () => {
  it.each([
    ['refund', 5, 0],
    ['refund-reversed', 1, 0],
    ['refund-declined', 1, 1],
    ['family-revoke', 5, 0],
    ['billing-retry', 1, 1],
    ['billing-retry-lost', 2, 0],
  ])('has the last status and renewal info after %s', (scenario, status, autoRenewStatus) => {
    const events = eventsOf(scenario);
    const { originalTransactionId } = events[0]!.transaction;
    expect(storeOf(events).subscriptionsOf(originalTransactionId)).toMatchObject([
      { originalTransactionId, status, renewalInfo: { originalTransactionId, autoRenewStatus } },
    ]);
  });

  it('has the revocation after REFUND, and no longer after REFUND_REVERSED', () => {
    const [bought, refunded, reversed] = eventsOf('refund-reversed');
    const { transactionId } = bought!.transaction;
    const revocationOf = (store: PurchaseStore) => store.payloadOf(store.find(transactionId)!).revocationDate;
    expect(revocationOf(storeOf([bought!, refunded!]))).toBe(refunded!.transaction.revocationDate);
    expect(refunded!.transaction.revocationDate).toEqual(expect.any(Number));
    expect(revocationOf(storeOf([bought!, refunded!, reversed!]))).toBeUndefined();
  });

  it('marks the transaction that an upgrade ended, and only that one', () => {
    const events = eventsOf('upgrade-downgrade');
    const store = storeOf(events);
    const upgrade = events.find(({ name }) => name.endsWith('.UPGRADE'))!;
    const marked = store
      .ofCustomer(upgrade.transaction.transactionId)!
      .filter((each) => store.payloadOf(each).isUpgraded === true);
    expect(marked.map(({ payload }) => payload.purchaseDate)).toEqual([events[0]!.transaction.purchaseDate]);
  });

  it.each(SCENARIOS.map(({ name }) => name))(
    'has the same state of %s in any order of arrival, and after repeats',
    (name) => {
      const events = eventsOf(name);
      const [first] = events;
      if (first === undefined) return;
      const { originalTransactionId: id } = first.transaction;
      const expected = stateOf(storeOf(events), id);
      expect(stateOf(storeOf([...events].reverse()), id)).toEqual(expected);
      expect(stateOf(storeOf([...events, ...events]), id)).toEqual(expected);
    },
  );

  it('orders transactions by their last change', () => {
    const [charge] = eventsOf('one-time-charge');
    const refund = eventsOf('refund');
    const store = storeOf([refund[0]!, charge!, ...refund.slice(1)]);
    expect(store.latest(9).map(({ transactionId }) => transactionId)).toEqual([
      charge!.transaction.transactionId,
      refund[0]!.transaction.transactionId,
    ]);
  });

  it('finds the customer by any id, and no other', () => {
    const events = eventsOf('upgrade-downgrade');
    const store = storeOf([...events, ...eventsOf('refund')]);
    const { transactionId, originalTransactionId, appTransactionId } = events.at(-1)!.transaction;
    const ids = (id: string) => store.ofCustomer(id)?.map((each) => each.originalTransactionId);
    const expected = store.ofCustomer(originalTransactionId)!.map(() => originalTransactionId);
    expect(ids(transactionId)).toEqual(expected);
    expect(ids(String(appTransactionId))).toEqual(expected);
    expect(store.isAppTransaction(String(appTransactionId))).toBe(true);
    expect(ids('1')).toBeUndefined();
  });

  it('finds all purchases of a customer through the appTransactionId', () => {
    const [a] = eventsOf('one-time-charge', 'a');
    const [b] = eventsOf('one-time-charge', 'b');
    const { appTransactionId } = a!.transaction;
    const store = storeOf([a!, { ...b!, transaction: { ...b!.transaction, appTransactionId: appTransactionId! } }]);
    expect(store.ofCustomer(a!.transaction.transactionId)).toHaveLength(2);
    expect(store.subscriptionsOf(a!.transaction.transactionId)).toEqual([]);
  });

  it('keeps the last changed transactions, and nothing of the others', () => {
    const events = Array.from({ length: 5 }, (_each, at) => eventsOf('one-time-charge', `${at}`)[0]!);
    const store = storeOf(events, 3);
    expect(store.size).toBe(3);
    for (const [at, { transaction }] of events.entries()) {
      const isKept = at >= 2;
      expect([at, store.ofCustomer(transaction.transactionId) !== null]).toEqual([at, isKept]);
      expect(store.isAppTransaction(String(transaction.appTransactionId))).toBe(isKept);
    }
  });

  it('knows a customer as long as a transaction names one', () => {
    const [charge] = eventsOf('one-time-charge');
    const { signedMs, transaction } = charge!;
    const other = { ...charge!, signedMs: signedMs + 1, transaction: { ...transaction, appTransactionId: '7001' } };
    const store = storeOf([charge!, other]);
    expect(store.isAppTransaction(String(transaction.appTransactionId))).toBe(false);
    expect(store.ofCustomer('7001')).toHaveLength(1);
  });

  it('has a transaction in one subscription only, the last that was named', () => {
    const [charge] = eventsOf('one-time-charge');
    const { signedMs, transaction } = charge!;
    const { transactionId } = transaction;
    const moved = (ms: number) => ({
      ...charge!,
      signedMs: ms,
      transaction: { ...transaction, originalTransactionId: '42' },
    });
    const store = storeOf([charge!, moved(signedMs + 1)]);
    expect(store.ofCustomer('42')).toHaveLength(1);
    expect(store.find(transactionId)?.originalTransactionId).toBe('42');
    expect(storeOf([charge!, moved(signedMs - 1)]).ofCustomer('42')).toBeNull();
  });

  it('finds a transaction by its order', () => {
    const [charge] = eventsOf('one-time-charge');
    const store = storeOf([charge!]);
    const { orderId, transactionId } = store.find(charge!.transaction.transactionId)!;
    expect(orderId).toMatch(/^M[A-Z0-9]{9}$/);
    expect(store.findOrder(orderId)?.transactionId).toBe(transactionId);
    expect(store.findOrder('MBCDFGHJKL')).toBeUndefined();
  });

  it.each([
    ['5 after a revocation', 'REFUND', 5],
    ['4 in the grace period', 'DID_FAIL_TO_RENEW.GRACE_PERIOD', 4],
    ['3 in billing retry', 'DID_FAIL_TO_RENEW', 3],
    ['2 after the end', 'EXPIRED.VOLUNTARY', 2],
    ['1 before it', 'DID_RENEW', 1],
  ])('takes status %s where the notification has none', (_case, event, status) => {
    const [type = '', subtype = null] = event.split('.');
    const built = buildNotification({ type, subtype, nowMs: NOW, random: seededRandom('x'), remove: ['data.status'] });
    const read = readStoreEvent(openPayload(signNotification(built, chain).signedPayload))!;
    expect(read.status).toBeNull();
    expect(storeOf([read]).subscriptionsOf(read.transaction.transactionId)).toMatchObject([{ status }]);
  });
});
