import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCommandJournal } from '../../../src/journal/appender.js';
import { formatStamp } from '../../../src/journal/files.js';
import { DEFAULT_JOURNAL_LIMITS } from '../../../src/journal/limits.js';
import type { ReceiptHead } from '../../../src/journal/record.js';
import { readRecordedBody } from '../../support/journal-scan.js';
import {
  AT_MS,
  bodyOf,
  delivery,
  failure,
  idOf,
  idsIn,
  linesIn,
  literalOf,
  open,
  put,
  readAll,
  receipt,
  rejected,
  temporaryFolder,
  uuidOf,
} from './records.js';

const DAY_MS = 86_400_000;
const mainOf = (folder: string): string => join(folder, 'journal.ndjson');
const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);

describe('a journal', () => {
  it('keeps each receipt with its bytes, and reads it by its slot', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const refs = await Promise.all([1, 2, 3].map((n) => put(journal, n)));
    expect(refs).toEqual([0, 1, 2]);
    for (const [index, ref] of refs.entries()) {
      const n = index + 1;
      expect(await journal.readReceipt(ref)).toEqual({ ...receipt(n), body: bodyOf(n).toString() });
    }
    await journal.close();
    expect(linesIn(mainOf(folder)).map((line) => JSON.parse(line).body)).toEqual(
      [1, 2, 3].map((n) => bodyOf(n).toString()),
    );
  });

  it('is for its owner only', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await Promise.all([put(journal, 1), journal.reject(rejected(2), Buffer.from('x'))]);
    const files = readdirSync(folder);
    expect(files.toSorted()).toEqual(['journal.ndjson', 'listen.lock', 'owner.json', 'rejected.ndjson']);
    expect(files.map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(files.map(() => 0o600));
    await journal.close();
    expect(existsSync(join(folder, 'listen.lock'))).toBe(false);
  });

  it('knows after a restart the receipts, acceptances and pending deliveries', async () => {
    const folder = temporaryFolder();
    const before = await open(folder);
    for (const n of [1, 2, 3]) await put(before, n);
    await before.note({ type: 'answer', id: idOf(1), atMs: AT_MS, answered: 200 });
    await before.note(delivery(1));
    await before.note(failure(2, { attempt: 3 }));
    await before.close();
    const after = await open(folder);
    expect(after.index.size).toBe(3);
    expect([1, 2, 3, 4].map((n) => after.index.firstReceiptOf(uuidOf(n)))).toEqual([idOf(1), idOf(2), idOf(3), null]);
    expect([1, 2, 3].map((n) => after.index.isUuidAccepted(uuidOf(n), 'app'))).toEqual([true, false, false]);
    expect(after.index.pending()).toEqual([
      { ref: 1, target: 'app', attempts: 3, dueAtMs: AT_MS + 60_000 },
      { ref: 2, target: 'app', attempts: 0, dueAtMs: AT_MS + 3 },
    ]);
    expect((await after.readReceipt(2)).body).toBe(bodyOf(3).toString());
    expect((await after.readReceipt(await put(after, 4))).id).toBe(idOf(4));
    await after.close();
  });

  it('knows of a repeat while the first is still being written', async () => {
    const journal = await open(temporaryFolder());
    const first = put(journal, 1);
    expect(journal.index.firstReceiptOf(uuidOf(1))).toBe(idOf(1));
    await first;
    expect(journal.index.firstReceiptOf(uuidOf(1))).toBe(idOf(1));
    await journal.close();
  });

  it('writes what comes at once in one write and one sync', async () => {
    const writes: number[] = [];
    let syncs = 0;
    const { fileCalls } = await import('../../../src/journal/file-io.js');
    const journal = await open(temporaryFolder(), {
      calls: {
        append: (fd, parts) => {
          writes.push(parts.length / 5);
          return fileCalls.append(fd, parts);
        },
        sync: (fd) => {
          syncs += 1;
          return fileCalls.sync(fd);
        },
      },
    });
    const many = Array.from({ length: 100 }, (_, n) => put(journal, n));
    await many[0];
    const further = Array.from({ length: 400 }, (_, n) => put(journal, 100 + n));
    expect(await Promise.all([...many, ...further])).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(writes).toEqual([100, 204, 196]);
    expect(syncs).toBe(3);
    expect((await journal.readReceipt(499)).id).toBe(idOf(499));
    await journal.close();
  });

  it('closes once pending writes are done, and rejects later ones', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const last = put(journal, 1);
    await journal.close();
    await last;
    await expect(put(journal, 2)).rejects.toMatchObject({ code: 'ERR_JOURNAL_WRITE' });
    expect(await idsIn(folder)).toEqual([idOf(1)]);
  });

  it('fails the first write after its file was moved or removed, then creates a new file', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const moved = {
      code: 'ERR_JOURNAL_WRITE',
      message: expect.stringContaining('it was moved or removed while it was in use (ESTALE)'),
    };
    const refs = [await put(journal, 1)];
    renameSync(mainOf(folder), join(folder, 'away'));
    await expect(put(journal, 2)).rejects.toMatchObject(moved);
    refs.push(await put(journal, 2));
    rmSync(mainOf(folder));
    await expect(put(journal, 3)).rejects.toMatchObject(moved);
    refs.push(await put(journal, 3));
    expect(linesIn(mainOf(folder)).map((line) => JSON.parse(line).id)).toEqual([idOf(3)]);
    const bodies = await Promise.all(refs.map(async (ref) => (await journal.readReceipt(ref)).id));
    expect(bodies).toEqual([1, 2, 3].map(idOf));
    await journal.close();
  });

  it('fails the first write after its file was truncated, and reads no other record instead of a lost one', async () => {
    const folder = temporaryFolder();
    const earlier = await open(folder);
    await put(earlier, 1);
    await earlier.close();
    const journal = await open(folder);
    const refs = [0, await put(journal, 2)];
    expect(journal.loss()).toBeNull();
    truncateSync(mainOf(folder), 0);
    const truncated = { code: 'ERR_JOURNAL_WRITE', message: expect.stringContaining('it was truncated') };
    expect(journal.loss()).toMatchObject(truncated);
    await expect(put(journal, 3)).rejects.toMatchObject(truncated);
    // Of the same length, so that they fill the places of the first two.
    refs.push(await put(journal, 3), await put(journal, 4));
    expect(journal.loss()).toBeNull();
    for (const lost of refs.slice(0, 2))
      await expect(journal.readReceipt(lost)).rejects.toMatchObject({ code: 'ERR_JOURNAL_READ' });
    const kept = await Promise.all(refs.slice(2).map(async (ref) => (await journal.readReceipt(ref)).id));
    expect(kept).toEqual([3, 4].map(idOf));
    await journal.close();
    expect(await idsIn(folder)).toEqual([3, 4].map(idOf));
  });

  it('finds its place again after another program appended to its file', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await put(journal, 1);
    appendFileSync(mainOf(folder), '{"not":"a record"}');
    const ref = await put(journal, 2);
    expect((await journal.readReceipt(ref)).id).toBe(idOf(2));
    await journal.close();
    expect(await idsIn(folder)).toEqual([1, 2].map(idOf));
  });

  it('fails every write after its folder was moved, also when another has taken its place', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await put(journal, 1);
    renameSync(folder, `${folder}-away`);
    onTestFinished(() => rmSync(`${folder}-away`, { recursive: true }));
    for (let n = 2; n < 4; n++) await expect(put(journal, n)).rejects.toMatchObject({ code: 'ERR_JOURNAL_WRITE' });
    mkdirSync(folder);
    await expect(put(journal, 4)).rejects.toMatchObject({ message: expect.stringContaining('its folder was removed') });
    expect(readdirSync(folder)).toEqual([]);
    await journal.close();
  });

  it('does not write through a link', async () => {
    const folder = temporaryFolder();
    const elsewhere = join(temporaryFolder(), 'profile');
    writeFileSync(elsewhere, 'mine\n');
    symlinkSync(elsewhere, mainOf(folder));
    await expect(open(folder)).rejects.toMatchObject({
      code: 'ERR_JOURNAL_WRITE',
      message: expect.stringMatching(/link/),
    });
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine\n');
    expect(existsSync(join(folder, 'listen.lock'))).toBe(false);
  });

  it('throws for a receipt that was removed', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await put(journal, 1);
    await journal.close();
    const again = await open(folder);
    writeFileSync(mainOf(folder), '');
    await expect(again.readReceipt(0)).rejects.toMatchObject({ code: 'ERR_JOURNAL_READ' });
    await again.close();
  });
});

describe('the files of replay', () => {
  it('are read at the start, and when catching up', async () => {
    const folder = temporaryFolder();
    const first = await open(folder);
    for (const n of [1, 2, 3]) await put(first, n);
    await first.close();
    const early = await openCommandJournal(folder, 'replay', { now: () => AT_MS, random });
    await early.note(delivery(1, { run: 'r1' }));
    const journal = await open(folder);
    const accepted = (): readonly boolean[] => [1, 2, 3].map((n) => journal.index.isUuidAccepted(uuidOf(n), 'app'));
    expect(accepted()).toEqual([true, false, false]);
    expect(journal.index.pending().map(({ ref }) => ref)).toEqual([1, 2]);
    const late = await openCommandJournal(folder, 'replay', { now: () => AT_MS + 1, random });
    await late.note({ type: 'run', run: 'r2', atMs: AT_MS, state: 'started', ids: [idOf(3)], targets: ['app'] });
    await late.note(delivery(3, { run: 'r2' }));
    expect(accepted()).toEqual([true, false, false]);
    await journal.catchUp();
    expect(accepted()).toEqual([true, false, true]);
    await early.note(failure(2, { run: 'r1' }));
    await early.note(delivery(2, { run: 'r1', attempt: 2 }));
    await journal.catchUp();
    expect(accepted()).toEqual([true, true, true]);
    await Promise.all([early.close(), late.close(), journal.close()]);
  });

  it('are read from the previous end on, without an incomplete line', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await Promise.all([put(journal, 1), put(journal, 2)]);
    const whole = await openCommandJournal(temporaryFolder(), 'replay', { now: () => AT_MS, random });
    await whole.close();
    const path = join(folder, `replay-${formatStamp(AT_MS)}-01.ndjson`);
    const { encodeRecord } = await import('../../../src/journal/encoding.js');
    const [one, two] = [1, 2].map((n) => Buffer.concat(encodeRecord(delivery(n)).parts));
    const accepted = (): readonly boolean[] => [1, 2].map((n) => journal.index.isUuidAccepted(uuidOf(n), 'app'));
    for (let cut = 0; cut < two!.length; cut += 7) {
      writeFileSync(path, Buffer.concat([one!, two!.subarray(0, cut)]));
      await journal.catchUp();
      expect(accepted(), `cut at ${cut}`).toEqual([true, false]);
    }
    writeFileSync(path, Buffer.concat([one!, two!]));
    await journal.catchUp();
    expect(accepted()).toEqual([true, true]);
    await journal.close();
  });
});

describe('rotation', () => {
  const limits = { mainBytes: 4000 };

  it('starts a new file before one is too large, and loses nothing', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder, { limits });
    const refs: number[] = [];
    for (let n = 0; n < 20; n++) refs.push(await put(journal, n));
    const sizes = readdirSync(folder)
      .filter((name) => /^journal.*ndjson$/.test(name))
      .map((name) => statSync(join(folder, name)).size);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4000);
    for (const [n, ref] of refs.entries()) expect((await journal.readReceipt(ref)).id).toBe(idOf(n));
    await journal.close();
    expect(await idsIn(folder)).toEqual(Array.from({ length: 20 }, (_, n) => idOf(n)));
    const again = await open(folder, { limits });
    expect(again.index.size).toBe(20);
    await again.close();
  });

  it('uses no name twice, even if the clock stands still', async () => {
    const folder = temporaryFolder();
    for (let run = 0; run < 3; run++) {
      const journal = await open(folder, { limits: { mainBytes: 1 } });
      for (let n = 0; n < 3; n++) await put(journal, run * 3 + n);
      await journal.close();
    }
    expect((await idsIn(folder)).toSorted()).toEqual(Array.from({ length: 9 }, (_, n) => idOf(n)));
  });

  it('names a file by the time of its rotation', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder, { limits: { mainBytes: 1 } });
    await put(journal, 1);
    await put(journal, 2);
    await journal.close();
    expect(readdirSync(folder)).toContain('journal-20261102T090000000Z.ndjson');
  });

  it('keeps everything for 30 days, also in a file that was never rotated', async () => {
    const folder = temporaryFolder();
    let atMs = AT_MS;
    const journal = await open(folder, { limits: { mainBytes: 1 }, now: () => atMs });
    await put(journal, 1);
    atMs += DAY_MS;
    await put(journal, 2);
    await journal.close();
    const at = async (ms: number): Promise<readonly string[]> => {
      const again = await open(folder, { now: () => ms });
      await again.close();
      return idsIn(folder);
    };
    expect(await at(AT_MS + 30 * DAY_MS)).toEqual([idOf(1), idOf(2)]);
    // A rotated file goes as a whole, a day after its first record was due.
    expect(await at(AT_MS + 31 * DAY_MS)).toEqual([idOf(1)]);
    expect(await at(AT_MS + 31 * DAY_MS + 1)).toEqual([]);
  });

  it('rotates a file once a day, so that a long run deletes old records too', async () => {
    const folder = temporaryFolder();
    let atMs = AT_MS;
    const journal = await open(folder, { now: () => atMs });
    for (let day = 0; day < 33; day++) {
      await put(journal, 1 + day);
      atMs += DAY_MS;
    }
    await journal.close();
    expect((await idsIn(folder)).length).toBeLessThanOrEqual(32);
    expect(await idsIn(folder)).toContain(idOf(33));
  });

  it('deletes expired files when it rotates', async () => {
    const folder = temporaryFolder();
    let atMs = AT_MS;
    const journal = await open(folder, { limits: { mainBytes: 1 }, now: () => atMs });
    await put(journal, 1);
    await put(journal, 2);
    atMs += 31 * DAY_MS;
    await put(journal, 3);
    await journal.close();
    expect(await idsIn(folder)).toEqual([2, 3].map(idOf));
  });

  it('continues in the same file where it cannot be renamed', async () => {
    const folder = temporaryFolder();
    let now = AT_MS;
    // Not a moment that a file can be named for.
    const journal = await open(folder, { limits: { mainBytes: 1 }, now: () => now });
    await put(journal, 1);
    now = Number.NaN;
    await put(journal, 2);
    await put(journal, 3);
    await journal.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('journal'))).toEqual(['journal.ndjson']);
    expect(await idsIn(folder)).toEqual([1, 2, 3].map(idOf));
  });
});

/** Files of a folder that were deleted and still take room, as this process holds them open. */
function deletedOpen(folder: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map((fd) => readLink(`/proc/self/fd/${fd}`))
    .filter((path) => path.startsWith(folder) && path.endsWith(' (deleted)'));
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It was the folder's own, closed by now.
    return '';
  }
}

describe('a rejected body', () => {
  it('is stored apart, with size, hash and at most 32 KiB', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const large = Buffer.alloc(40_000, 'ab');
    await journal.reject(rejected(1), Buffer.from('hello'));
    await journal.reject(rejected(2), large);
    await journal.reject(rejected(3), Buffer.alloc(0));
    await journal.close();
    const [small, cut, empty] = linesIn(join(folder, 'rejected.ndjson')).map((line) => JSON.parse(line));
    expect(small).toMatchObject({
      type: 'rejected',
      ...rejected(1),
      bytes: 5,
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      bodyBase64: 'aGVsbG8=',
    });
    expect(cut.bytes).toBe(40_000);
    expect(Buffer.from(cut.bodyBase64, 'base64').equals(large.subarray(0, 32 * 1024))).toBe(true);
    expect(empty).toMatchObject({ bytes: 0, bodyBase64: '' });
    expect(linesIn(mainOf(folder))).toEqual([]);
  });

  it.each([
    [
      '{"password":"s3cr3t","notification_type":"DID_RENEW"',
      '{"password":"[redacted]","notification_type":"DID_RENEW"',
    ],
    ['[{"Password" : "s3cr3t"}]', '[{"Password" : "[redacted]"}]'],
    [
      String.raw`{"body":"{\"password\":\"s3cr3t\",\"a\":1}"}`,
      String.raw`{"body":"{\"password\":\"[redacted],\"a\":1}"}`,
    ],
    ['password=s3cr3t&notification_type=DID_RENEW', 'password=[redacted]&notification_type=DID_RENEW'],
    ['{"password":"s3cr3t\xff"}', '{"password":"[redacted]"}'],
    ['{"password":"[redacted]"}', '{"password":"[redacted]"}'],
  ])('is kept without the shared secret of a version 1 notification: %s', async (body, kept) => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await journal.reject(rejected(1), Buffer.from(body, 'latin1'));
    await journal.close();
    const record = JSON.parse(linesIn(join(folder, 'rejected.ndjson'))[0]!);
    expect(Buffer.from(record.bodyBase64, 'base64').toString('latin1')).toBe(kept);
    expect(record.bytes).toBe(body.length);
  });

  it('is a part of a larger buffer where it came as one', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await journal.reject(rejected(1), Buffer.from('say hello there').subarray(4, 9));
    await journal.close();
    expect(linesIn(join(folder, 'rejected.ndjson'))[0]).toContain('"bodyBase64":"aGVsbG8="');
  });

  it('never exceeds its limit: the oldest are deleted first', async () => {
    const folder = temporaryFolder();
    const limits = { rejectedBytes: 20_000, rejectedTotalBytes: 60_000 };
    let atMs = AT_MS;
    const journal = await open(folder, { limits, now: () => atMs++ });
    const total = (): number =>
      readdirSync(folder)
        .filter((name) => name.startsWith('rejected'))
        .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    let most = 0;
    for (let n = 0; n < 100; n++) {
      await journal.reject(rejected(n), Buffer.alloc(3000));
      most = Math.max(most, total());
    }
    expect(deletedOpen(folder)).toEqual([]);
    await put(journal, 1000);
    await journal.close();
    expect(most).toBeLessThanOrEqual(60_000);
    expect(most).toBeGreaterThan(40_000);
    const ids = (await readAll(folder)).records
      .filter(({ type }) => type === 'rejected')
      .map((one) => (one as { id: string }).id);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, n) => idOf(100 - ids.length + n)));
    const again = await open(folder, { limits: { rejectedBytes: 20_000, rejectedTotalBytes: 20_000 } });
    await again.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('rejected'))).toEqual(['rejected.ndjson']);
  });

  it('has 100 MiB in files of 10 MiB by default', () =>
    expect(DEFAULT_JOURNAL_LIMITS).toEqual({
      totalBytes: 2_147_483_648,
      mainBytes: 67_108_864,
      rejectedBytes: 10_485_760,
      rejectedTotalBytes: 104_857_600,
      retentionMs: 30 * DAY_MS,
      openMs: DAY_MS,
    }));
});

describe('a read that fails while the journal is open', () => {
  it('is a usage error', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    await put(journal, 1);
    renameSync(folder, `${folder}-away`);
    writeFileSync(folder, 'no folder');
    const error = { kind: 'usage', code: 'ERR_JOURNAL_READ', message: expect.stringContaining('ENOTDIR') };
    await expect(journal.catchUp()).rejects.toMatchObject(error);
    rmSync(folder);
    renameSync(`${folder}-away`, folder);
    await journal.catchUp();
    await journal.close();
  });
});

describe('the size limit', () => {
  it('refuses receipts, but not records of deliveries, until records were deleted', async () => {
    const folder = temporaryFolder();
    let atMs = AT_MS;
    const earlier = join(folder, 'journal-20261101T090000000Z.ndjson');
    writeFileSync(earlier, `${'{}\n'.repeat(1_000)}`);
    const journal = await open(folder, { now: () => atMs, limits: { totalBytes: 7_000 } });
    let count = 0;
    const fill = async (): Promise<void> => {
      for (; ; count++) await put(journal, count);
    };
    const full = { kind: 'usage', code: 'ERR_JOURNAL_FULL' };
    await expect(fill()).rejects.toMatchObject(full);
    expect(count).toBeGreaterThan(3);
    expect(journal.usage()).toEqual({ bytes: 3_000 + statSync(mainOf(folder)).size, limitBytes: 7_000 });
    await journal.note(delivery(1));
    rmSync(earlier);
    await expect(put(journal, 50)).rejects.toMatchObject(full);
    atMs += 1_000;
    await put(journal, 51);
    await journal.close();
  });

  it('counts the files of earlier runs, but no rejected bodies', async () => {
    const folder = temporaryFolder();
    const first = await open(folder);
    await put(first, 1);
    await first.reject(rejected(2), Buffer.alloc(10_000));
    await first.close();
    const again = await open(folder, { limits: { totalBytes: 1_000 } });
    expect(again.usage().bytes).toBe(statSync(mainOf(folder)).size);
    await again.close();
  });
});

describe('a repeat without a body', () => {
  const withContent = (n: number, overrides: Partial<ReceiptHead>): ReceiptHead => {
    const head = receipt(n, overrides);
    return { ...head, facts: { ...head.facts, uuid: uuidOf(1), content: 'c'.repeat(32) } };
  };

  it('gets the body of the first receipt, also after a restart and from other commands', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const first = withContent(1, {});
    expect(await journal.holderOfBody(first.facts)).toBeNull();
    await journal.append(first, literalOf(bodyOf(1)));
    expect(await journal.holderOfBody(first.facts)).toBe(idOf(1));
    expect(await journal.holderOfBody({ ...first.facts, content: 'd'.repeat(32) })).toBeNull();
    const repeat = withContent(2, { repeatOf: idOf(1), bodyOf: idOf(1) });
    const ref = await journal.append(repeat, literalOf(bodyOf(1)));
    expect(JSON.parse(linesIn(mainOf(folder))[1]!)).toMatchObject({ bodyOf: idOf(1), body: '' });
    expect((await journal.readReceipt(ref)).body).toBe(bodyOf(1).toString());
    await journal.close();
    const again = await open(folder);
    expect((await again.readReceipt(ref)).body).toBe(bodyOf(1).toString());
    await again.close();
    const [, stored] = (await readAll(folder)).stored;
    expect(Buffer.from(await readRecordedBody(folder, stored!.location)).equals(bodyOf(1))).toBe(true);
  });

  it('is no holder itself, so that the next repeat keeps its body', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const orphan = withContent(2, { repeatOf: idOf(1), bodyOf: idOf(1) });
    const ref = await journal.append(orphan, literalOf(bodyOf(1)));
    await expect(journal.readReceipt(ref)).rejects.toMatchObject({ code: 'ERR_JOURNAL_READ' });
    expect(await journal.holderOfBody(orphan.facts)).toBeNull();
    await journal.close();
  });

  it('is not written once the file of the first receipt was moved away', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const first = withContent(1, {});
    await journal.append(first, literalOf(bodyOf(1)));
    renameSync(mainOf(folder), join(folder, 'away'));
    await expect(put(journal, 5)).rejects.toMatchObject({ code: 'ERR_JOURNAL_WRITE' });
    expect(await journal.holderOfBody(first.facts)).toBeNull();
    await journal.close();
  });
});

describe('a body of 1 MiB', () => {
  it('comes back as it was', async () => {
    const folder = temporaryFolder();
    const journal = await open(folder);
    const body = Buffer.from(`{"signedPayload":"x"${'\n'.repeat(1024 * 1024 - 21)}}`);
    const ref = await journal.append(receipt(1, { bytes: body.length }), literalOf(body));
    await put(journal, 2);
    expect(Buffer.from((await journal.readReceipt(ref)).body).equals(body)).toBe(true);
    await journal.close();
    expect(await idsIn(folder)).toEqual([1, 2].map(idOf));
  });
});
