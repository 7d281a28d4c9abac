import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DamagedLine } from '../../../src/journal/record.js';
import { AT_MS, bodyOf, delivery, idOf, idsIn, open, put, readAll, temporaryFolder, uuidOf } from './records.js';

let folder: string;
let path: string;
/** Receipts 1, 2, the delivery of 2, receipt 3. */
let whole: Buffer;
/** Where each of the four lines begins, and the end. */
let starts: readonly number[];

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder, 'journal.ndjson');
  const journal = await open(folder);
  await put(journal, 1);
  await put(journal, 2);
  await journal.note(delivery(2));
  await put(journal, 3);
  await journal.close();
  whole = readFileSync(path);
  starts = [0, ...[...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1)];
  expect(starts).toHaveLength(5);
});

/** Opens the journal as it stands, adds receipt 4, and closes it; what was told and what is known. */
async function goOn(): Promise<{ tears: readonly DamagedLine[]; size: number; isAccepted: boolean; body: string }> {
  const tears: DamagedLine[] = [];
  const journal = await open(folder, { onTear: (tear) => tears.push(tear) });
  const isAccepted = journal.ledger.accepted(uuidOf(2), 'app');
  const ref = await put(journal, 4);
  const { size } = journal.ledger;
  const { body } = await journal.readReceipt(ref);
  await journal.close();
  return { tears, size, isAccepted, body };
}

describe('a journal that was cut off', () => {
  it('at any byte of its last two records loses what was torn and nothing else, tells it, and goes on', async () => {
    for (let cut = starts[2]!; cut <= whole.length; cut++) {
      const at = `cut at ${cut}`;
      writeFileSync(path, whole.subarray(0, cut));
      const lines = starts.filter((start, index) => index > 0 && cut >= start - 1).length;
      const start = starts[lines]!;
      const isTorn = start < cut;
      const tear = { path, offset: start, bytes: cut - start, where: 'end' } as const;

      const before = await readAll(folder);
      expect(
        before.records.map(({ type }) => type),
        at,
      ).toEqual(['receipt', 'receipt', 'delivery', 'receipt'].slice(0, lines));
      expect(before.tears, at).toEqual(isTorn ? [tear] : []);

      const { tears, size, isAccepted, body } = await goOn();
      expect(tears, at).toEqual(isTorn ? [tear] : []);
      expect(isAccepted, at).toBe(lines >= 3);
      expect(size, at).toBe(lines === 4 ? 4 : 3);
      expect(body, at).toBe(bodyOf(4).toString());

      const after = readFileSync(path);
      expect(after.subarray(0, cut).equals(whole.subarray(0, cut)), at).toBe(true);
      const again = await readAll(folder);
      expect(again.records.length, at).toBe(lines + 1);
      expect(again.records.at(-1), at).toMatchObject({ type: 'receipt', id: idOf(4) });
      expect(again.tears, at).toEqual(isTorn ? [{ ...tear, bytes: tear.bytes + 1, where: 'middle' }] : []);
    }
  }, 120_000);
});

describe('a journal with a record that was damaged', () => {
  it.each([
    ['by zeros', () => 0x00],
    ['by a flipped bit', (byte: number) => byte ^ 0x04],
    ['by a newline', () => 0x0a],
    ['by a quote', () => 0x22],
  ])('%s at any byte loses that record and nothing else, and tells it', async (_case, damage) => {
    const [start, end] = [starts[1]!, starts[2]!];
    for (let at = start; at < end; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = damage(whole[at]!);
      if (damaged[at] === whole[at]) continue;
      writeFileSync(path, damaged);
      const { records, tears } = await readAll(folder);
      const ids = records.map((record) => (record.type === 'run' ? '' : `${record.type} ${record.id}`));
      // Without its newline it is one line with the next record, which is lost with it.
      const isJoined = at === end - 1;
      const expected = [`receipt ${idOf(1)}`, ...(isJoined ? [] : [`delivery ${idOf(2)}`]), `receipt ${idOf(3)}`];
      expect(ids, `byte ${at}`).toEqual(expected);
      const told = tears.reduce((sum, { bytes }) => sum + bytes, 0);
      const length = (isJoined ? starts[3]! : end) - start;
      expect(tears.length, `byte ${at}`).toBeGreaterThan(0);
      expect(tears.every(({ where, offset }) => where === 'middle' && offset >= start && offset < end)).toBe(true);
      // A newline at its beginning or end makes an empty line, of which nothing is told.
      expect(length - told, `byte ${at}`).toBeLessThanOrEqual(1);
    }
  });

  it('goes on', async () => {
    const damaged = Buffer.from(whole);
    damaged[starts[1]! + 100]! ^= 0x01;
    writeFileSync(path, damaged);
    expect(await goOn()).toEqual({
      tears: [{ path, offset: starts[1], bytes: starts[2]! - starts[1]!, where: 'middle' }],
      size: 4,
      isAccepted: true,
      body: bodyOf(4).toString(),
    });
    expect(await idsIn(folder)).toEqual([1, 2, 3, 4].map(idOf));
  });
});

describe('what else may stand in a journal', () => {
  it.each([
    ['empty lines', '\n\n\n', 0],
    ['zeros, as a power cut leaves them', '\0'.repeat(5000), 1],
    ['text', 'hello\n', 1],
    ['binary', Buffer.from([0xff, 0xfe, 0x0a, 0xc3]), 2],
    ['JSON that is no record', '{"type":"receipt"}\n[]\nnull\n', 3],
  ])('%s is passed over and told', async (_case, rubbish, told) => {
    appendFileSync(path, rubbish);
    const { tears, size } = await goOn();
    expect(tears).toHaveLength(told);
    expect(size).toBe(4);
    expect(await idsIn(folder)).toEqual([1, 2, 2, 3, 4].map(idOf));
  });

  it('a last record that lacks only its newline is there', async () => {
    writeFileSync(path, whole.subarray(0, -1));
    const journal = await open(folder, { onTear: () => expect.unreachable() });
    expect(journal.ledger.firstOf(uuidOf(3))).toBe(idOf(3));
    expect((await journal.readReceipt(2)).body).toBe(bodyOf(3).toString());
    await journal.close();
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('a line that a running listener has not ended yet is no tear', async () => {
    const journal = await open(folder);
    appendFileSync(path, whole.subarray(0, 50));
    expect((await readAll(folder)).tears).toEqual([]);
    await journal.close();
    expect((await readAll(folder)).tears).toEqual([{ path, offset: whole.length, bytes: 50, where: 'end' }]);
  });
});

describe('a companion that was cut off', () => {
  it('tells it and counts the rest', async () => {
    const { encodeRecord } = await import('../../../src/journal/encoding.js');
    const [one, two] = [1, 3].map((n) => Buffer.concat(encodeRecord(delivery(n, { run: 'r' })).parts));
    const companion = join(folder, 'replay-20261102T090000000Z-0a.ndjson');
    writeFileSync(companion, Buffer.concat([one!, two!.subarray(0, 40)]));
    const tears: DamagedLine[] = [];
    const journal = await open(folder, { onTear: (tear) => tears.push(tear), now: () => AT_MS });
    expect(tears).toEqual([{ path: companion, offset: one!.length, bytes: 40, where: 'end' }]);
    expect([1, 3].map((n) => journal.ledger.accepted(uuidOf(n), 'app'))).toEqual([true, false]);
    await journal.close();
  });
});
