import { describe, expect, it } from 'vitest';
import { pendingTargets } from '../../../src/journal/delivery-status.js';
import { openJournalReader } from '../../../src/journal/reader.js';
import type { DeliveryRecord, ReceiptHead } from '../../../src/journal/record.js';
import { delivery, failure, idOf, open, put, receipt, temporaryFolder, uuidOf } from './records.js';

const withUuid = (n: number, uuid: string | null): Partial<ReceiptHead> => ({ facts: { ...receipt(n).facts, uuid } });

async function statusesOf(
  receipts: readonly (readonly [n: number, uuid: string | null, ...targets: string[]])[],
  deliveries: readonly DeliveryRecord[],
) {
  const folder = temporaryFolder();
  const journal = await open(folder);
  // Deliveries first: their order does not matter.
  for (const record of deliveries) await journal.note(record);
  for (const [n, uuid, ...targets] of receipts) await put(journal, n, { ...withUuid(n, uuid), targets });
  await journal.close();
  return (await openJournalReader(folder)).statuses;
}

const about = (n: number, uuid: string | null) => receipt(n, withUuid(n, uuid));

describe('statuses', () => {
  it('cover all receipts of a notification, in any order', async () => {
    const statuses = await statusesOf(
      [
        [1, uuidOf(1), 'rc', 'app'],
        [2, uuidOf(1), 'rc'],
      ],
      [delivery(2, { uuid: uuidOf(1), target: 'rc' }), failure(1)],
    );
    const standing = { intended: ['app', 'rc'], accepted: ['rc'] };
    expect(statuses.of(about(1, uuidOf(1)))).toEqual(standing);
    expect(statuses.of(about(99, uuidOf(1)))).toEqual(standing);
    expect(pendingTargets(standing)).toEqual(['app']);
  });

  it('are kept by id where there is no UUID', async () => {
    const statuses = await statusesOf(
      [
        [1, null, 'app'],
        [2, null, 'app'],
      ],
      [delivery(1, { uuid: null })],
    );
    expect(pendingTargets(statuses.of(about(1, null)))).toEqual([]);
    expect(pendingTargets(statuses.of(about(2, null)))).toEqual(['app']);
  });

  it('never mix an id up with a UUID', async () => {
    const statuses = await statusesOf([[1, null, 'app']], []);
    expect(statuses.of(about(2, idOf(1)))).toEqual({ intended: [], accepted: [] });
  });

  it('are counted by target', async () => {
    const all = [1, 2, 3];
    const statuses = await statusesOf(
      all.map((n) => [n, uuidOf(n), 'app', 'rc'] as const),
      [...all.map((n) => delivery(n, { target: 'rc' })), delivery(1)],
    );
    expect([...statuses.pendingByTarget()]).toEqual([['app', 2]]);
  });
});
