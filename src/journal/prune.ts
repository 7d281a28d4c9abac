import { lstat, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import { parseHead } from './encoding.js';
import { closeFd, readerOf, readLines, syncFolder } from './file-io.js';
import { DRAFT_ENDING, FILE_MODE, type JournalFile, journalWriteError, listFiles } from './files.js';
import { indexPathOf } from './index/index-file.js';
import { isBeingWritten, type LockOptions, takeLock } from './lock.js';
import { openListed, scanFile } from './scan.js';

/** Changes to one file. */
interface FilePlan {
  readonly file: JournalFile;
  /** `delete`: all its records are old. `rewrite`: a new file with the remaining records replaces it. */
  readonly action: 'delete' | 'rewrite';
  /** Records that are deleted. */
  readonly records: number;
  /** Bytes that are freed. */
  readonly bytes: number;
}

export interface PrunePlan {
  readonly folder: string;
  /** Records from before this time (ms) are deleted. */
  readonly beforeMs: number;
  readonly files: readonly FilePlan[];
  /** Total of all files. */
  readonly records: number;
  readonly bytes: number;
  /** A listener is running, so that no file can be rewritten; those files are not in the plan. */
  readonly isInUse: boolean;
}

/** Plans a pruning; changes nothing. A torn line is deleted with its file, or stays in it. */
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
 * Carries out a plan. Holds the journal's lock where files are rewritten, so that no listener starts on a file being replaced. Throws before
 * any change: `ERR_JOURNAL_IN_USE` where a listener was started, `ERR_JOURNAL_CHANGED` where one was started and stopped since the plan.
 */
export async function prune({ folder, beforeMs, files, isInUse }: PrunePlan, options: LockOptions): Promise<void> {
  if (files.length === 0) return;
  const lock = isInUse ? null : await takeLock(folder, { startedBy: 'storewire journal prune', ...options });
  try {
    for (const { file } of files) if (!(await isAsPlanned(file))) throw changed(folder);
    // Deleted first, since rewriting takes disk space.
    for (const { file, action } of files) if (action === 'delete') await deleteIfThere(file.path);
    for (const { file, action } of files) if (action === 'rewrite') await rewrite(file, beforeMs);
    await syncFolder(join(folder, 'any'));
  } catch (cause) {
    throw cause instanceof ToolError ? cause : journalWriteError(folder, cause);
  } finally {
    await lock?.release();
  }
}

/**
 * Deletes old records from the files that are still written to, which are rotated by size and could hold them forever. The caller holds the
 * lock and has not opened the files yet.
 */
export async function deleteOld(folder: string, beforeMs: number): Promise<void> {
  for (const file of await listFiles(folder)) {
    if (file.stampMs !== null || !((await oldestMs(file)) < beforeMs)) continue;
    const plan = await planFile(file, beforeMs, false);
    if (plan?.action === 'delete') await deleteIfThere(file.path);
    if (plan?.action === 'rewrite') await rewrite(file, beforeMs);
  }
}

/** Time of the first record of a file, which is its oldest. NaN where there is none. */
async function oldestMs(file: JournalFile): Promise<number> {
  for await (const { found } of scanFile(file, { onDamagedLine: () => undefined })) {
    if (found[0] !== undefined) return found[0].record.atMs;
  }
  return Number.NaN;
}

/** True if the path still leads to the same file with the same size, or the file is gone. */
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
  const message = `the journal in ${folder} has changed in the meantime, so nothing was deleted`;
  return new ToolError('usage', 'ERR_JOURNAL_CHANGED', message, { hint: 'Run it again.' });
}

async function planFile(file: JournalFile, beforeMs: number, isInUse: boolean): Promise<FilePlan | null> {
  const isOpen = file.stampMs === null;
  if (isOpen && isInUse) return null;
  let [records, bytes, remaining] = [0, 0, 0];
  for await (const { found } of scanFile(file, { onDamagedLine: () => undefined })) {
    for (const line of found) {
      if (line.record.atMs >= beforeMs) remaining += 1;
      else [records, bytes] = [records + 1, bytes + line.bytes];
    }
  }
  const hasEnded = isOpen || file.newestMs! < beforeMs || file.kind !== 'replay';
  if (remaining === 0 && hasEnded && file.bytes > 0) return { file, action: 'delete', records, bytes: file.bytes };
  const canRewrite = records > 0 && !isInUse && file.kind !== 'replay';
  return canRewrite ? { file, action: 'rewrite', records, bytes } : null;
}

/** The listener may have deleted it meanwhile. */
async function deleteIfThere(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(indexPathOf(path), { force: true });
}

/** Copies the remaining lines unchanged to a new file, which then replaces the old one. */
async function rewrite(file: JournalFile, beforeMs: number): Promise<void> {
  const fd = await openListed(file);
  if (fd === null) return;
  const draft = file.path.replace(/\.ndjson$/, DRAFT_ENDING);
  try {
    // Removed first: the draft of a killed run, or a link in a cloned repository, must not be written through.
    await rm(draft, { force: true });
    const copy = await open(draft, 'wx', FILE_MODE);
    try {
      for await (const lines of readLines(readerOf(fd))) {
        const remaining = lines.filter(({ text }) => (parseHead(text)?.atMs ?? beforeMs) >= beforeMs);
        await copy.appendFile(Buffer.concat(remaining.flatMap(({ text }) => [text, NEWLINE])));
      }
      await copy.sync();
    } finally {
      await copy.close();
    }
    await rename(draft, file.path);
    await rm(indexPathOf(file.path), { force: true });
  } finally {
    await closeFd(fd);
  }
}

const NEWLINE = Buffer.from('\n');
