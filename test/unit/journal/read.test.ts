import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCommandJournal } from '../../../src/journal/appender.js';
import { type JournalReader, openJournalReader } from '../../../src/journal/reader.js';
import type { DeliveryRecord, JournalEntry, ReceiptEntry, RunRecord } from '../../../src/journal/record.js';
import {
  AT_MS,
  bodyOf,
  collect,
  delivery,
  failure,
  idOf,
  open,
  put,
  readAll,
  receipt,
  rejected,
  temporaryFolder,
} from './records.js';

const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xab);

async function readEntries(folder: string, sinceMs: number | null = null): Promise<readonly JournalEntry[]> {
  return withReader(folder, async (reader) => {
    const entries = await collect(reader.entries({ sinceMs }));
    const newestFirst = await collect(reader.entries({ sinceMs, from: 'newest' }));
    expect(newestFirst.toReversed()).toEqual(entries);
    return entries;
  });
}

async function withReader<T>(folder: string, use: (reader: JournalReader) => Promise<T> | T): Promise<T> {
  const reader = await openJournalReader(folder);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

const findEntry = (folder: string, id: string, of?: 'all' | 'receipts'): Promise<JournalEntry> =>
  withReader(folder, (reader) => reader.find(id, of));

async function note(folder: string, ...records: readonly (DeliveryRecord | RunRecord)[]): Promise<void> {
  const commandJournal = await openCommandJournal(folder, 'replay', { now: () => AT_MS, random });
  for (const record of records) await commandJournal.note(record);
  await commandJournal.close();
}

/** Receipts 1, 3, 5 over two files, rejected 2 and 4, deliveries here and there. */
async function filled(): Promise<string> {
  const folder = temporaryFolder();
  const journal = await open(folder, { limits: { mainBytes: 1500 } });
  await put(journal, 1);
  await journal.reject(rejected(2), Buffer.from('two'));
  await journal.note(failure(1));
  await put(journal, 3, { answered: null });
  await journal.note(delivery(1, { attempt: 2, atMs: AT_MS + 5000 }));
  await journal.note({ type: 'answer', id: idOf(3), atMs: AT_MS, answered: 502 });
  await journal.reject(rejected(4), Buffer.from('four'));
  await put(journal, 5);
  await journal.close();
  await note(
    folder,
    delivery(3, { run: 'r' }),
    delivery(1, { run: 'r', atMs: AT_MS + 4000, attempt: 7 }),
    delivery(4, { uuid: null }),
  );
  expect(readdirSync(folder).filter((name) => name.startsWith('journal-')).length).toBeGreaterThan(0);
  return folder;
}

const idIn = (entry: JournalEntry): string => (entry.type === 'receipt' ? entry.receipt.id : entry.rejected.id);

describe('entries', () => {
  it('reads everything received, in order, with its deliveries', async () => {
    const entries = await readEntries(await filled());
    expect(entries.map(idIn)).toEqual([1, 2, 3, 4, 5].map(idOf));
    expect(entries.map(({ type }) => type)).toEqual(['receipt', 'rejected', 'receipt', 'rejected', 'receipt']);
    expect(entries.map(({ deliveries }) => deliveries.map(({ attempt }) => attempt))).toEqual([
      [1, 7, 2],
      [],
      [1],
      [1],
      [],
    ]);
    expect(entries.flatMap((entry) => (entry.type === 'receipt' ? [entry.answered] : []))).toEqual([200, 502, 200]);
    expect(entries[0]).toMatchObject({ receipt: receipt(1) });
    expect(entries[1]).toMatchObject({ rejected: { ...rejected(2), bodyBase64: 'dHdv' } });
  });

  it.each([
    [AT_MS, [1, 2, 3, 4, 5]],
    [AT_MS + 3, [3, 4, 5]],
    [AT_MS + 5, [5]],
    [AT_MS + 6, []],
  ])('from %i on', async (sinceMs, ids) => {
    expect((await readEntries(await filled(), sinceMs)).map(idIn)).toEqual(ids.map(idOf));
  });

  it('stops when the consumer stops', async () => {
    await withReader(await filled(), async (reader) => {
      for await (const entry of reader.entries()) {
        expect(idIn(entry)).toBe(idOf(1));
        break;
      }
    });
  });

  it.each(['missing', '.'])('finds nothing in a folder without a journal (%s)', async (name) => {
    expect(await readEntries(join(temporaryFolder(), name))).toEqual([]);
  });

  it('reports each damaged line once', async () => {
    const folder = await filled();
    const lines = ['{"type":"receipt', '{"crc":"00000000","type":"delivery","id":"x"}', 'rubbish', '{"type":"answer"}'];
    appendFileSync(join(folder, 'journal.ndjson'), `${lines.join('\n')}\n`);
    expect(await readEntries(folder)).toHaveLength(5);
    const damagedLines = await withReader(folder, (reader) => reader.damagedLines());
    expect(damagedLines.map(({ bytes }) => bytes - 1).toSorted()).toEqual(lines.map(({ length }) => length).toSorted());
  });
});

describe('readJournal', () => {
  it('reads every record of every file, main ones first', async () => {
    const folder = await filled();
    await note(temporaryFolder());
    const { records, damagedLines } = await readAll(folder);
    expect(records.map(({ type }) => type)).toEqual([
      ...['receipt', 'delivery', 'receipt', 'delivery', 'answer', 'receipt'],
      ...['delivery', 'delivery', 'delivery'],
      ...['rejected', 'rejected'],
    ]);
    expect(damagedLines).toEqual([]);
    expect(records[0]).not.toHaveProperty('body');
  });

  it('ignores other files', async () => {
    const folder = await filled();
    const before = (await readAll(folder)).records.length;
    for (const name of ['journal-x.ndjson', 'journal.ndjson.bak', 'notes.ndjson', 'replay.ndjson', 'xjournal.ndjson']) {
      writeFileSync(join(folder, name), '{"type":"delivery"}\n');
    }
    const { records, damagedLines } = await readAll(folder);
    expect([records.length, damagedLines]).toEqual([before, []]);
  });
});

describe('bodyOf', () => {
  const receiptsIn = async (reader: JournalReader): Promise<readonly ReceiptEntry[]> =>
    (await collect(reader.entries())).filter((entry) => entry.type === 'receipt');

  it('reads the bytes as received, from any file', () =>
    withFilled(async (reader) => {
      const bodies = (await receiptsIn(reader)).map((entry) => Buffer.from(reader.bodyOf(entry)).toString());
      expect(bodies).toEqual([1, 3, 5].map((n) => bodyOf(n).toString()));
    }));

  it('finds them where the file was renamed since', () =>
    withFilled(async (reader, folder) => {
      const last = (await receiptsIn(reader)).at(-1)!;
      renameSync(join(folder, 'journal.ndjson'), join(folder, 'journal-20270101T000000000Z.ndjson'));
      writeFileSync(join(folder, 'journal.ndjson'), '');
      expect(Buffer.from(reader.bodyOf(last)).equals(bodyOf(5))).toBe(true);
    }));

  it('throws where they are others, or were removed', () =>
    withFilled(async (reader, folder) => {
      const last = (await receiptsIn(reader)).at(-1)!;
      const at = (change: Partial<ReceiptEntry['location']>): ReceiptEntry => ({
        ...last,
        location: { ...last.location, ...change },
      });
      const error = expect.objectContaining({ kind: 'usage', code: 'ERR_JOURNAL_READ' });
      expect(() => reader.bodyOf(at({ offset: last.location.offset + 1 }))).toThrow(error);
      expect(() => reader.bodyOf(at({ bytes: last.location.bytes + 1 }))).toThrow(error);
      expect(() => reader.bodyOf(at({ file: 1 }))).toThrow(error);
      rmSync(join(folder, 'journal.ndjson'));
      await withReader(folder, (later) => expect(() => later.bodyOf(last)).toThrow(error));
    }));

  it('reads for a repeat the body of its first receipt', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const facts = { ...receipt(1).facts, content: '1'.repeat(32) };
    await put(journal, 1, { facts });
    await put(journal, 2, { facts, repeatOf: idOf(1), bodyOf: idOf(1) });
    await journal.close();
    expect(readFileSync(join(folder, 'journal.ndjson'), 'utf8').match(/signedPayload/g)).toHaveLength(1);
    await withReader(folder, async (reader) => {
      const bodies = (await receiptsIn(reader)).map((entry) => Buffer.from(reader.bodyOf(entry)).toString());
      expect(bodies).toEqual([bodyOf(1).toString(), bodyOf(1).toString()]);
    });
  });

  async function withFilled(use: (reader: JournalReader, folder: string) => Promise<void>): Promise<void> {
    const folder = await filled();
    await withReader(folder, (reader) => use(reader, folder));
  }
});

describe('find', () => {
  const ids = ['aaaa000000000001', 'aaaa000000000002', 'aabb000000000003'] as const;

  async function named(): Promise<string> {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await put(journal, 1, { id: ids[0] });
    await put(journal, 2, { id: ids[1] });
    await journal.note(delivery(2, { id: ids[1] }));
    await journal.reject(rejected(3, { id: ids[2] }), Buffer.from('x'));
    await journal.close();
    return folder;
  }

  it.each([
    ['a whole id', ids[0], ids[0]],
    ['the beginning of one', 'aabb', ids[2]],
    ['the last one', 'last', ids[2]],
  ])('finds %s', async (_case, wanted, id) => expect(idIn(await findEntry(await named(), wanted))).toBe(id));

  it('finds it with its deliveries', async () => {
    expect((await findEntry(await named(), ids[1])).deliveries).toMatchObject([{ target: 'app' }]);
    expect((await findEntry(await named(), ids[0])).deliveries).toEqual([]);
  });

  it('finds the last that was verified', async () => {
    expect(idIn(await findEntry(await named(), 'last', 'receipts'))).toBe(ids[1]);
    await expect(findEntry(await named(), ids[2], 'receipts')).rejects.toThrow();
  });

  it.each([
    ['nobody has', 'ffff', 'ERR_JOURNAL_ID_UNKNOWN', /ffff/],
    ['two have', 'aaaa', 'ERR_JOURNAL_ID_AMBIGUOUS', /aaaa000000000001, aaaa000000000002/],
  ])('refuses a prefix that %s', async (_case, wanted, code, message) => {
    const error = { kind: 'usage', code, message: expect.stringMatching(message) };
    await expect(findEntry(await named(), wanted)).rejects.toMatchObject(error);
  });

  it('finds no last one in an empty journal', async () => {
    await expect(findEntry(temporaryFolder(), 'last')).rejects.toMatchObject({ code: 'ERR_JOURNAL_ID_UNKNOWN' });
  });

  it('lists five of many candidates', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await Promise.all(Array.from({ length: 50 }, (_, n) => put(journal, n)));
    await journal.close();
    await expect(findEntry(folder, '0000')).rejects.toMatchObject({
      message: expect.stringMatching(/^50 ids .* and 45 more$/),
    });
  });
});

describe('shortIds', () => {
  it('are as short as each still names one', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    for (const [n, id] of ['aaaaaaaa11111111', 'bbbbbbbb11111111', 'bbbbbbbb22222222'].entries())
      await put(journal, n, { id });
    await journal.close();
    await withReader(folder, ({ shortIds }) => {
      expect(shortIds.shorten('aaaaaaaa11111111')).toBe('aaaaaaaa');
      expect(shortIds.shorten('bbbbbbbb11111111')).toBe('bbbbbbbb11111111');
      expect(shortIds.shorten('cccccccc11111111')).toBe('cccccccc');
    });
  });
});
