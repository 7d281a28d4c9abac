import { constants } from 'node:fs';
import { link, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolError } from '../errors.js';
import { FILE_MODE, writeError } from './files.js';

export const LOCK_FILE = 'listen.lock';

export interface LockOptions {
  readonly now: () => number;
  readonly pid: number;
  /** Whether a process of this number runs. */
  readonly isRunning: (pid: number) => boolean;
  /** The command that holds it, for those who are refused: `storewire listen`. */
  readonly startedBy?: string;
}

/** Who holds the lock. */
interface Holder {
  readonly pid: number;
  /** When the process was started, in the system's own ticks; null where the system does not tell. */
  readonly start: string | null;
  readonly atMs: number;
  readonly startedBy: string;
}

interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the journal of a folder for this process. A lock whose holder is gone (`kill -9`, power cut) is taken over; only one of several
 * who try can. Throws usage errors `ERR_JOURNAL_IN_USE`, which names the holder, and `ERR_JOURNAL_WRITE`.
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
      while (!(await contend(path, draft, own, options)));
    } finally {
      await unlink(draft).catch(passOverMissing);
    }
  } catch (cause) {
    throw cause instanceof ToolError ? cause : writeError(path, cause);
  }
  return { release: () => release(path, own) };
}

/** Whether somebody may be writing to the journal now: certain on Linux, elsewhere as long as there is a lock. */
export async function isBeingWritten(folder: string): Promise<boolean> {
  const holder = parseHolder(await readLock(join(folder, LOCK_FILE)).catch(noneWhereLink));
  return holder !== null && (await isAlive(holder, () => true));
}

/**
 * One try; false where others were quicker and it is worth another. Each stale lock is succeeded by whoever makes the file that is named
 * after its holder; should that one be killed, by whoever makes the file named after it in turn. The one at the end of that row, if all
 * of it still stands, moves its own lock into place. A file is never taken for stale and then found to be somebody else's.
 */
async function contend(path: string, draft: string, own: Holder, options: LockOptions): Promise<boolean> {
  const row: { readonly path: string; readonly text: string }[] = [];
  for (let place = path; ; ) {
    if (await linkNew(draft, place)) {
      if (place === path) return true;
      return succeed(path, draft, place, row);
    }
    const text = await readLock(place);
    if (text === null) return false;
    const holder = parseHolder(text);
    if (holder === null || (await isAlive(holder, options.isRunning))) throw inUse(path, place, holder, own);
    row.push({ path: place, text });
    place = `${path}.${keyOf(holder)}`;
  }
}

/** The lock as it will be, under a name of its own. Where there is one, another part of this very process is taking the lock. */
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

async function succeed(
  path: string,
  draft: string,
  claim: string,
  row: readonly { readonly path: string; readonly text: string }[],
): Promise<boolean> {
  const stands = await Promise.all(row.map(async (stale) => (await readLock(stale.path)) === stale.text));
  const isOurs = stands.every((still) => still);
  if (isOurs) await rename(draft, path);
  const claims = isOurs ? [...row.slice(1).map((stale) => stale.path), claim] : [claim];
  for (const done of claims) await unlink(done).catch(passOverMissing);
  return isOurs;
}

async function release(path: string, own: Holder): Promise<void> {
  const holder = parseHolder(await readLock(path));
  if (holder !== null && keyOf(holder) === keyOf(own)) await unlink(path).catch(passOverMissing);
}

/** Puts the whole file there at once, or finds that there is one. */
async function linkNew(draft: string, place: string): Promise<boolean> {
  try {
    await link(draft, place);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== undefined && WITHOUT_LINKS.has(code)) return copyNew(draft, place);
    throw error;
  }
}

/** File systems without hard links. */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

async function copyNew(draft: string, place: string): Promise<boolean> {
  const text = await readFile(draft, 'utf8');
  try {
    const file = await open(place, 'wx', FILE_MODE);
    await file.writeFile(text).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null where there is none. Not through a symbolic link: one that leads nowhere could be neither read nor taken over. */
async function readLock(path: string): Promise<string | null> {
  try {
    return await readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) });
  } catch (error) {
    passOverMissing(error);
    return null;
  }
}

function passOverMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** A link is never a lock: no listener begins on it. */
function noneWhereLink(error: NodeJS.ErrnoException): null {
  if (error.code === 'ELOOP') return null;
  throw error;
}

/** Null for what is no lock of ours, which is then nobody's to take over. */
function parseHolder(text: string | null): Holder | null {
  try {
    const { pid, start, atMs, startedBy } = JSON.parse(text ?? '') as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(atMs)) return null;
    if (start !== null && !/^\d{1,20}$/.test(String(start))) return null;
    const isPlain = /^[\w .-]{1,40}$/.test(String(startedBy));
    return { pid: pid!, start: start!, atMs: atMs!, startedBy: isPlain ? startedBy! : 'another command' };
  } catch {
    // Not even JSON: said of the lock as a whole.
    return null;
  }
}

/** Names one process among all that ever ran: numbers are used again, but not with the same start. */
function keyOf({ pid, start, atMs }: Holder): string {
  return `${pid}-${start ?? atMs}`;
}

/** Where the system tells when a process was started, that decides; a number alone may be somebody else's by now. */
async function isAlive({ pid, start }: Holder, isRunning: (pid: number) => boolean): Promise<boolean> {
  return isRunning(pid) && (start === null || (await readStart(pid)) === start);
}

/** When a process was started; `ended` for one that nobody has buried yet; null on other systems than Linux. See proc_pid_stat(5). */
async function readStart(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  // Behind the name, which may hold anything: the state is field 3, the start field 22.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? null);
}

function inUse(path: string, place: string, holder: Holder | null, own: Holder): ToolError {
  const who = holder === null ? 'somebody' : `${holder.startedBy} (process ${holder.pid})`;
  const hint =
    holder !== null && own.start !== null
      ? `Stop process ${holder.pid}, or start this one in another folder.`
      : `Stop it, or start this one in another folder. If it does not run any more, delete ${place}.`;
  return new ToolError('usage', 'ERR_JOURNAL_IN_USE', `the journal in ${dirname(path)} is in use by ${who}`, { hint });
}
