import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { FILE_MODE } from '../files.js';
import type { DamagedLine } from '../record.js';
import type { FileCounts, FileIndex } from './file-index.js';
import { type IndexRow, ROW_BYTES, readRow } from './row.js';
import { type HashTable, storedTable } from './table.js';
import { createTextTable, type TextTable } from './texts.js';

/** Identifies the file that an index was built from. */
export interface IndexedState {
  /** Number of the file, as text: it may exceed what a number holds. */
  readonly inode: string;
  /** Bytes that the index covers. */
  readonly bytes: number;
  /** Time of the last change; null for a file that is still written to. */
  readonly mtimeMs: number | null;
  /** The last bytes covered, to recognise a file that was written anew. */
  readonly tail: string;
}

interface Section {
  readonly at: number;
  readonly bytes: number;
  readonly crc: number;
}

const SECTIONS = ['rows', 'ids', 'keys', 'pending', 'owed', 'runs'] as const;

type SectionName = (typeof SECTIONS)[number];

interface Header extends IndexedState {
  readonly version: number;
  readonly size: number;
  readonly counts: FileCounts;
  readonly end: number;
  readonly texts: readonly string[];
  readonly damagedLines: readonly Omit<DamagedLine, 'path'>[];
  readonly sections: Readonly<Record<SectionName, Section>>;
}

const VERSION = 1;

/** Read as one number, so that a machine of another byte order rebuilds. */
const MAGIC = 0x58495753;

/** Magic, length and CRC-32 of the header. */
const START_WORDS = 3;

/** An index is abandoned: it is missing bytes, or they are not those that were written. */
export class IndexDefect extends Error {}

/** Name of the index beside a file of the journal. */
export function indexPathOf(path: string): string {
  return path.replace(/\.ndjson$/, '.index');
}

/**
 * Writes the index beside its file. It is a cache: not synced, since its checksums tell a torn one, and not written where the folder does
 * not allow it.
 */
export async function writeIndex(path: string, index: FileIndex, state: IndexedState): Promise<void> {
  const draft = `${indexPathOf(path)}.new`;
  try {
    const file = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, FILE_MODE);
    try {
      await file.writev([...encodeIndex(index, state)]);
    } finally {
      await file.close();
    }
    await rename(draft, indexPathOf(path));
  } catch {
    // Another process may be writing it, or was killed while it did: the next read builds it again.
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

function encodeIndex(index: FileIndex, state: IndexedState): readonly Buffer[] {
  const rows = index.rows();
  const parts: Readonly<Record<SectionName, Buffer>> = {
    rows: Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength),
    ids: bytesOf(index.ids().words()),
    keys: bytesOf(index.keys().words()),
    pending: bytesOf(Uint32Array.from(index.pendingRows())),
    owed: bytesOf(Uint32Array.from(index.owedRows())),
    runs: bytesOf(Uint32Array.from(index.runRows())),
  };
  let at = 0;
  const sections = Object.fromEntries(
    SECTIONS.map((name) => {
      const section = { at, bytes: parts[name].length, crc: crc32(parts[name]) };
      at += section.bytes;
      return [name, section];
    }),
  );
  const { size, counts, end, texts, damagedLines } = index;
  const header = { version: VERSION, ...state, size, counts, end, texts: texts.all(), damagedLines, sections };
  const json = Buffer.from(JSON.stringify(header));
  // Sections begin at a multiple of eight, so that they can be read in place.
  const padded = Buffer.concat([json, Buffer.alloc(8 - ((START_WORDS * 4 + json.length) % 8), 0x20)]);
  const start = bytesOf(Uint32Array.of(MAGIC, padded.length, crc32(padded)));
  return [start, padded, ...SECTIONS.map((name) => parts[name])];
}

function bytesOf(words: Uint32Array<ArrayBuffer>): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

/** An index on disk, verified as a whole when it is opened. Rows are read on use. */
export class StoredIndex implements FileIndex {
  /** Stays open, so that the index can be read to the end where it is replaced meanwhile. */
  readonly #fd: number;
  readonly #header: Header;
  readonly #start: number;
  readonly #ids: HashTable;
  readonly #keys: HashTable;
  readonly texts: TextTable;

  private constructor(fd: number, [header, start]: readonly [Header, number], isLookedUpOften: boolean) {
    this.#fd = fd;
    this.#header = header;
    this.#start = start;
    this.#ids = this.#table('ids', false);
    this.#keys = this.#table('keys', isLookedUpOften);
    for (const name of ['rows', 'pending', 'owed', 'runs'] as const) this.#verify(name);
    this.texts = createTextTable(header.texts);
  }

  /**
   * Opens the index beside a file and verifies it; null where there is none. `isLookedUpOften`: see {@link storedTable}. Throws
   * {@link IndexDefect}.
   */
  static open(path: string, isLookedUpOften = false): StoredIndex | null {
    const fd = openIndex(indexPathOf(path));
    if (fd === null) return null;
    try {
      return new StoredIndex(fd, readHeader(fd), isLookedUpOften);
    } catch (error) {
      closeSync(fd);
      throw error instanceof IndexDefect ? error : new IndexDefect('it cannot be read', { cause: error });
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  get state(): IndexedState {
    return this.#header;
  }

  get size(): number {
    return this.#header.size;
  }

  get counts(): FileCounts {
    return this.#header.counts;
  }

  get end(): number {
    return this.#header.end;
  }

  get damagedLines(): Header['damagedLines'] {
    return this.#header.damagedLines;
  }

  rowAt(row: number): IndexRow {
    const bytes = new Uint8Array(ROW_BYTES);
    if (row >= this.size) throw new IndexDefect('a row is missing');
    readExactly(this.#fd, bytes, this.#start + this.#header.sections.rows.at + row * ROW_BYTES);
    return readRow(new DataView(bytes.buffer), 0);
  }

  rows(): DataView {
    return new DataView(this.#section('rows'));
  }

  ids(): HashTable {
    return this.#ids;
  }

  keys(): HashTable {
    return this.#keys;
  }

  pendingRows(): readonly number[] {
    return [...new Uint32Array(this.#section('pending'))];
  }

  owedRows(): readonly number[] {
    return [...new Uint32Array(this.#section('owed'))];
  }

  runRows(): readonly number[] {
    return [...new Uint32Array(this.#section('runs'))];
  }

  /** Opens a table, which reads the whole of it once: its checksum is verified on the way. */
  #table(name: 'ids' | 'keys', isFiltered: boolean): HashTable {
    const { at, bytes, crc } = this.#header.sections[name];
    let sum: number | null = 0;
    const read = (entry: number, count: number): Uint32Array<ArrayBuffer> => {
      const words = new Uint32Array(count * 2);
      readExactly(this.#fd, bytesOf(words), this.#start + at + entry * ENTRY_BYTES);
      if (sum !== null) sum = crc32(bytesOf(words), sum);
      return words;
    };
    const table = storedTable(bytes / ENTRY_BYTES, read, isFiltered);
    if (sum !== crc) throw new IndexDefect(`its ${name} are damaged`);
    sum = null;
    return table;
  }

  #verify(name: SectionName): void {
    const { at, bytes, crc } = this.#header.sections[name];
    const chunk = Buffer.alloc(Math.min(bytes, CHUNK_BYTES));
    let sum = 0;
    for (let done = 0; done < bytes; done += chunk.length) {
      const part = chunk.subarray(0, bytes - done);
      readExactly(this.#fd, part, this.#start + at + done);
      sum = crc32(part, sum);
    }
    if (sum !== crc) throw new IndexDefect(`its ${name} are damaged`);
  }

  #section(name: SectionName): ArrayBuffer {
    const { at, bytes, crc } = this.#header.sections[name];
    const part = new Uint8Array(bytes);
    readExactly(this.#fd, part, this.#start + at);
    if (crc32(part) !== crc) throw new IndexDefect(`its ${name} are damaged`);
    return part.buffer;
  }
}

const ENTRY_BYTES = 8;

const CHUNK_BYTES = 256 * 1024;

/** Header and the position after it. */
function readHeader(fd: number): [Header, number] {
  const start = new Uint32Array(START_WORDS);
  readExactly(fd, bytesOf(start), 0);
  const { size } = fstatSync(fd);
  if (start[0] !== MAGIC || start[1]! > size) throw new IndexDefect('it has no header');
  const json = Buffer.alloc(start[1]!);
  readExactly(fd, json, START_WORDS * 4);
  if (crc32(json) !== start[2]) throw new IndexDefect('its header is damaged');
  const header = JSON.parse(json.toString('utf8')) as Header;
  const at = START_WORDS * 4 + json.length;
  if (header.version !== VERSION) throw new IndexDefect('it is of another version');
  const bytes = SECTIONS.reduce((sum, name) => sum + header.sections[name].bytes, at);
  if (bytes !== size || header.sections.rows.bytes !== header.size * ROW_BYTES)
    throw new IndexDefect('its size is wrong');
  return [header, at];
}

/** Null for a missing file. Symbolic links are not followed. */
function openIndex(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new IndexDefect('it cannot be opened', { cause });
  }
}

function readExactly(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(fd, bytes, done, bytes.length - done, at + done);
    if (count === 0) throw new IndexDefect('it ends too early');
    done += count;
  }
}
