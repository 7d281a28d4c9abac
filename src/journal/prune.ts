import { lstat, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import { parseHead } from './encoding.js';
import { closeFd, readerOf, readLines, syncFolder } from './file-io.js';
import { DRAFT_ENDING, FILE_MODE, type JournalFile, listFiles, writeError } from './files.js';
import { isBeingWritten, type LockOptions, takeLock } from './lock.js';
import { openListed, scanFile } from './scan.js';

/** What is to go of one file. */
interface FilePlan {
  readonly file: JournalFile;
  /** `delete`: nothing in it stays. `rewrite`: what stays is put into a new file that takes its place. */
  readonly action: 'delete' | 'rewrite';
  /** Records that go. */
  readonly records: number;
  /** Bytes that are freed. */
  readonly bytes: number;
}

export interface PrunePlan {
  readonly folder: string;
  /** What was received or done before this moment goes. */
  readonly beforeMs: number;
  readonly files: readonly FilePlan[];
  /** Of all files together. */
  readonly records: number;
  readonly bytes: number;
  /** A listener is running: what has to be rewritten stays for now, and is not in the plan. */
  readonly isInUse: boolean;
}

/** Works out what pruning would do; changes nothing. A torn line goes with the file it is in, or stays in it. */
export async function planPrune(
  folder: string,
  { olderThanMs, nowMs }: { readonly olderThanMs: number; readonly nowMs: number },
): Promise<PrunePlan> {
  const beforeMs = nowMs - olderThanMs;
  const isInUse = await isBeingWritten(folder);
  const files: FilePlan[] = [];
  for (const file of await listFiles(folder)) {
    const plan = await planFile(file, beforeMs, isInUse);
    if (plan !== null) files.push(plan);
  }
  const sum = (field: 'records' | 'bytes'): number => files.reduce((total, plan) => total + plan[field], 0);
  return { folder, beforeMs, files, records: sum('records'), bytes: sum('bytes'), isInUse };
}

/**
 * Carries out a plan. Holds the journal's lock meanwhile where files are rewritten, so that no listener starts on what is being replaced:
 * throws `ERR_JOURNAL_IN_USE` where one was quicker, `ERR_JOURNAL_CHANGED` where one came and went since the plan was made, before
 * anything is changed.
 */
export async function prune({ folder, beforeMs, files, isInUse }: PrunePlan, options: LockOptions): Promise<void> {
  if (files.length === 0) return;
  const lock = isInUse ? null : await takeLock(folder, { startedBy: 'storewire journal prune', ...options });
  try {
    for (const { file } of files) if (!(await isAsPlanned(file))) throw changed(folder);
    // Deleted first: to rewrite takes room.
    for (const { file, action } of files) if (action === 'delete') await rm(file.path, { force: true });
    for (const { file, action } of files) if (action === 'rewrite') await rewrite(file, beforeMs);
    await syncFolder(join(folder, 'any'));
  } catch (cause) {
    throw cause instanceof ToolError ? cause : writeError(folder, cause);
  } finally {
    await lock?.release();
  }
}

/**
 * Takes what is older out of the files that are written to, which are rotated by size and may hold it for ever. For whoever holds the lock,
 * before they are opened.
 */
export async function dropOld(folder: string, beforeMs: number): Promise<void> {
  for (const file of await listFiles(folder)) {
    if (file.stampMs !== null || !((await oldestMs(file)) < beforeMs)) continue;
    const plan = await planFile(file, beforeMs, false);
    if (plan?.action === 'delete') await rm(file.path, { force: true });
    if (plan?.action === 'rewrite') await rewrite(file, beforeMs);
  }
}

/** When the first record of a file was made: those behind it are younger. NaN where it has none. */
async function oldestMs(file: JournalFile): Promise<number> {
  for await (const { found } of scanFile(file, { onTear: () => undefined })) {
    if (found[0] !== undefined) return found[0].record.atMs;
  }
  return Number.NaN;
}

/** Whether the name still leads to the file, and nothing was added to it; so it is where the file is gone, too. */
async function isAsPlanned({ path, inode, bytes }: JournalFile): Promise<boolean> {
  try {
    const { ino, size } = await lstat(path);
    return ino === inode && size === bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

function changed(folder: string): ToolError {
  const message = `something was added to the journal in ${folder} meanwhile, so nothing was deleted`;
  return new ToolError('usage', 'ERR_JOURNAL_CHANGED', message, { hint: 'Run it again.' });
}

async function planFile(file: JournalFile, beforeMs: number, isInUse: boolean): Promise<FilePlan | null> {
  const isOpen = file.stampMs === null;
  if (isOpen && isInUse) return null;
  let [records, bytes, staying] = [0, 0, 0];
  for await (const { found } of scanFile(file, { onTear: () => undefined })) {
    for (const one of found) {
      if (one.record.atMs >= beforeMs) staying += 1;
      else [records, bytes] = [records + 1, bytes + one.bytes];
    }
  }
  const isOver = isOpen || file.youngestMs! < beforeMs || file.kind !== 'replay';
  if (staying === 0 && isOver && file.bytes > 0) return { file, action: 'delete', records, bytes: file.bytes };
  const canRewrite = records > 0 && !isInUse && file.kind !== 'replay';
  return canRewrite ? { file, action: 'rewrite', records, bytes } : null;
}

/** What stays, line by line as it stands, into a new file; then that one takes the place of the old. */
async function rewrite(file: JournalFile, beforeMs: number): Promise<void> {
  const fd = await openListed(file);
  if (fd === null) return;
  const draft = file.path.replace(/\.ndjson$/, DRAFT_ENDING);
  try {
    // Made anew: what a killed run left, or a link that a clone brought, is not written through.
    await rm(draft, { force: true });
    const kept = await open(draft, 'wx', FILE_MODE);
    try {
      for await (const lines of readLines(readerOf(fd))) {
        const staying = lines.filter(({ text }) => (parseHead(text)?.atMs ?? beforeMs) >= beforeMs);
        await kept.appendFile(Buffer.concat(staying.flatMap(({ text }) => [text, NEWLINE])));
      }
      await kept.sync();
    } finally {
      await kept.close();
    }
    await rename(draft, file.path);
  } finally {
    await closeFd(fd);
  }
}

const NEWLINE = Buffer.from('\n');
