import { close, constants, fdatasync, fstat, fsync, open, read, writev } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { FILE_MODE } from './files.js';
import type { ReadAt } from './lines.js';

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
