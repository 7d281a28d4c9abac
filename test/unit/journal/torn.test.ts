import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DamagedLine } from '../../../src/journal/record.js';
import { AT_MS, bodyOf, delivery, idOf, idsIn, open, put, readAll, temporaryFolder, uuidOf } from './records.js';

let folder: string;
let path: string;
/** Receipts 1, 2, the delivery of 2, receipt 3. */
let whole: Buffer;
/** Offsets of the four lines, and the end. */
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

/** Opens the journal as it is, adds receipt 4, and closes it; returns the reported lines and the index. */
async function reopen(): Promise<{
  damagedLines: readonly DamagedLine[];
  size: number;
  isAccepted: boolean;
  body: string;
}> {
  const damagedLines: DamagedLine[] = [];
  const journal = await open(folder, { onDamagedLine: (line) => damagedLines.push(line) });
  const isAccepted = journal.index.isUuidAccepted(uuidOf(2), 'app');
  const ref = await put(journal, 4);
  const { size } = journal.index;
  const { body } = await journal.readReceipt(ref);
  await journal.close();
  return { damagedLines, size, isAccepted, body };
}

describe('a journal that was cut off', () => {
  it('at any byte of its last two records loses the torn record only, reports it, and continues', async () => {
    for (let cut = starts[2]!; cut <= whole.length; cut++) {
      const at = `cut at ${cut}`;
      writeFileSync(path, whole.subarray(0, cut));
      const lines = starts.filter((start, index) => index > 0 && cut >= start - 1).length;
      const start = starts[lines]!;
      const isTorn = start < cut;
      const line = { path, offset: start, bytes: cut - start, where: 'end' } as const;

      const before = await readAll(folder);
      expect(
        before.records.map(({ type }) => type),
        at,
      ).toEqual(['receipt', 'receipt', 'delivery', 'receipt'].slice(0, lines));
      expect(before.damagedLines, at).toEqual(isTorn ? [line] : []);

      const { damagedLines, size, isAccepted, body } = await reopen();
      expect(damagedLines, at).toEqual(isTorn ? [line] : []);
      expect(isAccepted, at).toBe(lines >= 3);
      expect(size, at).toBe(lines === 4 ? 4 : 3);
      expect(body, at).toBe(bodyOf(4).toString());

      const after = readFileSync(path);
      expect(after.subarray(0, cut).equals(whole.subarray(0, cut)), at).toBe(true);
      const again = await readAll(folder);
      expect(again.records.length, at).toBe(lines + 1);
      expect(again.records.at(-1), at).toMatchObject({ type: 'receipt', id: idOf(4) });
      expect(again.damagedLines, at).toEqual(isTorn ? [{ ...line, bytes: line.bytes + 1, where: 'middle' }] : []);
    }
  });
});

describe('a journal with a record that was damaged', () => {
  it.each([
    ['by zeros', () => 0x00],
    ['by a flipped bit', (byte: number) => byte ^ 0x04],
    ['by a newline', () => 0x0a],
    ['by a quote', () => 0x22],
  ])('%s at any byte loses that record only, and reports it', async (_case, damage) => {
    const [start, end] = [starts[1]!, starts[2]!];
    for (let at = start; at < end; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = damage(whole[at]!);
      if (damaged[at] === whole[at]) continue;
      writeFileSync(path, damaged);
      const { records, damagedLines } = await readAll(folder);
      const ids = records.map((record) => (record.type === 'run' ? '' : `${record.type} ${record.id}`));
      // Without its newline it is one line with the next record, which is lost with it.
      const isJoined = at === end - 1;
      const expected = [`receipt ${idOf(1)}`, ...(isJoined ? [] : [`delivery ${idOf(2)}`]), `receipt ${idOf(3)}`];
      expect(ids, `byte ${at}`).toEqual(expected);
      const reported = damagedLines.reduce((sum, { bytes }) => sum + bytes, 0);
      const length = (isJoined ? starts[3]! : end) - start;
      expect(damagedLines.length, `byte ${at}`).toBeGreaterThan(0);
      expect(damagedLines.every(({ where, offset }) => where === 'middle' && offset >= start && offset < end)).toBe(
        true,
      );
      // A newline at its beginning or end makes an empty line, which is not reported.
      expect(length - reported, `byte ${at}`).toBeLessThanOrEqual(1);
    }
  });

  it('goes on', async () => {
    const damaged = Buffer.from(whole);
    damaged[starts[1]! + 100]! ^= 0x01;
    writeFileSync(path, damaged);
    expect(await reopen()).toEqual({
      damagedLines: [{ path, offset: starts[1], bytes: starts[2]! - starts[1]!, where: 'middle' }],
      size: 3,
      isAccepted: true,
      body: bodyOf(4).toString(),
    });
    expect(await idsIn(folder)).toEqual([1, 2, 3, 4].map(idOf));
  });
});

describe('other content of a journal', () => {
  it.each([
    ['empty lines', '\n\n\n', 0],
    ['zeros, as a power cut leaves them', '\0'.repeat(5000), 1],
    ['text', 'hello\n', 1],
    ['binary', Buffer.from([0xff, 0xfe, 0x0a, 0xc3]), 2],
    ['JSON that is no record', '{"type":"receipt"}\n[]\nnull\n', 3],
  ])('%s is skipped and reported', async (_case, content, reported) => {
    appendFileSync(path, content);
    const { damagedLines, size } = await reopen();
    expect(damagedLines).toHaveLength(reported);
    expect(size).toBe(4);
    expect(await idsIn(folder)).toEqual([1, 2, 2, 3, 4].map(idOf));
  });

  it('a last record that lacks only its newline is read', async () => {
    writeFileSync(path, whole.subarray(0, -1));
    const journal = await open(folder, { onDamagedLine: () => expect.unreachable() });
    expect(journal.index.firstReceiptOf(uuidOf(3))).toBe(idOf(3));
    expect(journal.index.size).toBe(3);
    await journal.close();
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('an incomplete last line of a running listener is not reported', async () => {
    const journal = await open(folder);
    appendFileSync(path, whole.subarray(0, 50));
    expect((await readAll(folder)).damagedLines).toEqual([]);
    await journal.close();
    expect((await readAll(folder)).damagedLines).toEqual([{ path, offset: whole.length, bytes: 50, where: 'end' }]);
  });
});

describe('a replay file that was cut off', () => {
  it('reports the torn line and counts the rest', async () => {
    const { encodeRecord } = await import('../../../src/journal/encoding.js');
    const [one, two] = [1, 3].map((n) => Buffer.concat(encodeRecord(delivery(n, { run: 'r' })).parts));
    const commandJournal = join(folder, 'replay-20261102T090000000Z-0a.ndjson');
    writeFileSync(commandJournal, Buffer.concat([one!, two!.subarray(0, 40)]));
    const damagedLines: DamagedLine[] = [];
    const journal = await open(folder, { onDamagedLine: (line) => damagedLines.push(line), now: () => AT_MS });
    expect(damagedLines).toEqual([{ path: commandJournal, offset: one!.length, bytes: 40, where: 'end' }]);
    expect([1, 3].map((n) => journal.index.isUuidAccepted(uuidOf(n), 'app'))).toEqual([true, false]);
    await journal.close();
  });
});
