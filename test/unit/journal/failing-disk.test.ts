import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCommandJournal } from '../../../src/journal/appender.js';
import { encodeReceipt } from '../../../src/journal/encoding.js';
import { type FileCalls, fileCalls } from '../../../src/journal/file-io.js';
import { journalWriteError } from '../../../src/journal/files.js';
import {
  AT_MS,
  bodyOf,
  delivery,
  idOf,
  idsIn,
  literalOf,
  open,
  put,
  readAll,
  receipt,
  rejected,
  temporaryFolder,
  uuidOf,
} from './records.js';

/** System calls that fail while `fault` is set. */
function brittle(): FileCalls & { fault: Partial<FileCalls> | null } {
  const calls = {
    fault: null as Partial<FileCalls> | null,
    append: (fd: number, parts: readonly Uint8Array[]) => (calls.fault?.append ?? fileCalls.append)(fd, parts),
    sync: (fd: number) => (calls.fault?.sync ?? fileCalls.sync)(fd),
  };
  return calls;
}

const failWith = (code: string) => (): Promise<never> => Promise.reject(Object.assign(new Error('failed'), { code }));

/** Writes so many bytes and then none, like a full disk. */
function fullAfter(bytes: number): FileCalls['append'] {
  let left = bytes;
  return async (fd, parts) => {
    if (left === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    const taken = Buffer.concat(parts).subarray(0, left);
    left -= taken.length;
    return fileCalls.append(fd, [taken]);
  };
}

describe('a write that fails', () => {
  it.each([
    ['ENOSPC', /disk is full/],
    ['EDQUOT', /quota/],
    ['EROFS', /read-only/],
    ['EACCES', /permission denied/],
    ['EIO', /disk failed/],
    ['EWHATEVER', /EWHATEVER/],
  ])('with %s says why, and the next is tried', async (code, words) => {
    const folder = temporaryFolder();
    const calls = brittle();
    const journal = await open(folder, { calls });
    calls.fault = { append: failWith(code) };
    const error = {
      name: 'ToolError',
      kind: 'usage',
      code: 'ERR_JOURNAL_WRITE',
      message: expect.stringMatching(words),
    };
    await expect(put(journal, 1)).rejects.toMatchObject(error);
    await expect(journal.note(delivery(1))).rejects.toMatchObject(error);
    await expect(journal.reject(rejected(1), Buffer.from('x'))).rejects.toMatchObject(error);
    expect(journal.index.firstReceiptOf(uuidOf(1))).toBeNull();
    calls.fault = null;
    await put(journal, 2);
    await journal.close();
    expect(await readAll(folder)).toMatchObject({ records: [receipt(2)], damagedLines: [] });
  });

  it('fails all that were in it, and only those', async () => {
    const calls = brittle();
    const folder = temporaryFolder();
    const journal = await open(folder, { calls });
    await put(journal, 1);
    calls.fault = { append: failWith('ENOSPC') };
    const settled = await Promise.allSettled([2, 3, 4].map((n) => put(journal, n)));
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    calls.fault = null;
    expect(await put(journal, 5)).toBe(1);
    expect(journal.index.size).toBe(2);
    expect((await journal.readReceipt(1)).id).toBe(idOf(5));
    await journal.close();
  });

  it('is not reported as written where the sync failed', async () => {
    const folder = temporaryFolder();
    const calls = brittle();
    const journal = await open(folder, { calls });
    calls.fault = { sync: failWith('EIO') };
    await expect(put(journal, 1)).rejects.toMatchObject({ code: 'ERR_JOURNAL_WRITE' });
    expect(journal.index.firstReceiptOf(uuidOf(1))).toBeNull();
    calls.fault = null;
    const ref = await put(journal, 2);
    expect((await journal.readReceipt(ref)).id).toBe(idOf(2));
    await journal.close();
  });

  it('part of the way, at any byte, is not continued by the next record', async () => {
    const line = encodeReceipt(receipt(2), literalOf(bodyOf(2))).bytes;
    for (let bytes = 0; bytes < 2 * line; bytes += bytes % line < 3 ? 1 : 37) {
      const folder = temporaryFolder();
      const calls = brittle();
      const journal = await open(folder, { calls });
      await put(journal, 1);
      calls.fault = { append: fullAfter(bytes) };
      const settled = await Promise.allSettled([put(journal, 2), put(journal, 3)]);
      expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      calls.fault = null;
      const ref = await put(journal, 4);
      expect((await journal.readReceipt(ref)).id).toBe(idOf(4));
      await journal.close();
      const { records, damagedLines } = await readAll(folder);
      const ids = records.map((record) => (record.type === 'receipt' ? record.id : ''));
      expect([ids[0], ids.at(-1)], `${bytes} bytes`).toEqual([idOf(1), idOf(4)]);
      expect(damagedLines.length).toBeLessThanOrEqual(1);
      expect(
        readFileSync(join(folder, 'journal.ndjson'), 'utf8')
          .split('\n')
          .filter((line) => line !== '').length,
      ).toBe(records.length + damagedLines.length);
    }
  });

  it('short without an error is completed', async () => {
    const folder = temporaryFolder();
    const calls = brittle();
    const journal = await open(folder, { calls });
    calls.fault = { append: (fd, parts) => fileCalls.append(fd, [Buffer.concat(parts).subarray(0, 7)]) };
    const refs = await Promise.all([put(journal, 1), put(journal, 2)]);
    calls.fault = null;
    expect((await journal.readReceipt(refs[1]!)).id).toBe(idOf(2));
    await journal.close();
    expect(await readAll(folder)).toMatchObject({ records: [receipt(1), receipt(2)], damagedLines: [] });
  });

  it('of an acceptance does not lose the acceptance', async () => {
    const calls = brittle();
    const journal = await open(temporaryFolder(), { calls });
    await put(journal, 1);
    calls.fault = { append: failWith('ENOSPC') };
    await expect(journal.note(delivery(1))).rejects.toThrow();
    expect(journal.index.isUuidAccepted(uuidOf(1), 'app')).toBe(true);
    calls.fault = null;
    await journal.close();
  });

  it('names the error that has no code', () => {
    expect(journalWriteError('j', new Error('odd')).message).toBe(
      'the journal j cannot be written: it failed (Error: odd)',
    );
  });
});

const isRoot = process.getuid?.() === 0;

/** A real file system of its own; null where this user may not mount one. */
function mountSmall(bytes: number): string | null {
  const folder = join(temporaryFolder(), 'small');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

const canMount = isRoot && process.platform === 'linux';

describe('a real disk', () => {
  it.runIf(canMount)(
    'that is full says so, and takes more once there is room (root on Linux only)',
    async ({ skip }) => {
      const folder = mountSmall(256 * 1024);
      if (folder === null) return skip('this machine lets nobody mount');
      const ballast = join(folder, 'ballast');
      const journal = await open(folder);
      await put(journal, 1);
      const body = [Buffer.from(JSON.stringify('x'.repeat(20_000)))];
      let written = 1;
      let error: unknown = null;
      for (; error === null && written < 100; written++) {
        error = await journal.append(receipt(written + 1), body).then(
          () => null,
          (thrown: unknown) => thrown,
        );
      }
      expect(written).toBeLessThan(20);
      expect(error).toMatchObject({
        code: 'ERR_JOURNAL_WRITE',
        message: expect.stringMatching(/the disk is full \(ENOSPC\)/),
      });
      await expect(journal.append(receipt(90), body)).rejects.toMatchObject({ code: 'ERR_JOURNAL_WRITE' });
      execFileSync('mount', ['-o', 'remount,size=1m', folder]);
      const ref = await put(journal, 99);
      expect((await journal.readReceipt(ref)).id).toBe(idOf(99));
      await journal.close();
      expect(await idsIn(folder)).toEqual([...Array.from({ length: written - 1 }, (_, n) => idOf(n + 1)), idOf(99)]);
      expect((await readAll(folder)).damagedLines.length).toBeLessThanOrEqual(1);
      rmSync(ballast, { force: true });
    },
  );

  it.runIf(canMount)('that is full from the start is a usage error (root on Linux only)', async ({ skip }) => {
    const folder = mountSmall(64 * 1024);
    if (folder === null) return skip('this machine lets nobody mount');
    try {
      writeFileSync(join(folder, 'ballast'), Buffer.alloc(128 * 1024));
    } catch {
      // It was to be full.
    }
    await expect(open(folder)).rejects.toMatchObject({
      code: 'ERR_JOURNAL_WRITE',
      message: expect.stringMatching(/full/),
    });
  });

  it.runIf(canMount)('that becomes read-only says so (root on Linux only)', async ({ skip }) => {
    const folder = mountSmall(256 * 1024);
    if (folder === null) return skip('this machine lets nobody mount');
    const before = await open(folder);
    await put(before, 1);
    await before.close();
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    await expect(open(folder)).rejects.toMatchObject({
      code: 'ERR_JOURNAL_WRITE',
      message: expect.stringMatching(/read-only/),
    });
    expect(await idsIn(folder)).toEqual([idOf(1)]);
    const commandJournal = await openCommandJournal(folder, 'replay', {
      now: () => AT_MS,
      random: (n) => new Uint8Array(n),
    });
    await expect(commandJournal.note(delivery(1))).rejects.toMatchObject({ code: 'ERR_JOURNAL_WRITE' });
  });

  it.skipIf(isRoot)('folder that may not be written is a usage error (not as root, who may)', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    onTestFinished(() => chmodSync(folder, 0o700));
    await expect(open(folder)).rejects.toMatchObject({
      code: 'ERR_JOURNAL_WRITE',
      message: expect.stringMatching(/permission denied/),
    });
  });
});
