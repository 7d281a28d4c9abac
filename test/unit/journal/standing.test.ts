import { describe, expect, it } from 'vitest';
import type { RecordedFacts } from '../../../src/journal/record.js';
import { createDeliveryStatuses, pendingTargets } from '../../../src/journal/summary.js';

const facts = (uuid: string | null) => ({ uuid }) as RecordedFacts;
const receipt = (id: string, uuid: string | null, ...targets: string[]) => ({ id, targets, facts: facts(uuid) });
const delivery = (id: string, uuid: string | null, target: string, outcome: 'accepted' | 'refused') => ({
  ...{ id, uuid, target, outcome },
});

describe('standings', () => {
  it('are those of a notification, over all its receipts, in whatever order they are told', () => {
    const standings = createDeliveryStatuses();
    standings.addDelivery(delivery('2', 'u', 'rc', 'accepted'));
    standings.addReceipt(receipt('1', 'u', 'rc', 'app'));
    standings.addReceipt(receipt('2', 'u', 'rc'));
    standings.addDelivery(delivery('1', 'u', 'app', 'refused'));
    const standing = { meant: ['app', 'rc'], accepted: ['rc'] };
    expect(standings.of({ id: '1', facts: facts('u') })).toEqual(standing);
    expect(standings.of({ id: 'elsewhere', facts: facts('u') })).toEqual(standing);
    expect(pendingTargets(standing)).toEqual(['app']);
  });

  it('go by the id where there is no UUID', () => {
    const standings = createDeliveryStatuses();
    standings.addReceipt(receipt('1', null, 'app'));
    standings.addReceipt(receipt('2', null, 'app'));
    standings.addDelivery(delivery('1', null, 'app', 'accepted'));
    expect(pendingTargets(standings.of({ id: '1', facts: facts(null) }))).toEqual([]);
    expect(pendingTargets(standings.of({ id: '2', facts: facts(null) }))).toEqual(['app']);
  });

  it('never mix an id up with a UUID', () => {
    const standings = createDeliveryStatuses();
    standings.addReceipt(receipt('x', null, 'app'));
    expect(standings.of({ id: 'y', facts: facts('x') })).toEqual({ meant: [], accepted: [] });
  });

  it('are counted by target', () => {
    const standings = createDeliveryStatuses();
    for (const n of ['1', '2', '3']) standings.addReceipt(receipt(n, `u${n}`, 'app', 'rc'));
    for (const n of ['1', '2', '3']) standings.addDelivery(delivery(n, `u${n}`, 'rc', 'accepted'));
    standings.addDelivery(delivery('1', 'u1', 'app', 'accepted'));
    expect([...standings.openByTarget()]).toEqual([['app', 2]]);
  });

  it('share what is the same', () => {
    const standings = createDeliveryStatuses();
    standings.addReceipt(receipt('1', 'u1', 'app'));
    standings.addReceipt(receipt('2', 'u2', 'app'));
    expect(standings.of(receipt('1', 'u1'))).toBe(standings.of(receipt('2', 'u2')));
  });
});
