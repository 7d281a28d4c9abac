import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isBeingWritten, LOCK_FILE, type LockOptions, takeLock } from '../../../src/journal/lock.js';
import { run, useBuiltJournal } from './process.js';
import { AT_MS, temporaryFolder } from './records.js';

const isLinux = process.platform === 'linux';

/** The only running processes. */
function options(pid: number, ...running: readonly number[]): LockOptions {
  return { now: () => AT_MS, pid, isRunning: (other) => running.includes(other) };
}

/** Ids that no process has: Linux assigns at most 4,194,304. */
const [GONE, OTHER, THIRD] = [7_000_001, 7_000_002, 7_000_003];

const lockOf = (folder: string): string => join(folder, LOCK_FILE);
const holderIn = (folder: string): unknown => JSON.parse(readFileSync(lockOf(folder), 'utf8'));

function leave(path: string, pid: number, start: string | null = '123'): void {
  writeFileSync(path, `${JSON.stringify({ pid, start, atMs: AT_MS, startedBy: 'storewire listen' })}\n`);
}

describe('takeLock', () => {
  it('creates a file for its owner only that names the holder', async () => {
    const folder = temporaryFolder();
    const lock = await takeLock(folder, options(process.pid));
    expect(readdirSync(folder).filter((name) => name !== 'owner.json')).toEqual([LOCK_FILE]);
    expect(statSync(lockOf(folder)).mode & 0o777).toBe(0o600);
    expect(holderIn(folder)).toEqual({
      pid: process.pid,
      start: isLinux ? expect.stringMatching(/^\d+$/) : null,
      atMs: AT_MS,
      startedBy: 'storewire listen',
    });
    await lock.release();
    expect(readdirSync(folder)).toEqual(['owner.json']);
  });

  it('is refused while the holder runs, and names it', async () => {
    const folder = temporaryFolder();
    const lock = await takeLock(folder, { ...options(process.pid, process.pid), startedBy: 'storewire listen' });
    await expect(takeLock(folder, options(OTHER, process.pid))).rejects.toMatchObject({
      kind: 'usage',
      code: 'ERR_JOURNAL_IN_USE',
      message: expect.stringContaining(`storewire listen (process ${process.pid})`),
    });
    expect(readdirSync(folder).filter((name) => name !== 'owner.json')).toEqual([LOCK_FILE]);
    await lock.release();
    await (await takeLock(folder, options(OTHER))).release();
  });

  it('is refused a second time in one process', async () => {
    const folder = temporaryFolder();
    await takeLock(folder, options(process.pid, process.pid));
    const second = takeLock(folder, options(process.pid, process.pid));
    await expect(second).rejects.toMatchObject({ code: 'ERR_JOURNAL_IN_USE' });
  });

  it('names the file to delete where the system reports no start times', async () => {
    const folder = temporaryFolder();
    leave(lockOf(folder), OTHER, null);
    const error = await takeLock(folder, options(THIRD, OTHER)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_JOURNAL_IN_USE', hint: expect.stringContaining(lockOf(folder)) });
  });

  it.each([
    ['empty', ''],
    ['something else', 'hello'],
    ['without a process', '{"pid":"x","start":null,"atMs":1,"startedBy":"listen"}'],
    ['with a way out of the folder', '{"pid":1,"start":"../../x","atMs":1,"startedBy":"listen"}'],
  ])('does not take over a lock that is %s, and says what to delete', async (_case, text) => {
    const folder = temporaryFolder();
    writeFileSync(lockOf(folder), text);
    const error = await takeLock(folder, options(OTHER)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_JOURNAL_IN_USE', hint: expect.stringContaining(lockOf(folder)) });
    expect(readFileSync(lockOf(folder), 'utf8')).toBe(text);
  });

  it('prints nothing raw of the lock', async () => {
    const folder = temporaryFolder();
    writeFileSync(lockOf(folder), JSON.stringify({ pid: OTHER, start: null, atMs: 1, startedBy: '\u001b[2J' }));
    const error = await takeLock(folder, options(THIRD, OTHER)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringMatching(/^[\x20-\x7e]+$/) });
  });

  it('takes over a stale lock', async () => {
    const folder = temporaryFolder();
    leave(lockOf(folder), GONE);
    const lock = await takeLock(folder, options(OTHER));
    expect(holderIn(folder)).toMatchObject({ pid: OTHER });
    expect(readdirSync(folder).filter((name) => name !== 'owner.json')).toEqual([LOCK_FILE]);
    await lock.release();
  });

  it.runIf(isLinux)('takes over where the number was given to another process meanwhile', async () => {
    const folder = temporaryFolder();
    leave(lockOf(folder), process.pid, '1');
    await (await takeLock(folder, options(OTHER, process.pid))).release();
    expect(existsSync(lockOf(folder))).toBe(false);
  });

  it('takes over from a process that was killed during a takeover', async () => {
    const folder = temporaryFolder();
    leave(lockOf(folder), GONE);
    leave(`${lockOf(folder)}.${GONE}-123`, OTHER, '456');
    leave(`${lockOf(folder)}.${OTHER}-456`, THIRD, '789');
    const lock = await takeLock(folder, options(process.pid));
    expect(holderIn(folder)).toMatchObject({ pid: process.pid });
    expect(readdirSync(folder).filter((name) => name !== 'owner.json')).toEqual([LOCK_FILE]);
    await lock.release();
  });

  it('is refused while another process takes over', async () => {
    const folder = temporaryFolder();
    leave(lockOf(folder), GONE);
    leave(`${lockOf(folder)}.${GONE}-123`, OTHER, null);
    const error = takeLock(folder, options(process.pid, OTHER));
    await expect(error).rejects.toMatchObject({
      code: 'ERR_JOURNAL_IN_USE',
      message: expect.stringContaining(`${OTHER}`),
    });
    expect(holderIn(folder)).toMatchObject({ pid: GONE });
  });

  it('is refused where the lock is a symbolic link, dangling or not', async () => {
    for (const target of ['/dev/null', '/nowhere/at/all']) {
      const folder = temporaryFolder();
      symlinkSync(target, lockOf(folder));
      const error = { code: 'ERR_JOURNAL_WRITE', message: expect.stringContaining('it is a symbolic link') };
      await expect(takeLock(folder, options(OTHER))).rejects.toMatchObject(error);
      expect(await isBeingWritten(folder)).toBe(false);
    }
  });

  it('does not release a lock that another process holds by now', async () => {
    const folder = temporaryFolder();
    const lock = await takeLock(folder, options(GONE));
    const after = await takeLock(folder, options(OTHER));
    await lock.release();
    expect(holderIn(folder)).toMatchObject({ pid: OTHER });
    await after.release();
  });

  it('names the cause where it cannot be created', async () => {
    const missing = takeLock(join(temporaryFolder(), 'missing'), options(OTHER));
    await expect(missing).rejects.toMatchObject({ code: 'ERR_JOURNAL_WRITE' });
  });
});

describe('isBeingWritten', () => {
  it('distinguishes a journal in use from a stale lock', async () => {
    const folder = temporaryFolder();
    expect(await isBeingWritten(folder)).toBe(false);
    const lock = await takeLock(folder, options(process.pid));
    expect(await isBeingWritten(folder)).toBe(true);
    await lock.release();
    expect(await isBeingWritten(folder)).toBe(false);
    leave(lockOf(folder), GONE);
    expect(await isBeingWritten(folder)).toBe(!isLinux);
  });
});

describe('many processes', () => {
  const builtJournal = useBuiltJournal();
  const OPEN = `
    const { openJournal } = await import(process.argv[1]);
    const isRunning = (pid) => { try { process.kill(pid, 0); return true; } catch { return false; } };
    try {
      await openJournal(process.argv[2], { now: Date.now, pid: process.pid, isRunning });
      console.log('open');
      setInterval(() => {}, 1000);
    } catch (error) {
      console.log(error.code);
    }`;

  it('a lock survives kill -9 of its holder: of many who then try, one gets it, time and again', async () => {
    const folder = temporaryFolder();
    for (let round = 0; round < 5; round++) {
      const rivals = Array.from({ length: 6 }, () => run(OPEN, builtJournal(), folder));
      const said = await Promise.all(rivals.map((rival) => rival.next()));
      expect(said.toSorted()).toEqual([...Array<string>(5).fill('ERR_JOURNAL_IN_USE'), 'open']);
      expect(readdirSync(folder).filter((name) => name.startsWith(LOCK_FILE))).toEqual([LOCK_FILE]);
      await Promise.all(rivals.map((rival) => (rival.child.exitCode === null ? rival.kill() : null)));
    }
  });
});
