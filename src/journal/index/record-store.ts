import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseHead, parseRecord, peekHead, type RecordHead } from '../encoding.js';
import { type JournalFile, parseFileName } from '../files.js';
import type { JournalRecord } from '../record.js';
import { hashKey } from './key.js';
import { type IndexRow, idWords, keyTextOfRecord } from './row.js';

type Place = Pick<IndexRow, 'offset' | 'bytes'>;

/** Reads the record that a row leads to, without the body; null where there is another, or none: the index is wrong, or the file damaged. */
export function readRecordAt(fd: number, row: IndexRow): RecordHead | null {
  const line = readLine(fd, row);
  const record = line === null ? null : parseHead(withoutNewline(line));
  return record !== null && isRecordOf(record, row) ? record : null;
}

/** The whole record at a place; null where there is none. */
export function readWholeRecordAt(fd: number, place: Place): JournalRecord | null {
  const line = readLine(fd, place);
  return line === null ? null : parseRecord(line);
}

function readLine(fd: number, { offset, bytes }: Place): Buffer | null {
  if (bytes === 0 || bytes > MAX_BYTES || !Number.isSafeInteger(offset)) return null;
  const line = Buffer.allocUnsafe(bytes);
  return readSync(fd, line, 0, bytes, offset) === bytes ? line : null;
}

/** Longer than any line that is read. */
const MAX_BYTES = 32 * 1024 * 1024;

const NEWLINE = 0x0a;

function withoutNewline(line: Buffer): Buffer {
  return line.at(-1) === NEWLINE ? line.subarray(0, -1) : line;
}

/** False where the row points at something else than its record: the file was truncated and written to again. */
export function isRecordOf(record: RecordHead, row: IndexRow): boolean {
  const { idHigh, idLow } = idWords(record.type === 'run' ? record.run : record.id);
  if (record.type !== row.kind || idHigh !== row.idHigh || idLow !== row.idLow || record.atMs !== row.atMs)
    return false;
  const { high, low } = hashKey(keyTextOfRecord(record));
  return high === row.keyHigh && low === row.keyLow;
}

/** Reads records of the files of a journal by their rows. */
export interface RecordStore {
  headAt(file: JournalFile, row: IndexRow): RecordHead | null;
  /** The head of a record from its first bytes, not compared with its checksum; see {@link peekHead}. For a search, as {@link startOf}. */
  peekAt(file: JournalFile, row: Place): RecordHead | null;
  /** The first bytes of a record, at most {@link START_BYTES}, unchecked: for a search through many, in order. Valid until the next call. */
  startOf(file: JournalFile, place: Place): Buffer | null;
  /** With the body. */
  recordAt(file: JournalFile, row: Place): JournalRecord | null;
  close(): void;
}

/** Holds what stands before the body in all records but strange ones. */
const START_BYTES = 4096;

/** Read at once by {@link RecordStore.startOf}: neighbouring records cost no further call of the system. */
const BLOCK_BYTES = 256 * 1024;

/** Files that are open at once. */
const MAX_OPEN = 32;

/** Keeps the files that were read last open. A file that was renamed in the meantime is found by its inode. */
export function openRecordStore(): RecordStore {
  const open = new Map<number, number>();
  const block = { inode: -1, at: 0, length: 0, bytes: Buffer.alloc(0) };
  const fdOf = (file: JournalFile): number | null => {
    const known = open.get(file.inode);
    if (known !== undefined) {
      open.delete(file.inode);
      open.set(file.inode, known);
      return known;
    }
    const fd = openSame(file.path, file.inode) ?? openRenamed(file);
    if (fd === null) return null;
    const [oldest] = open;
    if (oldest !== undefined && open.size >= MAX_OPEN) {
      open.delete(oldest[0]);
      closeSync(oldest[1]);
    }
    open.set(file.inode, fd);
    return fd;
  };
  return {
    headAt(file, row) {
      const fd = fdOf(file);
      return fd === null ? null : readRecordAt(fd, row);
    },
    peekAt(file, place) {
      const start = this.startOf(file, place);
      return start === null ? null : (peekHead(start) ?? this.recordAt(file, place));
    },
    startOf(file, { offset, bytes }) {
      const length = Math.min(bytes, START_BYTES);
      const isInBlock = file.inode === block.inode && offset >= block.at && offset + length <= block.at + block.length;
      if (!isInBlock) {
        const fd = fdOf(file);
        if (block.bytes.length === 0) block.bytes = Buffer.allocUnsafe(BLOCK_BYTES);
        if (fd === null || !Number.isSafeInteger(offset)) return null;
        Object.assign(block, {
          inode: file.inode,
          at: offset,
          length: readSync(fd, block.bytes, 0, BLOCK_BYTES, offset),
        });
      }
      const from = offset - block.at;
      return from + length <= block.length ? block.bytes.subarray(from, from + length) : null;
    },
    recordAt(file, place) {
      const fd = fdOf(file);
      return fd === null ? null : readWholeRecordAt(fd, place);
    },
    close() {
      for (const fd of open.values()) closeSync(fd);
      open.clear();
    },
  };
}

function openRenamed({ path, inode }: JournalFile): number | null {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (parseFileName(name) === null) continue;
    const other = join(folder, name);
    if (lstatSync(other, { throwIfNoEntry: false })?.ino === inode) return openSame(other, inode);
  }
  return null;
}

function openSame(path: string, inode: number): number | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (fstatSync(fd).ino === inode) return fd;
  closeSync(fd);
  return null;
}
