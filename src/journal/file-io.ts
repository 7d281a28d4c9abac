import { close, constants, fdatasync, fstat, fsync, open, read, writev } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { FILE_MODE } from './files.js';
import type { DamagedLine } from './record.js';

/** The system calls that may fail half-way; a test injects its own. */
export interface FileCalls {
  /** Appends; returns the number of bytes written, which may be lower than requested. */
  append(fd: number, parts: readonly Uint8Array[]): Promise<number>;
  /** Resolves once everything appended is on disk. */
  sync(fd: number): Promise<void>;
}

export const fileCalls: FileCalls = {
  append: (fd, parts) =>
    new Promise((resolve, reject) =>
      writev(fd, parts as Uint8Array[], (error, written) => (error === null ? resolve(written) : reject(error))),
    ),
  sync: promisify(fdatasync),
};

/** A file open for reading and appending. */
export interface OpenFile {
  readonly fd: number;
  readonly inode: number;
  readonly bytes: number;
  /** Also true for an empty file. */
  readonly endsInNewline: boolean;
}

/** Opens a file for appending, creates it if it is missing, and never follows a symbolic link. */
export async function openForAppend(path: string): Promise<OpenFile> {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW = 0 } = constants;
  const fd = await openFd(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, FILE_MODE);
  try {
    const { ino, size } = await statOf(fd);
    const last = Buffer.alloc(1);
    if (size > 0) await readerOf(fd)(last, 0, 1, size - 1);
    if (size === 0) await syncFolder(path);
    return { fd, inode: ino, bytes: size, endsInNewline: size === 0 || last[0] === 0x0a };
  } catch (error) {
    await closeFd(fd);
    throw error;
  }
}

export function openForRead(path: string): Promise<number> {
  return openFd(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0), 0);
}

export const closeFd: (fd: number) => Promise<void> = promisify(close);

export async function statOf(
  fd: number,
): Promise<{ readonly ino: number; readonly size: number; readonly nlink: number; readonly mtimeMs: number }> {
  return promisify(fstat)(fd);
}

export function readerOf(fd: number): ReadAt {
  return (buffer, at, length, position) =>
    new Promise((resolve, reject) =>
      read(fd, buffer, at, length, position, (error, count) => (error === null ? resolve(count) : reject(error))),
    );
}

/** Syncs the folder of a file, so that a new name survives a power cut. Some systems cannot sync a folder; there this does nothing. */
export async function syncFolder(path: string): Promise<void> {
  let fd: number;
  try {
    fd = await openFd(dirname(path), constants.O_RDONLY, 0);
  } catch (error) {
    return ignoreUnsupported(error);
  }
  await promisify(fsync)(fd).catch(ignoreUnsupported);
  await closeFd(fd);
}

const openFd = promisify(open) as (path: string, flags: number, mode: number) => Promise<number>;

const CANNOT_SYNC_FOLDERS: ReadonlySet<string | undefined> = new Set([
  'EISDIR',
  'EPERM',
  'EACCES',
  'EINVAL',
  'ENOTSUP',
]);

function ignoreUnsupported(error: unknown): void {
  if (!CANNOT_SYNC_FOLDERS.has((error as NodeJS.ErrnoException).code)) throw error;
}

/** One line of a file. `text` excludes the newline and is a view, valid until the next lines are read. */
export interface Line {
  readonly text: Buffer;
  /** Position of the first byte. */
  readonly offset: number;
  /** Length with the newline. */
  readonly bytes: number;
  /** False for a last line without a newline. */
  readonly isEnded: boolean;
}

/** Reads into `buffer` from `position` of a file on; returns the number of bytes, 0 at the end of the file. */
export type ReadAt = (buffer: Buffer, at: number, length: number, position: number) => Promise<number>;

/**
 * Reads the lines of a file from byte `from` on, a block at a time, without the empty ones. Memory is bounded: a line longer than
 * {@link MAX_LINE_BYTES} comes without its text. `expectedBytes` is the approximate size, so that a small file gets a small buffer.
 */
export async function* readLines(read: ReadAt, from = 0, expectedBytes = BLOCK_BYTES): AsyncGenerator<readonly Line[]> {
  let buffer = Buffer.allocUnsafe(Math.min(Math.max(expectedBytes, MIN_BLOCK_BYTES), BLOCK_BYTES));
  let start = from;
  let held = 0;
  let skipped = 0;
  for (;;) {
    const count = await read(buffer, held, buffer.length - held, start + skipped + held);
    if (count === 0) break;
    const filled = buffer.subarray(0, held + count);
    const lines: Line[] = [];
    let at = 0;
    for (let end = filled.indexOf(NEWLINE, held); end !== -1; end = filled.indexOf(NEWLINE, at)) {
      const bytes = skipped + end + 1 - at;
      if (bytes > 1) lines.push({ text: textOf(filled, at, end, skipped), offset: start, bytes, isEnded: true });
      start += bytes;
      at = end + 1;
      skipped = 0;
    }
    if (lines.length > 0) yield lines;
    held = filled.length - at;
    buffer.copyWithin(0, at, filled.length);
    if (held === buffer.length) {
      if (held >= MAX_LINE_BYTES) {
        skipped += held;
        held = 0;
      } else buffer = Buffer.concat([buffer], buffer.length * 2);
    }
  }
  if (skipped + held > 0) {
    const text = textOf(buffer, 0, held, skipped);
    yield [{ text, offset: start, bytes: skipped + held, isEnded: false }];
  }
}

/** Describes a line that holds no valid record. */
export function damagedLineOf(path: string, { offset, bytes, isEnded }: Line): DamagedLine {
  return { path, offset, bytes, where: isEnded ? 'middle' : 'end' };
}

/** A body of 1 MiB is at most 2 MiB as JSON, so a longer line is no record. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

const BLOCK_BYTES = 1024 * 1024;

const MIN_BLOCK_BYTES = 4096;

const NEWLINE = 0x0a;

const EMPTY = Buffer.alloc(0);

function textOf(buffer: Buffer, at: number, end: number, skipped: number): Buffer {
  return skipped > 0 ? EMPTY : buffer.subarray(at, end);
}
