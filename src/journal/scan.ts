import { dirname } from 'node:path';
import { parseHead, peekType, type RecordHead, type RecordType } from './encoding.js';
import { closeFd, damagedLineOf, type Line, openForRead, readerOf, readLines, statOf } from './file-io.js';
import { type JournalFile, listFiles } from './files.js';
import type { DamagedLine } from './record.js';

/** A record and its location in the file. */
interface LocatedRecord {
  readonly record: RecordHead;
  readonly offset: number;
  readonly bytes: number;
}

/** Records of one block of a file. */
interface Block {
  readonly found: readonly LocatedRecord[];
  /** End of the last complete line, where the next scan starts. */
  readonly end: number;
}

interface ScanOptions {
  /** Position of the first byte to read, at the start of a line. */
  readonly from?: number;
  /** Types to read; records of other types are skipped, damaged or not. All where left out. */
  readonly types?: readonly RecordType[];
  readonly onDamagedLine: (line: DamagedLine) => void;
  /** Reports lines without a type; true where left out. */
  readonly reportsUnknown?: boolean;
}

/** Reads a file block by block in bounded memory, without parsing bodies. A file that was deleted has no blocks. */
export async function* scanFile(file: JournalFile, options: ScanOptions): AsyncGenerator<Block> {
  const fd = await openListed(file);
  if (fd === null) return;
  try {
    let end = options.from ?? 0;
    for await (const lines of readLines(readerOf(fd), end, file.bytes - end + 1)) {
      const found: LocatedRecord[] = [];
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

/** Opens a listed file under its present name; null where it was deleted. */
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

function read(
  line: Line,
  path: string,
  { types, onDamagedLine, reportsUnknown = true }: ScanOptions,
): RecordHead | null {
  const type = peekType(line.text);
  if (type !== null && types !== undefined && !types.includes(type)) return null;
  const record = parseHead(line.text);
  if (record === null && (type !== null || reportsUnknown)) onDamagedLine(damagedLineOf(path, line));
  return record;
}
