import { constants } from 'node:fs';
import { link, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolError } from '../errors.js';
import { FILE_MODE, journalWriteError } from './files.js';

export const LOCK_FILE = 'listen.lock';

export interface LockOptions {
  readonly now: () => number;
  readonly pid: number;
  /** True if a process with this id is running. */
  readonly isRunning: (pid: number) => boolean;
  /** Command named in the error of a process that is refused; `storewire listen` where left out. */
  readonly startedBy?: string;
}

/** Process that holds the lock, as recorded in the lock file. */
interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks of the system; null where the system does not report it. */
  readonly start: string | null;
  readonly atMs: number;
  readonly startedBy: string;
}

interface Lock {
  release(): Promise<void>;
}

/**
 * Locks the journal of a folder for this process. A stale lock, whose holder is gone (`kill -9`, power cut), is taken over by exactly one
 * of the processes that try. Throws usage errors `ERR_JOURNAL_IN_USE`, which names the holder, and `ERR_JOURNAL_WRITE`.
 */
export async function takeLock(folder: string, options: LockOptions): Promise<Lock> {
  const path = join(folder, LOCK_FILE);
  const own: Holder = {
    pid: options.pid,
    start: await readStart(options.pid),
    atMs: options.now(),
    startedBy: options.startedBy ?? 'storewire listen',
  };
  try {
    const draft = await writeDraft(path, own);
    try {
      while (!(await tryLock(path, draft, own, options)));
    } finally {
      await unlink(draft).catch(ignoreMissing);
    }
  } catch (cause) {
    throw cause instanceof ToolError ? cause : journalWriteError(path, cause);
  }
  return { release: () => release(path, own) };
}

/** True while another process may be writing to the journal: exact on Linux, elsewhere true as long as there is a lock. */
export async function isBeingWritten(folder: string): Promise<boolean> {
  const holder = parseHolder(await readLock(join(folder, LOCK_FILE)).catch(nullIfLink));
  return holder !== null && (await isAlive(holder, () => true));
}

/**
 * Tries to lock once; false where another process was faster and a retry is useful. A process takes over a stale lock by creating the claim
 * file named after its holder; if the claimant is killed in turn, the next process creates the claim named after the claimant. The process
 * at the end of this chain moves its own lock into place, provided that the whole chain is unchanged. So no process deletes a lock as
 * stale after another one has replaced it.
 */
async function tryLock(path: string, draft: string, own: Holder, options: LockOptions): Promise<boolean> {
  const staleLocks: LockText[] = [];
  for (let claim = path; ; ) {
    if (await linkNew(draft, claim)) {
      if (claim === path) return true;
      return takeOver(path, draft, claim, staleLocks);
    }
    const text = await readLock(claim);
    if (text === null) return false;
    const holder = parseHolder(text);
    if (holder === null || (await isAlive(holder, options.isRunning))) throw inUse(path, claim, holder, own);
    staleLocks.push({ path: claim, text });
    claim = `${path}.${keyOf(holder)}`;
  }
}

/** Writes the lock file under a temporary name. If that exists, another part of this process is taking the lock. */
async function writeDraft(path: string, own: Holder): Promise<string> {
  const draft = `${path}.${keyOf(own)}.new`;
  try {
    await writeFile(draft, `${JSON.stringify(own)}\n`, { mode: FILE_MODE, flag: 'wx' });
    return draft;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw inUse(path, draft, own, own);
    throw error;
  }
}

interface LockText {
  readonly path: string;
  readonly text: string;
}

/** Replaces the stale lock if no lock of the chain has changed, and deletes the claims; false where one has. */
async function takeOver(path: string, draft: string, claim: string, staleLocks: readonly LockText[]): Promise<boolean> {
  const unchanged = await Promise.all(staleLocks.map(async (stale) => (await readLock(stale.path)) === stale.text));
  const isOurs = unchanged.every((same) => same);
  if (isOurs) await rename(draft, path);
  const claims = isOurs ? [...staleLocks.slice(1).map((stale) => stale.path), claim] : [claim];
  for (const file of claims) await unlink(file).catch(ignoreMissing);
  return isOurs;
}

async function release(path: string, own: Holder): Promise<void> {
  const holder = parseHolder(await readLock(path));
  if (holder !== null && keyOf(holder) === keyOf(own)) await unlink(path).catch(ignoreMissing);
}

/** Creates the file with its whole content at once; false where it exists. */
async function linkNew(draft: string, target: string): Promise<boolean> {
  try {
    await link(draft, target);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== undefined && WITHOUT_LINKS.has(code)) return copyNew(draft, target);
    throw error;
  }
}

/** Error codes of file systems without hard links. */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

async function copyNew(draft: string, target: string): Promise<boolean> {
  const text = await readFile(draft, 'utf8');
  try {
    const file = await open(target, 'wx', FILE_MODE);
    await file.writeFile(text).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Text of a lock file; null where it is missing. Symbolic links are not followed: a dangling one could be neither read nor taken over. */
async function readLock(path: string): Promise<string | null> {
  try {
    return await readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) });
  } catch (error) {
    ignoreMissing(error);
    return null;
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** A symbolic link is no lock: no listener starts on one. */
function nullIfLink(error: NodeJS.ErrnoException): null {
  if (error.code === 'ELOOP') return null;
  throw error;
}

/** Parses a lock file; null for an unknown format, which is never taken over. */
function parseHolder(text: string | null): Holder | null {
  try {
    const { pid, start, atMs, startedBy } = JSON.parse(text ?? '') as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(atMs)) return null;
    if (start !== null && !/^\d{1,20}$/.test(String(start))) return null;
    const isPlain = /^[\w .-]{1,40}$/.test(String(startedBy));
    return { pid: pid!, start: start!, atMs: atMs!, startedBy: isPlain ? startedBy! : 'another command' };
  } catch {
    // Not JSON: the lock as a whole is reported as unknown.
    return null;
  }
}

/** Identifies a process over time: ids are reused, but not with the same start time. */
function keyOf({ pid, start, atMs }: Holder): string {
  return `${pid}-${start ?? atMs}`;
}

/** Compares the start time where the system reports it, since the id alone may belong to another process by now. */
async function isAlive({ pid, start }: Holder, isRunning: (pid: number) => boolean): Promise<boolean> {
  return isRunning(pid) && (start === null || (await readStart(pid)) === start);
}

/** Start time of a process; `ended` for a zombie; null on systems other than Linux. See proc_pid_stat(5). */
async function readStart(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  // The fields follow the name, which may hold any character: the state is field 3, the start time field 22.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? null);
}

function inUse(path: string, claim: string, holder: Holder | null, own: Holder): ToolError {
  const user = holder === null ? 'another process' : `${holder.startedBy} (process ${holder.pid})`;
  const hint =
    holder !== null && own.start !== null
      ? `Stop process ${holder.pid}, or start this one in another folder.`
      : `Stop it, or start this one in another folder. If it is no longer running, delete ${claim}.`;
  return new ToolError('usage', 'ERR_JOURNAL_IN_USE', `the journal in ${dirname(path)} is in use by ${user}`, { hint });
}
