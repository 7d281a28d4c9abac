import { rm } from 'node:fs/promises';
import type { RecordHead } from '../encoding.js';
import { type FileKind, type JournalFile, listFiles } from '../files.js';
import { isBeingWritten } from '../lock.js';
import { foreignFiles } from '../ownership.js';
import type { DamagedLine, JournalRecord } from '../record.js';
import type { FileIndex } from './file-index.js';
import { indexPathOf, StoredIndex } from './index-file.js';
import { type OnRebuilt, openIndex } from './open-index.js';
import { openRecordStore } from './record-store.js';
import type { IndexRow } from './row.js';

/** A row of a file of the journal. */
export interface Position {
  /** Number of the file in the list of {@link IndexedFiles}. */
  readonly file: number;
  readonly row: number;
  readonly data: IndexRow;
}

export interface IndexedFile {
  readonly file: JournalFile;
  readonly index: FileIndex;
  /** Not written in this folder: what it says of a verdict or a target is a claim. */
  readonly isForeign: boolean;
}

/** The files of a journal with their indexes. An index only leads to records: each is read and compared before it is used. */
export interface IndexedFiles {
  readonly list: readonly IndexedFile[];
  /** Numbers of the files of these kinds, in the order of {@link listFiles}. */
  ofKinds(...kinds: readonly FileKind[]): readonly number[];
  positionOf(file: number, row: number): Position;
  /** The record without its body; null where the index is wrong, or the record is damaged or was removed. */
  headAt(position: Position): RecordHead | null;
  /** The first bytes of a record, unchecked; null where they cannot be read. Valid until the next call. */
  startOf(file: number, place: Pick<IndexRow, 'offset' | 'bytes'>): Buffer | null;
  /** The record with its body, by the inode of its file. */
  recordAt(inode: number, place: Pick<IndexRow, 'offset' | 'bytes'>): JournalRecord | null;
  damagedLines(): readonly DamagedLine[];
  /** Builds the index of a file again, since it proved wrong. */
  rebuild(file: number, reason: string): Promise<void>;
  /** Closes the files, and deletes indexes that proved wrong. */
  /** True once the index of a file was built again: after that a record that does not match is damaged, or was removed. */
  isRebuilt(file: number): boolean;
  close(): Promise<void>;
}

export interface OpenFilesOptions {
  readonly onRebuilt?: OnRebuilt;
}

/** Opens the files of a folder; one without a journal has none. */
export async function openIndexedFiles(
  folder: string | null,
  { onRebuilt }: OpenFilesOptions = {},
): Promise<IndexedFiles> {
  const isWritten = folder !== null && (await isBeingWritten(folder));
  const files = folder === null ? [] : await listFiles(folder);
  const options = onRebuilt === undefined ? {} : { onRebuilt };
  const isForeign = folder === null ? () => false : foreignFiles(folder);
  const list: { file: JournalFile; index: FileIndex; isForeign: boolean }[] = [];
  for (const file of files) {
    list.push({ file, index: await openIndex(file, options), isForeign: isForeign(file.name) });
  }
  const records = openRecordStore();
  const wrong = new Set<number>();
  const rebuilt = new Set<number>();
  return {
    list,
    ofKinds: (...kinds) => list.flatMap(({ file }, number) => (kinds.includes(file.kind) ? [number] : [])),
    positionOf: (file, row) => ({ file, row, data: list[file]!.index.rowAt(row) }),
    headAt({ file, data }) {
      const record = records.headAt(list[file]!.file, data);
      if (record === null) wrong.add(file);
      return record;
    },
    startOf: (file, place) => records.startOf(list[file]!.file, place),
    recordAt(inode, place) {
      const found = list.find(({ file }) => file.inode === inode);
      return found === undefined ? null : records.recordAt(found.file, place);
    },
    damagedLines: () =>
      list.flatMap(({ file, index }) =>
        index.damagedLines
          // The rest of an incomplete last line follows while a listener writes it.
          .filter(({ where }) => !(where === 'end' && isWritten && file.stampMs === null))
          .map((line) => ({ path: file.path, ...line })),
      ),
    async rebuild(number, reason) {
      const entry = list[number]!;
      wrong.delete(number);
      // Once is enough: after that the record itself is damaged, or was removed.
      if (rebuilt.has(number)) return;
      rebuilt.add(number);
      onRebuilt?.(indexPathOf(entry.file.path), reason);
      if (entry.index instanceof StoredIndex) entry.index.close();
      entry.index = await openIndex(entry.file, { ...options, isDistrusted: true });
    },
    isRebuilt: (file) => rebuilt.has(file),
    async close() {
      records.close();
      for (const { index } of list) if (index instanceof StoredIndex) index.close();
      for (const number of wrong) {
        if (!rebuilt.has(number))
          await rm(indexPathOf(list[number]!.file.path), { force: true }).catch(() => undefined);
      }
    },
  };
}
