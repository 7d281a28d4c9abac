import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCommandJournal } from '../../../src/journal/appender.js';
import { pendingTargets } from '../../../src/journal/delivery-status.js';
import type { Journal } from '../../../src/journal/journal.js';
import { openJournalReader } from '../../../src/journal/reader.js';
import type { DeliveryRecord, JournalEntry, ReceiptHead } from '../../../src/journal/record.js';
import { createDeliveryStatuses, findEntry, readEntries, readJournal } from '../../support/journal-scan.js';
import { mulberry32 } from '../../support/seeded-random.js';
import {
  AT_MS,
  bodyOf,
  collect,
  delivery,
  failure,
  idOf,
  literalOf,
  open,
  receipt,
  rejected,
  temporaryFolder,
} from './records.js';

type Random = (below: number) => number;

const TARGETS = ['app', 'rc', 'third'];
const quiet = { onDamagedLine: (): void => expect.unreachable() };

/** Few UUIDs, so that there are repeats; ids of which some share their first characters. */
function receiptOf(n: number, random: Random): ReceiptHead {
  const uuid = random(8) === 0 ? null : `uuid-${random(12)}`;
  const type = ['DID_RENEW', 'REFUND', 'CONSUMPTION_REQUEST'][random(3)]!;
  const id = random(4) === 0 ? `abcdef01${n.toString(16).padStart(8, '0')}` : idOf(n * 0x1234567);
  const facts = { ...receipt(n).facts, uuid, type, transactionId: `${random(3)}` };
  const targets = TARGETS.filter(() => random(2) === 0);
  return receipt(n, { id, atMs: AT_MS + n * 10, facts, targets, repeatOf: random(5) === 0 ? idOf(1) : null });
}

function deliveryOf(heads: readonly ReceiptHead[], n: number, random: Random): DeliveryRecord {
  const { id, facts } = heads[random(heads.length)]!;
  const about = { id, uuid: facts.uuid, target: TARGETS[random(3)]!, atMs: AT_MS + n * 10 };
  return random(2) === 0 ? delivery(n, about) : failure(n, { ...about, final: random(2) === 0 });
}

/** Records in several runs, over full files, with replays in between and indexes that went missing. */
async function fill(folder: string, random: Random): Promise<readonly ReceiptHead[]> {
  const heads: ReceiptHead[] = [];
  let n = 1;
  for (let run = 0; run < 3; run++) {
    const journal: Journal = await open(folder, { limits: { mainBytes: 1_500 + random(4_000) } });
    for (let step = 0; step < 25; step++, n++) {
      const kind = random(10);
      if (heads.length === 0 || kind < 5) {
        const head = receiptOf(n, random);
        heads.push(head);
        await journal.append(head, literalOf(bodyOf(n)));
      } else if (kind === 5) await journal.reject(rejected(n, { atMs: AT_MS + n * 10 }), Buffer.from('x'));
      else await journal.note(deliveryOf(heads, n, random));
    }
    await journal.close();
    const replay = await openCommandJournal(folder, 'replay', {
      now: () => AT_MS + run,
      random: (size) => new Uint8Array(size),
    });
    for (let step = 0; step < random(4); step++, n++)
      await replay.note({ ...deliveryOf(heads, n, random), run: `${run}` });
    await replay.close();
    for (const name of readdirSync(folder)) {
      if (name.endsWith('.index') && random(3) === 0) rmSync(join(folder, name));
    }
  }
  return heads;
}

const idIn = (entry: JournalEntry): string => (entry.type === 'receipt' ? entry.receipt.id : entry.rejected.id);

it.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'reads through the index what a scan of all files reads, seed %i',
  async (seed) => {
    const numbers = mulberry32(seed);
    const random: Random = (below) => Math.floor(numbers() * below);
    const folder = temporaryFolder();
    const heads = await fill(folder, random);
    const statuses = createDeliveryStatuses();
    for await (const { record } of readJournal(folder, quiet)) {
      if (record.type === 'receipt') statuses.addReceipt(record);
      if (record.type === 'delivery') statuses.addDelivery(record);
    }
    const reader = await openJournalReader(folder);
    const expected = await collect(readEntries(folder, quiet));
    expect(await collect(reader.entries())).toEqual(expected);
    expect((await collect(reader.entries({ from: 'newest' }))).toReversed()).toEqual(expected);
    const sinceMs = AT_MS + random(500);
    expect(await collect(reader.entries({ sinceMs }))).toEqual(
      await collect(readEntries(folder, { ...quiet, sinceMs })),
    );
    for (const head of heads) {
      expect(reader.statuses.of(head)).toEqual(statuses.of(head));
      expect(await reader.find(head.id)).toEqual(await findEntry(folder, head.id));
    }
    expect(new Map(reader.statuses.pendingByTarget())).toEqual(new Map(statuses.pendingByTarget()));
    const isPending = (head: ReceiptHead): boolean => pendingTargets(statuses.of(head)).length > 0;
    const pending = [...reader.pending()].flatMap(({ receipts }) =>
      receipts.map((position) => idIn(reader.entryAt(position)!)),
    );
    expect(pending.toSorted()).toEqual(
      heads
        .filter(isPending)
        .map(({ id }) => id)
        .toSorted(),
    );
    const ids = expected.map(idIn);
    for (const id of ids) {
      const isShared = ids.some((other) => other !== id && other.startsWith(id.slice(0, 8)));
      expect(reader.shortIds.shorten(id)).toBe(isShared ? id : id.slice(0, 8));
    }
    await reader.close();
    await checkLive(folder, heads, statuses);
  },
);

/** What `listen` knows when it starts on it. */
async function checkLive(
  folder: string,
  heads: readonly ReceiptHead[],
  statuses: ReturnType<typeof createDeliveryStatuses>,
): Promise<void> {
  const { index, close } = await open(folder);
  for (const { id, facts } of heads) {
    if (facts.uuid === null) continue;
    expect(index.firstReceiptOf(facts.uuid)).toBe(heads.find((other) => other.facts.uuid === facts.uuid)!.id);
    const { accepted } = statuses.of({ id, facts });
    for (const target of TARGETS) expect(index.isUuidAccepted(facts.uuid, target)).toBe(accepted.includes(target));
  }
  for (const { ref, target } of index.pending()) expect(index.isAccepted(ref, target)).toBe(false);
  await close();
}
