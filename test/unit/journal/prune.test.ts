import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCommandJournal } from '../../../src/journal/appender.js';
import { planPrune, prune } from '../../../src/journal/prune.js';
import {
  AT_MS,
  bodyOf,
  delivery,
  idOf,
  idsIn,
  linesIn,
  open,
  put,
  readAll,
  rejected,
  temporaryFolder,
  uuidOf,
} from './records.js';

const DAY_MS = 86_400_000;
const LOCK = { now: () => AT_MS, pid: process.pid, isRunning: () => true };
const nowMs = AT_MS + 40 * DAY_MS;
/** Everything before day 20 is deleted. */
const AGE = { olderThanMs: 20 * DAY_MS, nowMs };

/** Three files of the days 0 and 1, 2 and 30, 31 and 32; a rejected body of each of the days 0 and 30. */
async function filled(): Promise<string> {
  const folder = temporaryFolder();
  for (const days of [
    [0, 1],
    [2, 30],
    [31, 32],
  ]) {
    let atMs = AT_MS + days[1]! * DAY_MS;
    const journal = await open(folder, {
      limits: { mainBytes: 1, retentionMs: Number.MAX_SAFE_INTEGER },
      now: () => atMs,
    });
    atMs += 1;
    await Promise.all(days.map((day) => put(journal, day, { atMs: AT_MS + day * DAY_MS })));
    await journal.close();
  }
  const journal = await open(folder, { limits: { retentionMs: Number.MAX_SAFE_INTEGER } });
  for (const day of [0, 30])
    await journal.reject(rejected(100 + day, { atMs: AT_MS + day * DAY_MS }), Buffer.from('x'));
  await journal.close();
  expect(readdirSync(folder).filter((name) => /^journal.*ndjson$/.test(name))).toHaveLength(3);
  return folder;
}

const sizes = (folder: string): number =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

describe('pruning', () => {
  it('plans the deletion, and changes nothing', async () => {
    const folder = await filled();
    const before = sizes(folder);
    const plan = await planPrune(folder, AGE);
    expect(plan.files.map(({ file, action, records }) => [file.name, action, records])).toEqual([
      [expect.stringMatching(/^journal-2026/), 'delete', 2],
      [expect.stringMatching(/^journal-2026/), 'rewrite', 1],
      ['rejected.ndjson', 'rewrite', 1],
    ]);
    expect(plan).toMatchObject({ records: 4, isInUse: false, beforeMs: AT_MS + 20 * DAY_MS });
    expect(sizes(folder)).toBe(before);
    expect(await idsIn(folder)).toHaveLength(8);
  });

  it('deletes as planned', async () => {
    const folder = await filled();
    const before = sizes(folder);
    const plan = await planPrune(folder, AGE);
    await prune(plan, LOCK);
    expect(await idsIn(folder)).toEqual([30, 31, 32, 130].map(idOf));
    expect(before - sizes(folder)).toBe(plan.bytes);
    expect((await readAll(folder)).damagedLines).toEqual([]);
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes).toEqual(modes.map(() => 0o600));
    expect(await planPrune(folder, AGE)).toMatchObject({ files: [], records: 0, bytes: 0 });
    const journal = await open(folder, { now: () => nowMs });
    expect(journal.index.size).toBe(3);
    expect((await journal.readReceipt(0)).body).toBe(bodyOf(30).toString());
    expect((await journal.readReceipt(await put(journal, 40))).id).toBe(idOf(40));
    await journal.close();
  });

  it('copies remaining lines unchanged, and keeps torn ones in a rewritten file', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await put(journal, 1);
    await put(journal, 2, { atMs: nowMs });
    await journal.close();
    const path = join(folder, 'journal.ndjson');
    const [, second] = linesIn(path);
    writeFileSync(path, `${readFileSync(path, 'utf8')}torn\n`);
    await prune(await planPrune(folder, AGE), LOCK);
    expect(linesIn(path)).toEqual([second, 'torn']);
    await prune(await planPrune(folder, { olderThanMs: 0, nowMs: nowMs + 1 }), LOCK);
    expect(existsSync(path)).toBe(false);
  });

  it('plans nothing without a journal', async () => {
    const folder = temporaryFolder();
    const plan = await planPrune(folder, AGE);
    expect(plan).toMatchObject({ files: [], records: 0, bytes: 0, isInUse: false });
    await prune(plan, LOCK);
    expect(readdirSync(folder)).toEqual(['owner.json']);
  });

  it('deletes whole files only while a listener is running, and says so', async () => {
    const folder = await filled();
    const journal = await open(folder, { limits: { retentionMs: Number.MAX_SAFE_INTEGER } });
    const [first, , third] = journal.index.pending().map(({ ref }) => ref);
    const plan = await planPrune(folder, AGE);
    expect(plan).toMatchObject({ isInUse: true, records: 2, files: [{ action: 'delete' }] });
    await prune(plan, LOCK);
    expect(await idsIn(folder)).toEqual([2, 30, 31, 32, 100, 130].map(idOf));
    expect((await journal.readReceipt(third!)).body).toBe(bodyOf(2).toString());
    await expect(journal.readReceipt(first!)).rejects.toMatchObject({ code: 'ERR_JOURNAL_READ' });
    await put(journal, 50);
    await journal.close();
    expect(await idsIn(folder)).toContain(idOf(50));
  });

  it('is refused where a listener was started since', async () => {
    const folder = await filled();
    const plan = await planPrune(folder, AGE);
    const journal = await open(folder, { limits: { retentionMs: Number.MAX_SAFE_INTEGER } });
    await expect(prune(plan, LOCK)).rejects.toMatchObject({ code: 'ERR_JOURNAL_IN_USE' });
    expect(await idsIn(folder)).toHaveLength(8);
    await journal.close();
  });

  it('deletes nothing where a listener was started and stopped since', async () => {
    const folder = temporaryFolder();
    const limits = { retentionMs: Number.MAX_SAFE_INTEGER };
    const journal = await open(folder, { limits });
    await put(journal, 1);
    await journal.close();
    const plan = await planPrune(folder, AGE);
    expect(plan.files).toMatchObject([{ action: 'delete' }]);
    const next = await open(folder, { limits, now: () => nowMs });
    await put(next, 2, { atMs: nowMs });
    await next.close();
    await expect(prune(plan, LOCK)).rejects.toMatchObject({ kind: 'usage', code: 'ERR_JOURNAL_CHANGED' });
    expect(await idsIn(folder)).toHaveLength(2);
  });

  it('writes through no symbolic link', async () => {
    const folder = await filled();
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, join(folder, 'rejected.ndjson.pruned'));
    await prune(await planPrune(folder, AGE), LOCK);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(statSync(join(folder, 'rejected.ndjson')).isFile()).toBe(true);
  });

  it('locks the journal until it is done', async () => {
    const folder = await filled();
    const running = prune(await planPrune(folder, AGE), LOCK);
    const refused = open(folder);
    const [pruned, opened] = await Promise.allSettled([running, refused]);
    if (opened.status === 'fulfilled') await opened.value.close();
    expect([pruned.status, opened.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(existsSync(join(folder, 'listen.lock'))).toBe(false);
  });

  it('keeps a replay file until all of it is old', async () => {
    const folder = temporaryFolder();
    const random = (bytes: number): Uint8Array => new Uint8Array(bytes);
    const commandJournal = await openCommandJournal(folder, 'replay', { now: () => AT_MS, random });
    await commandJournal.note(delivery(1));
    await commandJournal.note(delivery(2, { atMs: nowMs }));
    await commandJournal.close();
    const path = join(folder, readdirSync(folder)[0]!);
    utimesSync(path, AT_MS / 1000, AT_MS / 1000);
    expect((await planPrune(folder, AGE)).files).toEqual([]);
    expect((await planPrune(folder, { ...AGE, olderThanMs: -DAY_MS })).files).toMatchObject([
      { action: 'delete', records: 2 },
    ]);
  });

  it('leaves no draft where it was killed', async () => {
    const folder = await filled();
    writeFileSync(join(folder, 'journal.ndjson.pruned'), 'half');
    const journal = await open(folder, { limits: { retentionMs: Number.MAX_SAFE_INTEGER } });
    expect(journal.index.firstReceiptOf(uuidOf(0))).toBe(idOf(0));
    await journal.close();
    expect(existsSync(join(folder, 'journal.ndjson.pruned'))).toBe(false);
  });
});
