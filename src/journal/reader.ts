import { type DeliveryStatuses, openNotifications, type PendingNotification } from './delivery-status.js';
import type { RecordHead } from './encoding.js';
import { ambiguousId, unknownId, unreadable } from './errors.js';
import { rowsWithId } from './index/id-rows.js';
import { type IndexedFiles, type OpenFilesOptions, openIndexedFiles, type Position } from './index/indexed-files.js';
import { type Direction, mergeByTime, positionsOf } from './index/positions.js';
import { type IndexRow, idText, idWords } from './index/row.js';
import type { DamagedLine, DeliveryRecord, JournalEntry, RunRecord } from './record.js';
import { openShortIds, type ShortIds } from './short-ids.js';

/** A row of an entry, before its record is read: a filter that it does not pass costs no read. */
export type RowFilter = (position: Position) => boolean;

export interface EntryRange {
  /** Leaves out earlier entries. */
  readonly sinceMs?: number | null;
  readonly accepts?: RowFilter;
  /** Only these, oldest first. */
  readonly positions?: readonly Position[];
  /** Oldest first where left out. */
  readonly from?: Direction;
}

/** Reads a journal through its indexes: in proportion to what is read, not to what is stored. */
export interface JournalReader {
  /** Null where there is no journal. */
  readonly folder: string | null;
  readonly files: IndexedFiles;
  readonly statuses: DeliveryStatuses;
  readonly shortIds: ShortIds;
  /** No body was received yet, verified or not. */
  readonly isEmpty: boolean;
  /** Verified notifications, repeats not counted. */
  readonly notifications: number;
  damagedLines(): readonly DamagedLine[];
  /** Entries, verified or not, in the order of receipt, with their deliveries from all files. */
  entries(range?: EntryRange): AsyncGenerator<JournalEntry>;
  /** Rows of the entries, in the same order. */
  positions(range?: EntryRange): AsyncGenerator<Position>;
  /** Reads the entry of a row; null where it is damaged or was removed. */
  entryAt(position: Position): JournalEntry | null;
  /** Rows of the entry with this id. */
  positionsOf(id: string): readonly Position[];
  /** Notifications with a pending delivery. */
  pending(): Iterable<PendingNotification>;
  /**
   * Finds the entry with this id or id prefix, or the `last` one received. `of` restricts the search to verified ones. Throws usage errors
   * `ERR_JOURNAL_ID_UNKNOWN` and `ERR_JOURNAL_ID_AMBIGUOUS`, which lists the candidates.
   */
  find(id: string, of?: 'all' | 'receipts'): Promise<JournalEntry>;
  /** Body of an entry, byte for byte as received; of a repeat that of its first receipt. Throws `ERR_JOURNAL_READ`. */
  bodyOf(entry: JournalEntry): Uint8Array;
  runs(): readonly RunRecord[];
  /** Deliveries that a `replay` run recorded. */
  deliveriesOfRun(run: string): AsyncGenerator<DeliveryRecord>;
  close(): Promise<void>;
}

/** Opens a journal for reading; without one (`folder` null) it is empty. */
export async function openJournalReader(folder: string | null, options: OpenFilesOptions = {}): Promise<JournalReader> {
  const files = await openIndexedFiles(folder, options);
  const notifications = openNotifications(files);
  const counts = files.list.map(({ index }) => index.counts);
  const sum = (name: 'receipts' | 'first' | 'rejected'): number =>
    counts.reduce((total, each) => total + each[name], 0);
  const reader: JournalReader = {
    folder,
    files,
    statuses: notifications,
    shortIds: openShortIds(files),
    isEmpty: sum('receipts') + sum('rejected') === 0,
    notifications: sum('first'),
    damagedLines: files.damagedLines,
    entries: (range) => entriesOf(files, range),
    positions: (range) => rowsInRange(files, range),
    entryAt: (position) => entryAt(files, position),
    positionsOf: (id) => positionsWithId(files, id, ENTRY_KINDS),
    pending: notifications.pending,
    find: (id, of = 'all') => findEntry(files, id, of),
    bodyOf: (entry) => bodyOf(files, folder ?? '', entry),
    runs: () => recordsOf(files, ({ index }) => index.runRows()).filter((record) => record.type === 'run'),
    deliveriesOfRun: (run) => deliveriesOfRun(files, run),
    close: files.close,
  };
  return reader;
}

const ENTRY_KINDS: readonly IndexRow['kind'][] = ['receipt', 'rejected'];

async function* rowsInRange(
  files: IndexedFiles,
  { sinceMs, accepts, positions, from = 'oldest' }: EntryRange = {},
): AsyncGenerator<Position> {
  const after = sinceMs ?? Number.NEGATIVE_INFINITY;
  const isInRange = (position: Position): boolean =>
    position.data.atMs >= after && (accepts === undefined || accepts(position));
  if (positions !== undefined) {
    yield* (from === 'oldest' ? positions : [...positions].reverse()).filter(isInRange);
    return;
  }
  const numbers = (kind: 'main' | 'rejected'): readonly number[] =>
    files.ofKinds(kind).filter((number) => mayHold(files.list[number]!.file, after));
  const receipts = positionsOf(files, numbers('main'), 'receipt', from);
  const rejected = positionsOf(files, numbers('rejected'), 'rejected', from);
  for await (const position of mergeByTime(receipts, rejected, from)) {
    if (isInRange(position)) yield position;
  }
}

/** Tolerance for a clock that was set back, so that no entry is missed. */
const CLOCK_SLACK_MS = 86_400_000;

function mayHold({ newestMs }: { readonly newestMs: number | null }, sinceMs: number): boolean {
  return newestMs === null || newestMs + CLOCK_SLACK_MS >= sinceMs;
}

async function* entriesOf(files: IndexedFiles, range: EntryRange | undefined): AsyncGenerator<JournalEntry> {
  for await (const position of rowsInRange(files, range)) {
    const entry = entryAt(files, position);
    if (entry !== null) yield entry;
    else await files.rebuild(position.file, 'it does not match the file');
  }
}

function entryAt(files: IndexedFiles, position: Position): JournalEntry | null {
  const record = files.headAt(position);
  if (record?.type !== 'receipt' && record?.type !== 'rejected') return null;
  const { deliveries, answered } = deliveriesOf(files, record.id);
  const { file, isForeign } = files.list[position.file]!;
  const origin = isForeign ? { isForeign } : {};
  if (record.type === 'rejected') return { type: 'rejected', rejected: record, deliveries, ...origin };
  const { offset, bytes } = position.data;
  const location = { file: file.inode, offset, bytes };
  return { type: 'receipt', receipt: record, location, answered: record.answered ?? answered, deliveries, ...origin };
}

/** Attempts for an entry by time, and the answer that was recorded apart. */
function deliveriesOf(
  files: IndexedFiles,
  id: string,
): { deliveries: readonly DeliveryRecord[]; answered: number | null } {
  const deliveries: DeliveryRecord[] = [];
  let answered: number | null = null;
  for (const position of positionsWithId(files, id, ['delivery', 'answer'])) {
    const record = files.headAt(position);
    if (record?.type === 'delivery') deliveries.push(record);
    if (record?.type === 'answer') answered = record.answered;
  }
  return { deliveries: deliveries.sort((a, b) => a.atMs - b.atMs), answered };
}

function positionsWithId(files: IndexedFiles, id: string, kinds: readonly IndexRow['kind'][]): readonly Position[] {
  const { idHigh, idLow } = idWords(id);
  return files.list.flatMap(({ index }, file) =>
    rowsWithId(index, idHigh, idLow)
      .map((row) => files.positionOf(file, row))
      .filter(({ data }) => data.idLow === idLow && kinds.includes(data.kind)),
  );
}

async function findEntry(files: IndexedFiles, id: string, of: 'all' | 'receipts'): Promise<JournalEntry> {
  const kinds = of === 'all' ? ENTRY_KINDS : ENTRY_KINDS.slice(0, 1);
  if (id === 'last') {
    const accepts: RowFilter = ({ data }) => kinds.includes(data.kind);
    for await (const entry of entriesOf(files, { from: 'newest', accepts })) return entry;
    throw unknownId(id);
  }
  for (;;) {
    const found = positionsWithPrefix(files, id, kinds);
    const [position, ...more] = found;
    if (position === undefined) throw unknownId(id);
    if (more.length > 0)
      throw ambiguousId(
        id,
        found.map(({ data }) => idText(data)),
      );
    const entry = entryAt(files, position);
    if (entry !== null) return entry;
    const { index } = files.list[position.file]!;
    await files.rebuild(position.file, 'it does not match the file');
    if (files.list[position.file]!.index === index) throw unknownId(id);
  }
}

function positionsWithPrefix(
  files: IndexedFiles,
  prefix: string,
  kinds: readonly IndexRow['kind'][],
): readonly Position[] {
  const bound = (digit: string): number => Number.parseInt(prefix.slice(0, 8).padEnd(8, digit), 16);
  return files.ofKinds('main', 'rejected').flatMap((file) =>
    files.list[file]!.index.ids()
      .between(bound('0'), bound('f'))

      .map((row) => files.positionOf(file, row))
      .filter(({ data }) => kinds.includes(data.kind) && idText(data).startsWith(prefix))
      .sort((a, b) => a.row - b.row),
  );
}

function bodyOf(files: IndexedFiles, folder: string, entry: JournalEntry): Uint8Array {
  if (entry.type === 'rejected') return Buffer.from(entry.rejected.bodyBase64, 'base64');
  const record = files.recordAt(entry.location.file, entry.location);
  if (record?.type !== 'receipt' || record.id !== entry.receipt.id) throw unreadable(folder);
  if (record.bodyOf === undefined) return Buffer.from(record.body, 'utf8');
  const [first] = positionsWithId(files, record.bodyOf, ['receipt']);
  const firstRecord = first === undefined ? null : files.recordAt(files.list[first.file]!.file.inode, first.data);
  if (firstRecord?.type !== 'receipt' || firstRecord.bodyOf !== undefined) throw unreadable(folder);
  return Buffer.from(firstRecord.body, 'utf8');
}

function recordsOf(
  files: IndexedFiles,
  rows: (file: IndexedFiles['list'][number]) => readonly number[],
): readonly RecordHead[] {
  return files.list
    .flatMap((file, number) => rows(file).map((row) => files.headAt(files.positionOf(number, row))))
    .filter((record) => record !== null);
}

async function* deliveriesOfRun(files: IndexedFiles, run: string): AsyncGenerator<DeliveryRecord> {
  for await (const position of positionsOf(files, files.ofKinds('replay'), 'delivery', 'oldest')) {
    const record = files.headAt(position);
    if (record?.type === 'delivery' && record.run === run) yield record;
  }
}
