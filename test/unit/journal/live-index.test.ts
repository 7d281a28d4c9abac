import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCommandJournal } from '../../../src/journal/appender.js';
import type { Journal } from '../../../src/journal/journal.js';
import type { DeliveryRecord, ReceiptHead } from '../../../src/journal/record.js';
import {
  AT_MS,
  bodyOf,
  delivery,
  failure,
  idOf,
  literalOf,
  open,
  receipt,
  temporaryFolder,
  uuidOf,
} from './records.js';

type Records = readonly (ReceiptHead | DeliveryRecord)[];

const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xab);

/** Slot of each receipt, in the order of the records. */
async function write(journal: Journal, records: Records): Promise<number[]> {
  const refs: number[] = [];
  for (const record of records) {
    if (record.type === 'receipt') refs.push(await journal.append(record, literalOf(bodyOf(1))));
    else await journal.note(record);
  }
  return refs;
}

/** How an index comes about: in the run that wrote the records, in the next one, and over many full files. */
const WAYS = ['in the same run', 'after a restart', 'over many files', 'over many files, after a restart'] as const;

type Way = (typeof WAYS)[number];

async function indexOf(way: Way, ...records: Records): Promise<Journal & { refs: readonly number[] }> {
  const folder = temporaryFolder();
  const options = way.includes('many') ? { limits: { mainBytes: 700 } } : {};
  const journal = await open(folder, options);
  onTestFinished(() => journal.close());
  const refs = await write(journal, records);
  if (!way.includes('restart')) return { ...journal, refs };
  await journal.close();
  if (way.includes('many') && records.length > 2) {
    expect(readdirSync(folder).filter((name) => name.endsWith('.index'))).not.toEqual([]);
  }
  const again = await open(folder, options);
  onTestFinished(() => again.close());
  return { ...again, refs: await refsOf(again, refs.length) };
}

/** The slots of a journal that was opened again: those that can be read, in the order of its files. */
async function refsOf(journal: Journal, count: number): Promise<number[]> {
  const refs: number[] = [];
  for (let part = 0; refs.length < count; part++) {
    for (let row = 0; row < 20; row++) {
      const ref = part * 2 ** 32 + row;
      if (await journal.readReceipt(ref).catch(() => null)) refs.push(ref);
    }
  }
  return refs;
}

/** The second receipt of the UUID of the first. */
function repeat(n: number, of: number, overrides: Partial<ReceiptHead> = {}): ReceiptHead {
  return receipt(n, { repeatOf: idOf(of), facts: { ...receipt(n).facts, uuid: uuidOf(of) }, ...overrides });
}

const withoutUuid = (n: number): ReceiptHead => receipt(n, { facts: { ...receipt(n).facts, uuid: null } });

describe.each(WAYS)('the index %s', (way) => {
  it.each<[string, string | null, string | null]>([
    ['a known UUID', uuidOf(1), idOf(1)],
    ['a UUID received twice', uuidOf(2), idOf(2)],
    ['an unknown UUID', uuidOf(9), null],
    ['a known UUID in capitals, which is another text', uuidOf(1).toUpperCase(), null],
    ['no UUID', null, null],
    ['a known text that is no UUID', 'not a uuid', idOf(4)],
    ['an unknown text that is no UUID', 'not a uuid!', null],
    ['an empty text', '', null],
  ])('finds the first receipt of %s', async (_case, uuid, expected) => {
    const odd = receipt(4, { facts: { ...receipt(4).facts, uuid: 'not a uuid' } });
    const { index } = await indexOf(way, receipt(1), receipt(2), repeat(3, 2), odd);
    expect(index.firstReceiptOf(uuid)).toBe(expected);
    expect(index.size).toBe(3);
  });

  it('knows who accepted what', async () => {
    const { index, refs } = await indexOf(
      way,
      receipt(1),
      receipt(2),
      repeat(3, 2),
      withoutUuid(4),
      withoutUuid(5),
      delivery(3, { uuid: uuidOf(2) }),
      delivery(4, { uuid: null }),
      failure(1),
      delivery(1, { target: 'other' }),
    );
    const table: readonly (readonly [at: number, target: string, expected: boolean])[] = [
      ...([
        [0, 'app', false],
        [0, 'other', true],
        [1, 'app', true],
        [2, 'app', true],
      ] as const),
      ...([
        [3, 'app', true],
        [4, 'app', false],
        [1, 'unknown', false],
        [99, 'app', false],
      ] as const),
    ];
    const found = table.map(([at, target]) => [at, target, index.isAccepted(refs[at] ?? 99 * 2 ** 32, target)]);
    expect(found).toEqual(table);
    const byUuid = [
      ...([
        [uuidOf(1), 'app', false],
        [uuidOf(1), 'other', true],
        [uuidOf(2), 'app', true],
      ] as const),
      ...([
        [uuidOf(9), 'app', false],
        [null, 'app', false],
      ] as const),
    ];
    expect(byUuid.map(([uuid, target]) => [uuid, target, index.isUuidAccepted(uuid, target)])).toEqual(byUuid);
  });

  it('keeps acceptances for any number of targets', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `target${n}`);
    const { index } = await indexOf(way, receipt(1), receipt(2), ...names.map((target) => delivery(1, { target })));
    expect(names.filter((name) => !index.isUuidAccepted(uuidOf(1), name))).toEqual([]);
    expect(names.filter((name) => index.isUuidAccepted(uuidOf(2), name))).toEqual([]);
  });

  const [ONE, TWO] = ['1'.repeat(32), '2'.repeat(32)];
  const withContent = (n: number, content?: string, variant?: string): ReceiptHead => {
    const facts = { ...receipt(n).facts, uuid: uuidOf(1) };
    return receipt(n, {
      facts: { ...facts, ...(content === undefined ? {} : { content }), ...(variant === undefined ? {} : { variant }) },
    });
  };

  it.each<[string, string | undefined, string | undefined, boolean]>([
    ['the same content', ONE, ONE, false],
    ['another content', ONE, TWO, true],
    ['a first receipt of an earlier version', undefined, TWO, false],
    ['a content that is unknown', ONE, undefined, false],
  ])('tells the same UUID with %s', async (_case, first, second, expected) => {
    expect((await indexOf(way, withContent(1, first))).index.hasOtherContent(uuidOf(1), second)).toBe(expected);
  });

  it('gives another content a first receipt and acceptances of its own', async () => {
    const key = `${uuidOf(1)}#${TWO}`;
    const { index } = await indexOf(way, withContent(1, ONE), withContent(2, TWO, TWO), delivery(2, { uuid: key }));
    expect([index.firstReceiptOf(uuidOf(1)), index.firstReceiptOf(key)]).toEqual([idOf(1), idOf(2)]);
    expect([index.isUuidAccepted(uuidOf(1), 'app'), index.isUuidAccepted(key, 'app')]).toEqual([false, true]);
  });

  it('finds the first consumption request for a transaction, and no other type', async () => {
    const about = (n: number, type: string, transactionId: string): ReceiptHead =>
      receipt(n, { facts: { ...receipt(n).facts, type, transactionId } });
    const { index } = await indexOf(
      way,
      about(1, 'DID_RENEW', '77'),
      about(2, 'CONSUMPTION_REQUEST', '77'),
      about(3, 'CONSUMPTION_REQUEST', '77'),
    );
    expect([index.firstAskedAbout('77'), index.firstAskedAbout('78')]).toEqual([uuidOf(2), null]);
  });
});

describe('pending deliveries', () => {
  const due = AT_MS + 60_000;
  const run = 'r1';
  it.each<[string, Records, readonly (readonly [at: number, target: string, attempts: number, dueAtMs: number])[]]>([
    ['of no record', [], []],
    ['a delivery never tried', [receipt(1)], [[0, 'app', 0, AT_MS + 1]]],
    ['without targets', [receipt(1, { targets: [] })], []],
    ['not an accepted one', [receipt(1), delivery(1)], []],
    [
      'a failed attempt',
      [receipt(1), failure(1), failure(1, { attempt: 2, nextAtMs: due + 5 })],
      [[0, 'app', 2, due + 5]],
    ],
    ['not a final failure', [receipt(1), failure(1, { final: true, nextAtMs: null })], []],
    ['not one that was accepted after a failure', [receipt(1), failure(1), delivery(1, { attempt: 2 })], []],
    ['to one of two targets', [receipt(1, { targets: ['app', 'b'] }), delivery(1)], [[0, 'b', 0, AT_MS + 1]]],
    ['of the repeat that takes over', [receipt(1), failure(1), repeat(2, 1)], [[1, 'app', 0, AT_MS + 2]]],
    [
      'of the first receipt where the repeat is not for that target',
      [receipt(1), repeat(2, 1, { targets: [] })],
      [[0, 'app', 0, AT_MS + 1]],
    ],
    ['of neither once a repeat was accepted', [receipt(1), repeat(2, 1), delivery(2, { uuid: uuidOf(1) })], []],
    [
      'of the repeat though the first failed for good',
      [receipt(1), repeat(2, 1), failure(1, { final: true })],
      [[1, 'app', 0, AT_MS + 2]],
    ],
    [
      'despite a failed replay',
      [receipt(1), failure(1), failure(1, { run, final: true, attempt: 7 })],
      [[0, 'app', 1, due]],
    ],
    ['not one that replay delivered', [receipt(1), failure(1), delivery(1, { run })], []],
    ['without a UUID', [withoutUuid(1), withoutUuid(2), delivery(1, { uuid: null })], [[1, 'app', 0, AT_MS + 2]]],
  ])('are those %s', async (_case, records, expected) => {
    for (const way of ['after a restart', 'over many files, after a restart'] as const) {
      const { index, refs } = await indexOf(way, ...records);
      expect(index.pending()).toEqual(
        expected.map(([at, target, attempts, dueAtMs]) => ({ ref: refs[at], target, attempts, dueAtMs })),
      );
      expect(index.pending().every(({ ref }) => index.isOfEarlierRun(ref))).toBe(true);
    }
  });
});

describe('an index on disk', () => {
  async function withIndexes(): Promise<string> {
    const folder = temporaryFolder();
    const journal = await open(folder, { limits: { mainBytes: 700 } });
    await write(journal, [receipt(1), receipt(2), receipt(3), delivery(1), delivery(2)]);
    await journal.close();
    return folder;
  }
  const indexesIn = (folder: string): readonly string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.index'))
      .map((name) => join(folder, name));

  it('is for its owner only, and one for each full file', async () => {
    const folder = await withIndexes();
    const full = readdirSync(folder).filter((name) => /^journal-.*ndjson$/.test(name));
    expect(indexesIn(folder)).toHaveLength(full.length);
    for (const path of indexesIn(folder)) expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is built again at the start where any byte of it was changed, and the answers stay the same', async () => {
    const folder = await withIndexes();
    const [path] = indexesIn(folder);
    const whole = readFileSync(path!);
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1 << (at % 8);
      writeFileSync(path!, damaged);
      const journal = await open(folder, { limits: { mainBytes: 700 } });
      const known = [1, 2, 3].map((n) => journal.index.firstReceiptOf(uuidOf(n)));
      const accepted = [1, 2, 3].map((n) => journal.index.isUuidAccepted(uuidOf(n), 'app'));
      const pending = journal.index.pending().map(({ target, attempts }) => [target, attempts]);
      await journal.close();
      const answers = { known, accepted, pending };
      expect(answers, `byte ${at}`).toEqual({
        known: [1, 2, 3].map(idOf),
        accepted: [true, true, false],
        pending: [['app', 0]],
      });
    }
  });

  it('of a file that was deleted is deleted too', async () => {
    const folder = await withIndexes();
    writeFileSync(join(folder, 'journal-20200101T000000000Z.index'), 'x');
    await (await open(folder)).close();
    expect(readdirSync(folder)).not.toContain('journal-20200101T000000000Z.index');
  });
});

describe('acceptances by replay', () => {
  it('count at once, also of a run that goes on', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    onTestFinished(() => journal.close());
    const [ref] = await write(journal, [receipt(1), receipt(2)]);
    const replay = await openCommandJournal(folder, 'replay', { now: () => AT_MS, random });
    await replay.note(delivery(1, { run: 'r' }));
    await journal.catchUp();
    expect([ref!, ref! + 1].map((each) => journal.index.isAccepted(each, 'app'))).toEqual([true, false]);
    appendFileSync(join(folder, 'unrelated'), 'x');
    await replay.note(delivery(2, { run: 'r' }));
    await replay.close();
    await journal.catchUp();
    expect([ref!, ref! + 1].map((each) => journal.index.isAccepted(each, 'app'))).toEqual([true, true]);
  });
});
