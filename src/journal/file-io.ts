import { close, constants, fdatasync, fstat, fsync, open, read, writev } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { FILE_MODE } from './files.js';
import type { DamagedLine } from './record.js';

/** The calls that may fail half-way; a test gives its own. */
export interface FileCalls {
  /** Appends; returns the bytes that were taken, which may be fewer. */
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
  /** True where it is empty, too. */
  readonly endsInNewline: boolean;
}

/** Opens a file for appending, made where it is missing, never through a symbolic link. */
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
): Promise<{ readonly ino: number; readonly size: number; readonly nlink: number }> {
  return promisify(fstat)(fd);
}

export function readerOf(fd: number): ReadAt {
  return (buffer, at, length, position) =>
    new Promise((resolve, reject) =>
      read(fd, buffer, at, length, position, (error, count) => (error === null ? resolve(count) : reject(error))),
    );
}

/** Makes a new name last through a power cut. Some systems cannot sync a folder: then it lasts as long as they please. */
export async function syncFolder(path: string): Promise<void> {
  let fd: number;
  try {
    fd = await openFd(dirname(path), constants.O_RDONLY, 0);
  } catch (error) {
    return passOver(error);
  }
  await promisify(fsync)(fd).catch(passOver);
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

function passOver(error: unknown): void {
  if (!CANNOT_SYNC_FOLDERS.has((error as NodeJS.ErrnoException).code)) throw error;
}

/** One line as it stands in a file. `text` is a view that holds until the next lines are asked for, without the newline. */
export interface Line {
  readonly text: Buffer;
  /** Of its first byte. */
  readonly offset: number;
  /** With its newline. */
  readonly bytes: number;
  /** False for the rest of a file that does not end in a newline. */
  readonly isEnded: boolean;
}

/** Reads into `buffer` from `position` of a file on; returns how many bytes, 0 at its end. */
export type ReadAt = (buffer: Buffer, at: number, length: number, position: number) => Promise<number>;

/**
 * The lines of a file from `from` on, a block at a time, empty ones left out. Memory is bounded: a line longer than {@link MAX_LINE_BYTES}
 * comes without its text. `expectedBytes`: about how much there is, so that a small file takes little.
 */
export async function* readLines(read: ReadAt, from = 0, expectedBytes = BLOCK_BYTES): AsyncGenerator<readonly Line[]> {
  let buffer = Buffer.allocUnsafe(Math.min(Math.max(expectedBytes, LEAST_BYTES), BLOCK_BYTES));
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

/** What is told of a line that holds no record. */
export function damagedLineOf(path: string, { offset, bytes, isEnded }: Line): DamagedLine {
  return { path, offset, bytes, where: isEnded ? 'middle' : 'end' };
}

/** A body of 1 MiB is 2 MiB at most as JSON: whatever is longer than this is no record. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

const BLOCK_BYTES = 1024 * 1024;

const LEAST_BYTES = 4096;

const NEWLINE = 0x0a;

const NOTHING = Buffer.alloc(0);

function textOf(buffer: Buffer, at: number, end: number, skipped: number): Buffer {
  return skipped > 0 ? NOTHING : buffer.subarray(at, end);
}
