import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.js';

/** `main` and `rejected` are written by `listen` alone; each run of `replay` has a file of its own. */
export type FileKind = 'main' | 'replay' | 'rejected';

export const MAIN_FILE = 'journal.ndjson';

export const REJECTED_FILE = 'rejected.ndjson';

/** Name ending of the draft that `prune` writes before it replaces a file. */
export const DRAFT_ENDING = '.ndjson.pruned';

/** Owner only: the journal holds bodies, addresses and purchases. */
export const FILE_MODE = 0o600;

interface NamedFile {
  readonly kind: FileKind;
  readonly name: string;
  /** Time in the name: of the rotation, or of the start of the run. Null for the two files being written. */
  readonly stampMs: number | null;
}

export interface JournalFile extends NamedFile {
  readonly path: string;
  /** Inode number, which a rename does not change; readers use it as `Location.file`. */
  readonly inode: number;
  readonly bytes: number;
  readonly mtimeMs: number;
  /** Time of the newest record at the latest; null where one may be added at any time. */
  readonly newestMs: number | null;
}

/** Classifies a file name of the state folder; null for a file that is not the journal's. */
export function parseFileName(name: string): NamedFile | null {
  if (name === MAIN_FILE) return { kind: 'main', name, stampMs: null };
  if (name === REJECTED_FILE) return { kind: 'rejected', name, stampMs: null };
  const [, start, stamp] = STAMPED_NAME.exec(name) ?? [];
  if (start === undefined || stamp === undefined) return null;
  return { kind: KIND_OF_START[start]!, name, stampMs: parseStamp(stamp) };
}

/** `20261102T090000123Z`: names sort by time. */
export function formatStamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[-:.]/g, '');
}

/**
 * Lists the journal's files, oldest first: main, then `replay`, then rejected ones. Only regular files are listed. Repeats until two
 * listings agree, so that a rotation in between hides no file. A missing folder has none.
 */
export async function listFiles(folder: string): Promise<readonly JournalFile[]> {
  let names = await readNames(folder);
  for (;;) {
    const files = await Promise.all(names.map((named) => statFile(folder, named)));
    const again = await readNames(folder);
    if (again.map(({ name }) => name).join() === names.map(({ name }) => name).join()) {
      return files.filter((file) => file !== null);
    }
    names = again;
  }
}

const STAMPED_NAME = /^(journal|rejected|replay)-(\d{8}T\d{9}Z)(?:-[0-9a-f]+)?\.ndjson$/;

const KIND_OF_START: Readonly<Record<string, FileKind>> = { journal: 'main', rejected: 'rejected', replay: 'replay' };

const ORDER: readonly FileKind[] = ['main', 'replay', 'rejected'];

function parseStamp(stamp: string): number {
  const [, year, month, day, hour, minute, second, ms] = /^(....)(..)(..)T(..)(..)(..)(...)Z$/.exec(stamp)!;
  return Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(ms),
  );
}

async function readNames(folder: string): Promise<readonly NamedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(emptyIfMissing);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => parseFileName(name))
    .filter((named) => named !== null)
    .sort(byAge);
}

function emptyIfMissing(error: NodeJS.ErrnoException): Dirent[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** The file being written is the newest of its kind. */
function byAge(a: NamedFile, b: NamedFile): number {
  if (a.kind !== b.kind) return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  const byStamp = (a.stampMs ?? Number.MAX_VALUE) - (b.stampMs ?? Number.MAX_VALUE);
  return byStamp === 0 ? a.name.localeCompare(b.name) : byStamp;
}

async function statFile(folder: string, named: NamedFile): Promise<JournalFile | null> {
  const path = join(folder, named.name);
  try {
    const stats = await lstat(path);
    // A run of `replay` adds records after the time in the name of its file.
    const newestMs = named.kind === 'replay' ? Math.max(named.stampMs!, stats.mtimeMs) : named.stampMs;
    return stats.isFile()
      ? { ...named, path, inode: stats.ino, bytes: stats.size, mtimeMs: stats.mtimeMs, newestMs }
      : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Builds usage error `ERR_JOURNAL_WRITE` for a failed write: the cause in words, with the system's code, which can be searched for. */
export function journalWriteError(path: string, cause: unknown): ToolError {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  const { words, hint } = CAUSES[code] ?? { words: 'it failed', hint: 'Check the disk, then try again.' };
  const named = code === '' ? String(cause) : code;
  return new ToolError('usage', 'ERR_JOURNAL_WRITE', `the journal ${path} cannot be written: ${words} (${named})`, {
    hint,
    cause,
  });
}

const DISK_FULL = {
  words: 'the disk is full',
  hint: 'Free disk space: `storewire journal prune` deletes old records.',
};

const PERMISSION = {
  words: 'permission denied',
  hint: 'Check the owner and the permissions of the folder, or run in another one.',
};

const READ_ONLY = {
  words: 'the file system is read-only',
  hint: 'Mount it with write access, or run in another folder.',
};

const CAUSES: Readonly<Record<string, { readonly words: string; readonly hint: string }>> = {
  ENOSPC: DISK_FULL,
  EDQUOT: { words: 'the disk quota is used up', hint: DISK_FULL.hint },
  EROFS: READ_ONLY,
  EACCES: PERMISSION,
  EPERM: PERMISSION,
  EIO: { words: 'the disk failed', hint: 'Check the disk: it may be about to fail.' },
  EFBIG: { words: 'the file has reached the maximum size', hint: 'Move it away: a new one is created.' },
  ELOOP: {
    words: 'it is a symbolic link, which a cloned repository may contain',
    hint: 'Delete the link: a new file is created.',
  },
  ENOENT: { words: 'its folder was removed', hint: 'Start again: the folder is created again.' },
  ESTALE: {
    words: 'it was moved or removed while it was in use',
    hint: 'A new file is created for the next notification; the records of the old one are no longer read.',
  },
  TRUNCATED: {
    words: 'it was truncated while it was in use',
    hint: 'The next notification is written to it; the records that were cut off are lost.',
  },
  EMFILE: { words: 'too many files are open', hint: 'Raise the limit with `ulimit -n`.' },
};
