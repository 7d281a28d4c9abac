import { describe, expect, it } from 'vitest';
import type { RecordedFacts } from '../../../src/journal/record.js';
import { createDeliveryStatuses, pendingTargets } from '../../../src/journal/summary.js';

const facts = (uuid: string | null) => ({ uuid }) as RecordedFacts;
const receipt = (id: string, uuid: string | null, ...targets: string[]) => ({ id, targets, facts: facts(uuid) });
const delivery = (id: string, uuid: string | null, target: string, outcome: 'accepted' | 'refused') => ({
  ...{ id, uuid, target, outcome },
});

describe('statuses', () => {
  it('cover all receipts of a notification, in any order', () => {
    const statuses = createDeliveryStatuses();
    statuses.addDelivery(delivery('2', 'u', 'rc', 'accepted'));
    statuses.addReceipt(receipt('1', 'u', 'rc', 'app'));
    statuses.addReceipt(receipt('2', 'u', 'rc'));
    statuses.addDelivery(delivery('1', 'u', 'app', 'refused'));
    const standing = { intended: ['app', 'rc'], accepted: ['rc'] };
    expect(statuses.of({ id: '1', facts: facts('u') })).toEqual(standing);
    expect(statuses.of({ id: 'elsewhere', facts: facts('u') })).toEqual(standing);
    expect(pendingTargets(standing)).toEqual(['app']);
  });

  it('are kept by id where there is no UUID', () => {
    const statuses = createDeliveryStatuses();
    statuses.addReceipt(receipt('1', null, 'app'));
    statuses.addReceipt(receipt('2', null, 'app'));
    statuses.addDelivery(delivery('1', null, 'app', 'accepted'));
    expect(pendingTargets(statuses.of({ id: '1', facts: facts(null) }))).toEqual([]);
    expect(pendingTargets(statuses.of({ id: '2', facts: facts(null) }))).toEqual(['app']);
  });

  it('never mix an id up with a UUID', () => {
    const statuses = createDeliveryStatuses();
    statuses.addReceipt(receipt('x', null, 'app'));
    expect(statuses.of({ id: 'y', facts: facts('x') })).toEqual({ intended: [], accepted: [] });
  });

  it('are counted by target', () => {
    const statuses = createDeliveryStatuses();
    for (const n of ['1', '2', '3']) statuses.addReceipt(receipt(n, `u${n}`, 'app', 'rc'));
    for (const n of ['1', '2', '3']) statuses.addDelivery(delivery(n, `u${n}`, 'rc', 'accepted'));
    statuses.addDelivery(delivery('1', 'u1', 'app', 'accepted'));
    expect([...statuses.pendingByTarget()]).toEqual([['app', 2]]);
  });

  it('share equal objects', () => {
    const statuses = createDeliveryStatuses();
    statuses.addReceipt(receipt('1', 'u1', 'app'));
    statuses.addReceipt(receipt('2', 'u2', 'app'));
    expect(statuses.of(receipt('1', 'u1'))).toBe(statuses.of(receipt('2', 'u2')));
  });
});
