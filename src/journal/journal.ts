import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import { type Appender, openAppender } from './appender.js';
import { type FileCalls, fileCalls } from './file-io.js';
import { DRAFT_ENDING, type JournalFile, journalWriteError, listFiles, MAIN_FILE, REJECTED_FILE } from './files.js';
import { deleteOrphanedIndexes, deleteWithIndex } from './index/delete.js';
import { DEFAULT_JOURNAL_LIMITS, type JournalLimits } from './limits.js';
import { openLiveFiles } from './live-files.js';
import type { JournalIndex } from './live-index.js';
import { type LockOptions, takeLock } from './lock.js';
import { claimJournal, foreignFiles } from './ownership.js';
import { deleteOld } from './prune.js';
import type { DamagedLine } from './record.js';
import { trimRejected } from './rejected.js';
import { type JournalUsage, openUsageMeter } from './usage.js';
import { createWriters, type JournalWriters } from './writers.js';

export interface JournalOptions extends LockOptions {
  /** Called for each line that could not be read while the index was loaded. */
  readonly onDamagedLine?: (line: DamagedLine) => void;
  /** Called with the files that were not written in this folder: nothing in them is resumed. */
  readonly onForeignFiles?: (names: readonly string[]) => void;
  readonly limits?: Partial<JournalLimits>;
  /** System calls; a test injects failing ones. */
  readonly calls?: FileCalls;
}

/** The journal of received notifications and their deliveries, open for the one process that receives. */
export interface Journal extends JournalWriters {
  readonly path: string;
  readonly index: JournalIndex;
  usage(): JournalUsage;
  /** Reads the deliveries that `replay` recorded since. Throws `ERR_JOURNAL_READ` where they cannot be read now. */
  catchUp(): Promise<void>;
  /**
   * Usage error `ERR_JOURNAL_WRITE` where another program moved, removed or truncated the file since the last write, or where the system
   * does not tell; else null.
   */
  loss(): ToolError | null;
  /** Waits for pending writes, closes the files, releases the lock. */
  close(): Promise<void>;
}

/**
 * Opens the journal in an existing state folder. A write resolves once it is synced and rejects with usage error `ERR_JOURNAL_WRITE`, which
 * names the cause, or `ERR_JOURNAL_FULL` at its limit; the next write is tried again. Throws `ERR_JOURNAL_IN_USE` where another process has
 * it open.
 */
export async function openJournal(folder: string, options: JournalOptions): Promise<Journal> {
  const closers: (() => Promise<void>)[] = [];
  try {
    return await openParts(folder, options, closers);
  } catch (cause) {
    await closeAll(closers);
    throw cause instanceof ToolError ? cause : journalWriteError(folder, cause);
  }
}

/** Adds the cleanup of each step to `closers`, so that a failure half-way leaves nothing open. */
async function openParts(folder: string, options: JournalOptions, closers: (() => Promise<void>)[]): Promise<Journal> {
  const { now, onDamagedLine = ignoreDamagedLine } = options;
  const limits = { ...DEFAULT_JOURNAL_LIMITS, ...options.limits };
  const lock = await takeLock(folder, options);
  closers.push(lock.release);
  await claimJournal(folder, now());
  await deleteExpired(folder, limits, now());
  // Records that cannot be deleted now, as on a full disk, must not prevent the start.
  await deleteOld(folder, now() - limits.retentionMs).catch(() => undefined);
  const meter = await openUsageMeter(folder, limits.totalBytes, now);
  let onRotated = (): void => undefined;

  const open = async (name: string, maxBytes: number): Promise<Appender> => {
    const calls = options.calls ?? fileCalls;
    const appender = await openAppender({
      path: join(folder, name),
      maxBytes,
      maxAgeMs: limits.openMs,
      now,
      calls,
      onRotated: async () => {
        onRotated();
        await deleteExpired(folder, limits, now());
        await meter.refresh();
      },
    });
    closers.push(appender.close);
    return appender;
  };
  const isForeign = foreignFiles(folder);
  const listOwn = async (): Promise<readonly JournalFile[]> =>
    (await listFiles(folder)).filter(({ name }) => !isForeign(name));
  const foreign = (await listFiles(folder)).map(({ name }) => name).filter(isForeign);
  if (foreign.length > 0) options.onForeignFiles?.(foreign);
  const live = await openLiveFiles(await listOwn(), { onDamagedLine, mainBytes: limits.mainBytes });
  closers.push(live.close);
  onRotated = live.releaseFiles;
  const main = await open(MAIN_FILE, limits.mainBytes);
  await live.attach(main.segment);
  const rejected = await open(REJECTED_FILE, limits.rejectedBytes);
  return {
    path: join(folder, MAIN_FILE),
    index: live.index,
    ...createWriters({ main, rejected, live, meter }),
    usage: meter.current,
    loss: main.loss,
    catchUp: async () => {
      try {
        await live.catchUp(await listOwn());
      } catch (cause) {
        throw readError(`the deliveries of replay cannot be read from ${folder}`, cause);
      }
    },
    close: () => closeAll(closers),
  };
}

/** Closes in reverse order, so that the lock is released last. */
async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
}

function ignoreDamagedLine(): void {}

function readError(message: string, cause: unknown): ToolError {
  const why = (cause as NodeJS.ErrnoException | null)?.code ?? String(cause);
  return new ToolError('usage', 'ERR_JOURNAL_READ', `${message}: ${why}`, { cause });
}

/** Deletes expired files, rejected bodies beyond their limit, and drafts of a `prune` that was killed. */
async function deleteExpired(folder: string, limits: JournalLimits, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith(DRAFT_ENDING)) await unlink(join(folder, name));
  for (const { path, newestMs } of await listFiles(folder)) {
    if (newestMs !== null && newestMs < nowMs - limits.retentionMs) await deleteWithIndex(path);
  }
  await trimRejected(folder, limits.rejectedTotalBytes - limits.rejectedBytes);
  await deleteOrphanedIndexes(folder);
}
