import { describe, expect, it } from 'vitest';
import { foldPurchases } from '../../../src/purchase/fold-purchases.js';
import type { PurchaseDocument } from '../../../src/purchase/purchase.js';
import { describeState } from '../../../src/purchase-view/state-sentence.js';
import { ms, type Told, told } from '../../support/purchase-story.js';

const PERIOD = { from: '2026-01-01', to: '2026-02-01' };
const OLD: Told = { at: '2026-01-01', type: 'SUBSCRIBED.INITIAL_BUY', ...PERIOD };
const NEW = { originalTransactionId: '9', previousOriginalTransactionId: '1' };
const RENEWAL = { originalTransactionId: '9', autoRenewStatus: 1 };
const MOVED: Told = { at: '2026-01-10', type: 'MIGRATION', id: '9', ...PERIOD, transaction: NEW, renewal: RENEWAL };

function states(documents: readonly PurchaseDocument[], asOf = '2026-01-20') {
  const { purchases } = foldPurchases(documents, { asOfMs: ms(asOf) });
  const { purchases: reversed } = foldPurchases([...documents].reverse(), { asOfMs: ms(asOf) });
  expect(reversed).toEqual(purchases);
  return purchases.map((purchase) => {
    const { headline, details } = describeState(purchase);
    return [purchase.id, purchase.state, headline, ...details];
  });
}

const moved = 'at 2026-01-10T00:00:00Z (10 days ago)';
const TO_NEW = ['1', 'migrated', `Migrated to subscription 9 ${moved}`, 'That subscription has the state: look there.'];

describe('a migration to the Advanced Commerce API', () => {
  it('ends the old subscription, and each names the other', () => {
    expect(states([told(OLD), told(MOVED)])).toEqual([
      TO_NEW,
      ['9', 'active', 'Active until 2026-02-01T00:00:00Z (in 12 days), then renews', 'Migrated from subscription 1.'],
    ]);
  });

  it('has an event in both, with their words', () => {
    const { purchases } = foldPurchases([told(OLD), told(MOVED)], { asOfMs: ms('2026-01-20') });
    expect(purchases.map(({ events }) => events.at(-1)?.meaning)).toEqual([
      'Migrated to subscription 9',
      'Migrated from subscription 1 to the Advanced Commerce API',
    ]);
    expect(purchases.map(({ migratedTo, migratedFrom }) => [migratedTo, migratedFrom])).toEqual([
      ['9', null],
      [null, '1'],
    ]);
  });

  it.each(['EXPIRED.VOLUNTARY', 'DID_FAIL_TO_RENEW', 'GRACE_PERIOD_EXPIRED', 'DID_CHANGE_RENEWAL_STATUS'])(
    'is not undone by %s of the old one',
    (type) => {
      const after = told({ ...OLD, at: '2026-02-01T01:00Z', type, status: 2 });
      expect(states([told(OLD), told(MOVED), after], '2026-02-02')[0]?.[1]).toBe('migrated');
    },
  );

  it('a refund of the old one is one all the same', () => {
    const refund = { revocationDate: ms('2026-01-12'), revocationType: 'REFUND_FULL' };
    const after = told({ ...OLD, at: '2026-01-12', type: 'REFUND', transaction: refund });
    const [old] = states([told(OLD), told(MOVED), after]);
    expect(old?.slice(1)).toEqual([
      'refunded',
      'Refunded since 2026-01-12T00:00:00Z (8 days ago)',
      'The period was refunded: no access.',
      'It was migrated to subscription 9.',
    ]);
  });

  it('is not undone by a refund of the old one after its end', () => {
    const transaction = { revocationDate: ms('2026-02-09') };
    const renewal = { autoRenewStatus: 0, expirationIntent: 1 };
    const after = told({ ...OLD, at: '2026-02-10', type: 'REFUND', transaction, renewal, status: 2 });
    expect(states([told(OLD), told(MOVED), after], '2026-02-12')[0]?.[1]).toBe('migrated');
  });

  it('of which the notification is missing has no date', () => {
    const renewed = told({ ...MOVED, at: '2026-01-12', type: 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_ENABLED' });
    expect(states([told(OLD), renewed])[0]?.slice(0, 3)).toEqual(['1', 'migrated', 'Migrated to subscription 9']);
  });

  it('that failed verification ends nothing that was verified', () => {
    const documents = [told({ ...OLD, verdict: 'valid' }), told({ ...MOVED, verdict: 'invalid' })];
    expect(states(documents)[0]?.slice(0, 2)).toEqual(['1', 'active']);
  });

  it('to itself, in a circle, or of an unknown subscription is harmless', () => {
    const toItself = { ...NEW, previousOriginalTransactionId: '9' };
    expect(states([told({ ...MOVED, transaction: toItself })]).map(([id, state]) => [id, state])).toEqual([
      ['9', 'active'],
    ]);
    expect(states([told(MOVED)])[0]?.slice(0, 2)).toEqual(['9', 'active']);
    const back = { transaction: { originalTransactionId: '1', previousOriginalTransactionId: '9' }, id: '1' };
    expect(states([told({ ...MOVED, ...back }), told(MOVED)])).toHaveLength(2);
  });
});
