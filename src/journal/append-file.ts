import { statSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { closeFd, type FileCalls, type OpenFile, openForAppend, statOf } from './file-io.js';
import { formatStamp } from './files.js';

/**
 * An open journal file under its present name, which is empty once the file was moved, removed or truncated by another program. `fd` stays
 * readable after the file is rotated, and is -1 once the file was deleted and closed.
 */
export interface Segment {
  path: string;
  fd: number;
}

export interface AppendFileOptions {
  readonly path: string;
  /** The file is rotated before a write that would exceed this size. */
  readonly maxBytes: number;
  /** The file is rotated once it has been open for this long (ms), so that its records can be pruned in time. */
  readonly maxAgeMs: number;
  readonly now: () => number;
  readonly calls: FileCalls;
  /** Called once a file was renamed and a new one was opened in its place. */
  readonly onRotated?: () => Promise<void>;
}

/** A file that is appended to, rotated by size and age, and repaired after a torn write. */
export interface AppendFile {
  segment(): Segment;
  /**
   * Opens the file, or rotates it if it is due. Throws once if the file was moved, removed or truncated since, so that nothing is
   * acknowledged unnoticed; the next call opens or creates it again. Throws each time if its folder was.
   */
  prepare(bytes: number): Promise<void>;
  /** Writes the newline that a torn last line lacks. */
  repair(): Promise<void>;
  /** Writes and syncs; returns the offset of the first byte. */
  write(parts: readonly Uint8Array[], bytes: number): Promise<number>;
  /** The error that `prepare` would throw for a file that was moved, removed or truncated; null where nothing was lost. */
  loss(): Error | null;
  close(): Promise<void>;
}

interface Current extends Segment {
  readonly inode: number;
  bytes: number;
  endsInNewline: boolean;
  /** A write failed, and how much of it reached the file is not known yet. */
  isSizeUnknown: boolean;
  /** Time of the rotation by age; moved on where a rotation failed. */
  rotateAtMs: number;
}

const NEWLINE = Buffer.from('\n');

/** Creates the writer; the file is opened by `prepare`. */
export function createAppendFile({ path, maxBytes, maxAgeMs, now, calls, onRotated }: AppendFileOptions): AppendFile {
  let rotated: readonly Segment[] = [];
  let current: Current | null = null;
  let rotateAtBytes = maxBytes;
  let lastStampMs = 0;
  let folderInode: number | null = null;

  const open = async (): Promise<Current> => {
    const { ino } = await stat(dirname(path));
    folderInode ??= ino;
    if (ino !== folderInode) throw Object.assign(new Error('another folder has taken its place'), { code: 'ENOENT' });
    const { fd, inode, bytes, endsInNewline }: OpenFile = await openForAppend(path);
    rotateAtBytes = maxBytes;
    return {
      path,
      fd,
      inode,
      bytes,
      endsInNewline,
      isSizeUnknown: false,
      rotateAtMs: now() + maxAgeMs,
    };
  };

  const rotate = async (file: Current): Promise<void> => {
    try {
      lastStampMs = Math.max(now(), lastStampMs + 1);
      const newPath = await freeName(path, lastStampMs);
      await rename(path, newPath);
      file.path = newPath;
    } catch {
      // An oversized file is better than a lost notification. The rotation is tried again when the file has grown.
      rotateAtBytes = file.bytes + maxBytes / 8;
      file.rotateAtMs = now() + maxAgeMs;
      return;
    }
    rotated = [...rotated, file];
    current = null;
    current = await open();
    // Old files that cannot be deleted now must not block new notifications; the next rotation tries again.
    await onRotated?.().catch(() => undefined);
    rotated = await closeDeleted(rotated);
  };

  const write = async (file: Current, parts: readonly Uint8Array[], bytes: number): Promise<number> => {
    const offset = file.bytes + (file.endsInNewline ? 0 : 1);
    const end = offset + bytes;
    try {
      await writeAll(file.fd, file.endsInNewline ? parts : [NEWLINE, ...parts], end - file.bytes, calls);
      await calls.sync(file.fd);
    } catch (cause) {
      file.isSizeUnknown = true;
      throw cause;
    }
    file.bytes = end;
    file.endsInNewline = true;
    return offset;
  };

  return {
    segment: () => current!,
    prepare: async (bytes) => {
      current ??= await open();
      const loss = lossOf(current, path);
      if (loss !== null) {
        current.path = '';
        rotated = [...rotated, current];
        current = null;
        throw loss;
      }
      if (current.isSizeUnknown) await refreshSize(current);
      const isDue = current.bytes + bytes > rotateAtBytes || now() >= current.rotateAtMs;
      if (current.bytes > 0 && isDue) await rotate(current);
    },
    repair: async () => {
      if (!current!.endsInNewline) await write(current!, [], 0);
    },
    write: (parts, bytes) => write(current!, parts, bytes),
    loss: () => (current === null ? null : lossOf(current, path)),
    close: async () => {
      for (const { fd } of [...rotated, ...(current === null ? [] : [current])]) await closeFd(fd);
      current = null;
    },
  };
}

/** Synchronous: once for each batch, and a thread of the pool would cost twenty times as much. Other programs may append. */
function lossOf(file: Current, path: string): Error | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.ino !== file.inode) return Object.assign(new Error('the file was moved or removed'), { code: 'ESTALE' });
  if (stats.size < file.bytes) return Object.assign(new Error('the file was truncated'), { code: 'TRUNCATED' });
  file.isSizeUnknown ||= stats.size > file.bytes;
  return null;
}

/** Reads the size after a failed write, so that the next line does not continue a torn one. */
async function refreshSize(file: Current): Promise<void> {
  const { size } = await statOf(file.fd);
  file.endsInNewline &&= size === file.bytes;
  file.bytes = size;
  file.isSizeUnknown = false;
}

/** One write takes everything unless the disk is almost full. The rest is written too, so that the system reports the cause. */
async function writeAll(fd: number, parts: readonly Uint8Array[], bytes: number, calls: FileCalls): Promise<void> {
  let written = await calls.append(fd, parts);
  while (written < bytes) {
    const count = await calls.append(fd, [Buffer.concat(parts).subarray(written)]);
    if (count === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
    written += count;
  }
}

/** True while the path still leads to the file; it may have been moved or removed by another program. */
export async function isSameFile(path: string, inode: number): Promise<boolean> {
  try {
    return (await stat(path)).ino === inode;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Closes deleted files, since an open file keeps its disk space; returns the others. */
async function closeDeleted(files: readonly Segment[]): Promise<readonly Segment[]> {
  const remaining: Segment[] = [];
  for (const file of files) {
    const { fd } = file;
    if ((await statOf(fd)).nlink > 0) {
      remaining.push(file);
      continue;
    }
    file.fd = -1;
    await closeFd(fd);
  }
  return remaining;
}

/** Finds an unused name for a rotated file, since a rename would replace an existing one. */
async function freeName(path: string, atMs: number): Promise<string> {
  const start = path.slice(0, -'.ndjson'.length);
  for (let stampMs = atMs; ; stampMs++) {
    const name = `${start}-${formatStamp(stampMs)}.ndjson`;
    if (!(await exists(name))) return name;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
