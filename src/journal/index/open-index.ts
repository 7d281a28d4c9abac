import { closeFd, readerOf, statOf } from '../file-io.js';
import type { JournalFile } from '../files.js';
import { openListed, scanFile } from '../scan.js';
import { type FileIndex, GrowingIndex } from './file-index.js';
import { IndexDefect, type IndexedState, indexPathOf, StoredIndex, writeIndex } from './index-file.js';
import { readRecordAt } from './record-store.js';

/** Called where an index is built again, with the path of the index and the reason. */
export type OnRebuilt = (path: string, reason: string) => void;

export interface OpenIndexOptions {
  readonly onRebuilt?: OnRebuilt;
  /** The index goes on growing, and is looked up meanwhile. */
  readonly isGrowing?: boolean;
  /** See {@link StoredIndex.open}. */
  readonly isLookedUpOften?: boolean;
  /** Reads no index from disk, since it proved wrong. */
  readonly isDistrusted?: boolean;
}

/**
 * Opens the index of a file: the one on disk where it is of this file, continued where the file has grown, else one built by reading the
 * file. What took long to build is written to disk.
 */
export async function openIndex(file: JournalFile, options: OpenIndexOptions = {}): Promise<FileIndex> {
  const stored = options.isDistrusted === true ? null : await openStored(file, options);
  const isWhole = stored !== null && stored.state.bytes === file.bytes;
  if (isWhole && options.isGrowing !== true) return stored;
  const growing = new GrowingIndex(stored?.texts.all() ?? [], options.isGrowing === true);
  if (stored !== null) await continueFrom(stored, growing, file);
  const from = growing.end;
  const isEnded = await addRest(growing, file);
  if (isWorthWriting(file, growing, from, isEnded)) {
    const state = await stateOf(file, growing.end);
    if (state !== null) await writeIndex(file.path, growing, state);
    if (isSealed(file) && options.isDistrusted !== true)
      return (await openStored(file, { ...options, onRebuilt: ignore })) ?? growing;
  }
  return growing;
}

function ignore(): void {}

/** True for a file that is never written to again. */
export function isSealed({ kind, stampMs }: Pick<JournalFile, 'kind' | 'stampMs'>): boolean {
  return kind !== 'replay' && stampMs !== null;
}

/** A smaller file, or a smaller rest of one, is read again each time. */
const MIN_BYTES = 4 * 1024 * 1024;

function isWorthWriting(file: JournalFile, { end }: FileIndex, from: number, isEnded: boolean): boolean {
  if (isSealed(file)) return from < file.bytes;
  return isEnded && end - from >= MIN_BYTES;
}

/** Opens the index on disk; null where there is none, or it is not of this file. */
async function openStored(
  file: JournalFile,
  { onRebuilt, isLookedUpOften = false }: OpenIndexOptions,
): Promise<StoredIndex | null> {
  let reason: string;
  try {
    const stored = StoredIndex.open(file.path, isLookedUpOften);
    if (stored === null) return null;
    const isPresent = await isOf(stored.state, file);
    if (isPresent && (await leadsToRecords(stored, file))) return stored;
    stored.close();
    reason = isPresent ? 'it does not match the file' : 'it is older than the file';
  } catch (error) {
    if (!(error instanceof IndexDefect)) throw error;
    reason = error.message;
  }
  onRebuilt?.(indexPathOf(file.path), reason);
  return null;
}

/** Rows that are compared with their records when an index is opened; the others are when they are used. */
const SAMPLES = 8;

async function leadsToRecords(index: StoredIndex, file: JournalFile): Promise<boolean> {
  const rows = Array.from({ length: SAMPLES }, (_, at) => Math.floor(((index.size - 1) * at) / (SAMPLES - 1)));
  const isMatch = await withListed(file, async (fd) =>
    rows.every((row) => row < 0 || readRecordAt(fd, index.rowAt(row)) !== null),
  );
  return isMatch === true;
}

async function isOf({ inode, bytes, mtimeMs, tail }: IndexedState, file: JournalFile): Promise<boolean> {
  if (inode !== String(file.inode) || bytes > file.bytes) return false;
  if (isSealed(file) || bytes === file.bytes) return bytes === file.bytes && mtimeMs === file.mtimeMs;
  return (await tailOf(file, bytes)) === tail;
}

/** Describes a file whose first `bytes` are indexed; null where it was removed. */
async function stateOf(file: JournalFile, bytes: number): Promise<IndexedState | null> {
  return withListed(file, async (fd) => {
    const { mtimeMs, size } = await statOf(fd);
    // The time of a file that has grown since says nothing about the bytes that are indexed.
    const state = { inode: String(file.inode), bytes, mtimeMs: size === bytes ? mtimeMs : null };
    return { ...state, tail: await readTail(fd, bytes) };
  });
}

const TAIL_BYTES = 64;

/** The last bytes before a position, as base64; null for a file that was removed. */
function tailOf(file: JournalFile, end: number): Promise<string | null> {
  return withListed(file, (fd) => readTail(fd, end));
}

async function readTail(fd: number, end: number): Promise<string> {
  const tail = Buffer.alloc(Math.min(TAIL_BYTES, end));
  await readerOf(fd)(tail, 0, tail.length, end - tail.length);
  return tail.toString('base64');
}

async function withListed<T>(file: JournalFile, use: (fd: number) => Promise<T>): Promise<T | null> {
  const fd = await openListed(file);
  if (fd === null) return null;
  try {
    return await use(fd);
  } finally {
    await closeFd(fd);
  }
}

async function continueFrom(stored: StoredIndex, growing: GrowingIndex, file: JournalFile): Promise<void> {
  const fd = await openListed(file);
  try {
    growing.resume(stored, (row) => (fd === null ? null : readRecordAt(fd, row)));
  } finally {
    stored.close();
    if (fd !== null) await closeFd(fd);
  }
}

/** Bounds the memory of a file of nothing but damaged lines. */
const MAX_DAMAGED_LINES = 10_000;

/** Reads the file from the end of the index on; false where its last line is incomplete. */
async function addRest(index: GrowingIndex, file: JournalFile): Promise<boolean> {
  let isEnded = true;
  const onDamagedLine = ({
    path: _path,
    ...line
  }: {
    path: string;
    offset: number;
    bytes: number;
    where: 'middle' | 'end';
  }): void => {
    if (index.damagedLines.length < MAX_DAMAGED_LINES) index.damagedLines.push(line);
    index.end = line.offset + line.bytes;
  };
  for await (const { found, end } of scanFile(file, { from: index.end, onDamagedLine })) {
    for (const { record, offset, bytes } of found) index.add(record, { offset, bytes });
    isEnded = index.end <= end;
  }
  index.hasGap = false;
  return isEnded;
}
