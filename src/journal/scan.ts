import { dirname } from 'node:path';
import { parseHead, peekType, type RecordHead, type RecordType } from './encoding.js';
import { closeFd, damagedLineOf, type Line, openForRead, readerOf, readLines, statOf } from './file-io.js';
import { type JournalFile, listFiles } from './files.js';
import type { DamagedLine } from './record.js';

/** A record and where it stands in its file. */
interface Found {
  readonly record: RecordHead;
  readonly offset: number;
  readonly bytes: number;
}

/** What one read of a file held. */
interface Block {
  readonly found: readonly Found[];
  /** Where the last line that has its newline ends: to go on from. */
  readonly end: number;
}

interface ScanOptions {
  /** The first byte looked at; it begins a line. */
  readonly from?: number;
  /** Records of other types are passed over, damaged or not; all where left out. */
  readonly types?: readonly RecordType[];
  readonly onTear: (tear: DamagedLine) => void;
  /** Whether a line of no type is told; true where left out. */
  readonly tellsUnknown?: boolean;
}

/** Reads a file block by block, bodies left unparsed, in bounded memory. One that is gone by now has none. */
export async function* scanFile(file: JournalFile, options: ScanOptions): AsyncGenerator<Block> {
  const fd = await openListed(file);
  if (fd === null) return;
  try {
    let end = options.from ?? 0;
    for await (const lines of readLines(readerOf(fd), end, file.bytes - end + 1)) {
      const found: Found[] = [];
      for (const line of lines) {
        const record = read(line, file.path, options);
        if (record !== null) found.push({ record, offset: line.offset, bytes: line.bytes });
        if (line.isEnded) end = line.offset + line.bytes;
      }
      yield { found, end };
    }
  } finally {
    await closeFd(fd);
  }
}

/** Opens a listed file under whatever name it has by now; null where it is gone. */
export async function openListed(file: JournalFile): Promise<number | null> {
  const fd = await openSame(file.path, file.inode);
  if (fd !== null) return fd;
  const renamed = (await listFiles(dirname(file.path))).find(({ inode }) => inode === file.inode);
  return renamed === undefined ? null : openSame(renamed.path, file.inode);
}

async function openSame(path: string, inode: number): Promise<number | null> {
  let fd: number;
  try {
    fd = await openForRead(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if ((await statOf(fd)).ino === inode) return fd;
  await closeFd(fd);
  return null;
}

function read(line: Line, path: string, { types, onTear, tellsUnknown = true }: ScanOptions): RecordHead | null {
  const type = peekType(line.text);
  if (type !== null && types !== undefined && !types.includes(type)) return null;
  const record = parseHead(line.text);
  if (record === null && (type !== null || tellsUnknown)) onTear(damagedLineOf(path, line));
  return record;
}
