import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '../errors.js';

/** `main` is written by `listen` alone, and so is `rejected`; each run of `replay` has a file of its own. */
export type FileKind = 'main' | 'replay' | 'rejected';

export const MAIN_FILE = 'journal.ndjson';

export const REJECTED_FILE = 'rejected.ndjson';

/** Of a file that is to take the place of another one. */
export const DRAFT_ENDING = '.ndjson.pruned';

/** Bodies, addresses and purchases: for their owner only. */
export const FILE_MODE = 0o600;

interface NamedFile {
  readonly kind: FileKind;
  readonly name: string;
  /** The moment in its name: when it was rotated, or the run began. Null for the two that are being written. */
  readonly stampMs: number | null;
}

export interface JournalFile extends NamedFile {
  readonly path: string;
  /** Its number in the file system, which outlives a rename: `Location.file` of those who read. */
  readonly inode: number;
  readonly bytes: number;
  /** No record in it is younger; null where one may be added at any time. */
  readonly youngestMs: number | null;
}

/** What a file of the state folder is to the journal; null for all others. */
export function parseFileName(name: string): NamedFile | null {
  if (name === MAIN_FILE) return { kind: 'main', name, stampMs: null };
  if (name === REJECTED_FILE) return { kind: 'rejected', name, stampMs: null };
  const [, start, stamp] = STAMPED.exec(name) ?? [];
  if (start === undefined || stamp === undefined) return null;
  return { kind: KIND_OF_START[start]!, name, stampMs: parseStamp(stamp) };
}

/** `20261102T090000123Z`: names sort as the moments do. */
export function formatStamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[-:.]/g, '');
}

/**
 * The journal's files, oldest first: main, then `replay`, then rejected ones. Anything but a plain file is left out. Listed until two
 * listings agree, so that a rotation meanwhile hides nothing. A folder that is not there has none.
 */
export async function listFiles(folder: string): Promise<readonly JournalFile[]> {
  let names = await readNames(folder);
  for (;;) {
    const files = await Promise.all(names.map((named) => look(folder, named)));
    const again = await readNames(folder);
    if (again.map(({ name }) => name).join() === names.map(({ name }) => name).join()) {
      return files.filter((file) => file !== null);
    }
    names = again;
  }
}

const STAMPED = /^(journal|rejected|replay)-(\d{8}T\d{9}Z)(?:-[0-9a-f]+)?\.ndjson$/;

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
  const entries = await readdir(folder, { withFileTypes: true }).catch(noneWhereMissing);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => parseFileName(name))
    .filter((named) => named !== null)
    .sort(byAge);
}

function noneWhereMissing(error: NodeJS.ErrnoException): Dirent[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** The file that is being written is the youngest of its kind. */
function byAge(a: NamedFile, b: NamedFile): number {
  if (a.kind !== b.kind) return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  const byStamp = (a.stampMs ?? Number.MAX_VALUE) - (b.stampMs ?? Number.MAX_VALUE);
  return byStamp === 0 ? a.name.localeCompare(b.name) : byStamp;
}

async function look(folder: string, named: NamedFile): Promise<JournalFile | null> {
  const path = join(folder, named.name);
  try {
    const stats = await lstat(path);
    // A run of `replay` goes on after the moment it is named for.
    const youngestMs = named.kind === 'replay' ? Math.max(named.stampMs!, stats.mtimeMs) : named.stampMs;
    return stats.isFile() ? { ...named, path, inode: stats.ino, bytes: stats.size, youngestMs } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * A write that failed, said in words. The cause is kept; its code is named, since it is what to search for. Usage error
 * `ERR_JOURNAL_WRITE`.
 */
export function writeError(path: string, cause: unknown): ToolError {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  const { words, hint } = CAUSES[code] ?? { words: 'it failed', hint: 'Look at the disk, then try again.' };
  const named = code === '' ? String(cause) : code;
  return new ToolError('usage', 'ERR_JOURNAL_WRITE', `the journal ${path} cannot be written: ${words} (${named})`, {
    hint,
    cause,
  });
}

const FULL = {
  words: 'the disk is full',
  hint: 'Make room: `storewire journal prune` drops what is old.',
};

const FORBIDDEN = {
  words: 'it is not allowed here',
  hint: 'Check who owns the folder and whether it may be written, or run in another one.',
};

const READ_ONLY = {
  words: 'the file system is read-only',
  hint: 'Mount it for writing, or run in another folder.',
};

const CAUSES: Readonly<Record<string, { readonly words: string; readonly hint: string }>> = {
  ENOSPC: FULL,
  EDQUOT: { words: 'the disk quota is used up', hint: FULL.hint },
  EROFS: READ_ONLY,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EIO: { words: 'the disk failed', hint: 'Look at the disk: it may be about to fail for good.' },
  EFBIG: { words: 'the file is as large as it may be', hint: 'Move it away: a new one is made.' },
  ELOOP: { words: 'it is a symbolic link, which a clone may have brought', hint: 'Move it away: a new one is made.' },
  ENOENT: { words: 'its folder is gone', hint: 'Start again: the folder is made anew.' },
  EMFILE: { words: 'too many files are open', hint: 'Raise the limit with `ulimit -n`.' },
};
