import { rename, stat } from 'node:fs/promises';
import { closeFd, type FileCalls, type OpenFile, openForAppend, openForRead, readerOf, statOf } from './file-io.js';
import { formatStamp } from './files.js';

/**
 * One file under its present name, as lines stand in it: `fd` stays good for reading when the file is rotated away, and is -1 once it was
 * deleted and closed.
 */
export interface Segment {
  path: string;
  fd: number;
}

export interface AppendFileOptions {
  readonly path: string;
  /** The file is rotated before it would hold more. */
  readonly maxBytes: number;
  /** It is rotated once it has been open for so long (ms), so that what is in it can be dropped in time. */
  readonly maxAgeMs: number;
  readonly now: () => number;
  readonly calls: FileCalls;
  /** A file was renamed and a new one stands in its place. */
  readonly onRotated?: () => Promise<void>;
}

/** One file that is appended to: opened, rotated and mended as it goes. */
export interface AppendFile {
  segment(): Segment;
  /** Opens, rotates, or makes anew where the file is gone. */
  prepare(bytes: number): Promise<void>;
  /** Ends a last line that was torn. */
  repair(): Promise<void>;
  /** Writes and syncs; returns the offset of the first byte. */
  write(parts: readonly Uint8Array[], bytes: number): Promise<number>;
  close(): Promise<void>;
}

interface Current extends Segment {
  readonly inode: number;
  bytes: number;
  endsInNewline: boolean;
  /** A write failed: how much of it is there is not known yet. */
  isUnsure: boolean;
  /** When it is rotated for its age; later where that failed. */
  rotateAtMs: number;
  lookedAtMs: number;
}

/** How often it is looked whether the file was taken away, in milliseconds. */
const LOOK_EVERY_MS = 1000;

const NEWLINE = Buffer.from('\n');

/** Nothing is opened before `prepare`. */
export function createAppendFile({ path, maxBytes, maxAgeMs, now, calls, onRotated }: AppendFileOptions): AppendFile {
  let earlier: readonly Segment[] = [];
  let current: Current | null = null;
  let rotateAtBytes = maxBytes;
  let lastStampMs = 0;

  const open = async (): Promise<Current> => {
    const { fd, inode, bytes, endsInNewline }: OpenFile = await openForAppend(path);
    rotateAtBytes = maxBytes;
    return { path, fd, inode, bytes, endsInNewline, isUnsure: false, rotateAtMs: now() + maxAgeMs, lookedAtMs: now() };
  };

  const rotate = async (file: Current): Promise<void> => {
    try {
      lastStampMs = Math.max(now(), lastStampMs + 1);
      const rotated = await freeName(path, lastStampMs);
      await rename(path, rotated);
      file.path = rotated;
    } catch {
      // A file that is too large is better than a notification that is lost: it is tried again when the file has grown.
      rotateAtBytes = file.bytes + maxBytes / 8;
      file.rotateAtMs = now() + maxAgeMs;
      return;
    }
    earlier = [...earlier, file];
    current = null;
    current = await open();
    // What is old stays for now where it cannot be dropped: that is no reason to refuse what is new.
    await onRotated?.().catch(() => undefined);
    earlier = await closeDeleted(earlier);
  };

  const write = async (file: Current, parts: readonly Uint8Array[], bytes: number): Promise<number> => {
    const offset = file.bytes + (file.endsInNewline ? 0 : 1);
    const end = offset + bytes;
    try {
      await writeAll(file.fd, file.endsInNewline ? parts : [NEWLINE, ...parts], end - file.bytes, calls);
      await calls.sync(file.fd);
    } catch (cause) {
      file.isUnsure = true;
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
      if (current.isUnsure) await settle(current);
      if (now() - current.lookedAtMs >= LOOK_EVERY_MS) {
        current.lookedAtMs = now();
        if (!(await isThere(path, current.inode))) {
          earlier = [...earlier, current];
          current = null;
          current = await open();
        }
      }
      const isDue = current.bytes + bytes > rotateAtBytes || now() >= current.rotateAtMs;
      if (current.bytes > 0 && isDue) await rotate(current);
    },
    repair: async () => {
      if (!current!.endsInNewline) await write(current!, [], 0);
    },
    write: (parts, bytes) => write(current!, parts, bytes),
    close: async () => {
      for (const { fd } of [...earlier, ...(current === null ? [] : [current])]) await closeFd(fd);
      current = null;
    },
  };
}

/** What a failed write left, whole or torn, must not be continued by the next line. */
async function settle(file: Current): Promise<void> {
  const { size } = await statOf(file.fd);
  file.endsInNewline &&= size === file.bytes;
  file.bytes = size;
  file.isUnsure = false;
}

/** One write takes it all, but for a disk that is full or nearly so: the rest is tried, so that the cause is known. */
async function writeAll(fd: number, parts: readonly Uint8Array[], bytes: number, calls: FileCalls): Promise<void> {
  let written = await calls.append(fd, parts);
  while (written < bytes) {
    const taken = await calls.append(fd, [Buffer.concat(parts).subarray(written)]);
    if (taken === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
    written += taken;
  }
}

/** Whether the name still leads to the file: somebody may have moved or removed it. */
async function isThere(path: string, inode: number): Promise<boolean> {
  try {
    return (await stat(path)).ino === inode;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Closes what was deleted, since a file that is open keeps its room on the disk; returns the others. */
async function closeDeleted(files: readonly Segment[]): Promise<readonly Segment[]> {
  const left: Segment[] = [];
  for (const file of files) {
    const { fd } = file;
    if ((await statOf(fd)).nlink > 0) {
      left.push(file);
      continue;
    }
    file.fd = -1;
    await closeFd(fd);
  }
  return left;
}

/** A name to rotate to: a rename never takes the place of a file that is there. */
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

/** The main files of this run, by number. */
export interface Segments {
  /** Of the one that is being written: a new number where it is a new one. */
  indexOf(segment: Segment): number;
  /** A part of a file; null where it is gone. */
  read(index: number, offset: number, bytes: number): Promise<Buffer | null>;
  close(): Promise<void>;
}

/** `paths`: those from before, which are opened when they are first read. `current` closes its own. */
export function openSegments(paths: readonly string[], current: Segment): Segments {
  const written: Segment[] = [current];
  const opened = new Map<string, Promise<number | null>>();
  const openOnce = (path: string): Promise<number | null> => {
    const known = opened.get(path);
    if (known !== undefined) return known;
    const opening = openForRead(path).catch(noneWhereMissing);
    opened.set(path, opening);
    return opening;
  };
  return {
    indexOf: (segment) => {
      if (written.at(-1) !== segment) written.push(segment);
      return paths.length + written.length - 1;
    },
    read: async (index, offset, bytes) => {
      const path = paths[index];
      const fd = path === undefined ? written[index - paths.length]?.fd : await openOnce(path);
      if (fd === undefined || fd === null || fd < 0) return null;
      const part = Buffer.allocUnsafe(bytes);
      return (await readerOf(fd)(part, 0, bytes, offset)) === bytes ? part : null;
    },
    close: async () => {
      for (const fd of await Promise.all(opened.values())) if (fd !== null) await closeFd(fd);
    },
  };
}

function noneWhereMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
