import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCommandJournal } from '../../../src/journal/appender.js';
import { readEntries, readRecordedBody } from '../../support/journal-scan.js';
import { run, useBuiltJournal } from './process.js';
import {
  AT_MS,
  bodyOf,
  collect,
  delivery,
  idOf,
  open,
  put,
  readAll,
  receipt,
  temporaryFolder,
  uuidOf,
} from './records.js';

const builtJournal = useBuiltJournal();

/** Keeps 50 writes of 20 KB in flight, and prints each id once it is on disk. Rotates from time to time. */
const WRITER = `
  const { openJournal } = await import(process.argv[1]);
  const head = JSON.parse(process.argv[3]);
  const journal = await openJournal(process.argv[2], {
    now: Date.now,
    pid: process.pid,
    isRunning: (pid) => { try { process.kill(pid, 0); return true; } catch { return false; } },
    limits: { mainBytes: 3_000_000 },
  });
  const body = [Buffer.from(JSON.stringify('x'.repeat(20_000)))];
  let n = Number(process.argv[4]);
  const put = async () => {
    for (;;) {
      n += 1;
      const id = n.toString(16).padStart(16, '0');
      const uuid = id.slice(8) + '-9dcd-4b1c-8a02-6ae86cbd4e11';
      const ref = await journal.append({ ...head, id, facts: { ...head.facts, uuid } }, body);
      process.stdout.write(id + '\\n');
      if (ref % 3 === 0) await journal.note({ type: 'delivery', id, uuid, atMs: 1, target: 'app', attempt: 1,
        httpStatus: 200, ms: 1, outcome: 'accepted', final: true, nextAtMs: null });
    }
  };
  await Promise.all(Array.from({ length: 50 }, put));`;

function startWriter(folder: string, from: number): ReturnType<typeof run> {
  return run(WRITER, builtJournal(), folder, JSON.stringify(receipt(1)), String(from));
}

describe('a writer that is killed', () => {
  it('20 times under load loses no receipt that it reported', async () => {
    const folder = temporaryFolder();
    const reported: string[] = [];
    for (let round = 0; round < 20; round++) {
      const writer = startWriter(folder, round * 100_000);
      for (let count = 0; count < 20 + round * 7; count++) reported.push((await writer.next())!);
      reported.push(...(await writer.kill()));
    }
    expect(reported.length).toBeGreaterThan(20 * 20);
    const { records, damagedLines } = await readAll(folder);
    const found = new Set(records.map((record) => (record.type === 'receipt' ? record.id : '')));
    expect(reported.filter((id) => !found.has(id))).toEqual([]);
    // At most one line is torn by each kill.
    expect(damagedLines.length).toBeLessThanOrEqual(20);
    const journal = await open(folder);
    expect(journal.index.firstReceiptOf(`${reported[0]!.slice(8)}-9dcd-4b1c-8a02-6ae86cbd4e11`)).toBe(reported[0]);
    expect(journal.index.size).toBeGreaterThanOrEqual(reported.length);
    await journal.close();
  });
});

describe('a reader beside a writer', () => {
  it('sees whole records only, none missing, none twice, while files are rotated under it', async () => {
    const folder = temporaryFolder();
    const writer = startWriter(folder, 0);
    for (let round = 0; round < 10; round++) {
      const reported = new Set<string>();
      for (let count = 0; count < 60; count++) reported.add((await writer.next())!);
      const { records, damagedLines } = await readAll(folder);
      const ids = records.flatMap((record) => (record.type === 'receipt' ? [record.id] : []));
      expect(damagedLines).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
      expect([...reported].filter((id) => !ids.includes(id))).toEqual([]);
    }
    const entries = await collect(readEntries(folder, { onDamagedLine: () => expect.unreachable() }));
    const [first] = entries;
    expect(first?.type === 'receipt' && (await readRecordedBody(folder, first.location)).length).toBe(20_000);
    await writer.kill();
  });
});

describe('replay beside a listener', () => {
  const REPLAY = `
    const { openJournal } = await import(process.argv[1]);
    const journal = await openJournal(process.argv[2], { now: Date.now, pid: process.pid, isRunning: () => true });
    console.log('ready ' + journal.index.pending().length);
    for await (const _ of process.stdin) {}
  `;

  it('writes a file of its own, which the listener reads', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    for (const n of [1, 2, 3]) await put(journal, n);
    const commandJournal = await openCommandJournal(folder, 'replay', {
      now: () => AT_MS,
      random: (n) => new Uint8Array(n),
    });
    const refused = run(REPLAY.replace("console.log('ready", "console.log('opened"), builtJournal(), folder);
    expect(await refused.next()).toBeNull();
    await commandJournal.note(delivery(2, { run: 'r1' }));
    await journal.catchUp();
    expect(journal.index.isUuidAccepted(uuidOf(2), 'app')).toBe(true);
    const [, second] = await collect(readEntries(folder, { onDamagedLine: () => expect.unreachable() }));
    expect(second).toMatchObject({ receipt: { id: idOf(2) }, deliveries: [{ run: 'r1', outcome: 'accepted' }] });
    expect(
      second?.type === 'receipt' && Buffer.from(await readRecordedBody(folder, second.location)).equals(bodyOf(2)),
    ).toBe(true);
    await Promise.all([commandJournal.close(), journal.close()]);
    const later = run(REPLAY, builtJournal(), folder);
    expect(await later.next()).toBe('ready 2');
    await later.kill();
    expect((await readAll(join(folder))).damagedLines).toEqual([]);
  });
});
