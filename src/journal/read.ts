import { ToolError } from '../errors.js';
import { parseRecord, type RecordHead, type RecordType } from './encoding.js';
import { closeFd, readerOf } from './file-io.js';
import { type FileKind, type JournalFile, listFiles } from './files.js';
import { isBeingWritten } from './lock.js';
import type {
  DamagedLine,
  DeliveryRecord,
  JournalEntry,
  Location,
  ReceiptEntry,
  ReceiptRecord,
  RejectedEntry,
} from './record.js';
import { openListed, scanFile } from './scan.js';

interface ReadOptions {
  /** Called for each line that could not be read and was skipped. */
  readonly onDamagedLine: (line: DamagedLine) => void;
}

/** A record with its location; the body of a receipt is left in the file. */
export interface StoredRecord {
  readonly record: RecordHead;
  readonly location: Location;
  readonly path: string;
}

/**
 * Reads every record of a journal: those of `listen`, oldest first, then those of each `replay`, then the rejected ones. Streams in bounded
 * memory, also while other processes write. A folder without a journal has no records.
 */
export async function* readJournal(folder: string, { onDamagedLine }: ReadOptions): AsyncGenerator<StoredRecord> {
  yield* readFiles(await openListing(folder, onDamagedLine), {});
}

/**
 * Reads all entries, verified or not, in the order of receipt, with their deliveries from all files. `sinceMs` skips earlier entries, and
 * files that hold only those. Reads the journal twice, since deliveries follow their receipts.
 */
export async function* readEntries(
  folder: string,
  { sinceMs = Number.NEGATIVE_INFINITY, onDamagedLine }: ReadOptions & { readonly sinceMs?: number },
): AsyncGenerator<JournalEntry> {
  const listing = await openListing(folder, onDamagedLine, sinceMs);
  const index = indexDeliveries();
  for await (const { record } of readFiles(listing, { types: ['delivery', 'answer'], reportsUnknown: false })) {
    index.add(record);
  }
  const receipts = readFiles(listing, { kinds: ['main'], types: ['receipt'] });
  const rejected = readFiles(listing, { kinds: ['rejected'], types: ['rejected'] });
  for await (const stored of mergeByTime(receipts, rejected)) {
    const entry = stored.record.atMs < sinceMs ? null : toEntry(stored, index);
    if (entry !== null) yield entry;
  }
}

/**
 * Reads the body of a receipt, byte for byte as received; of a repeat without one, that of the first receipt. Throws usage error
 * `ERR_JOURNAL_READ` where it was removed.
 */
export async function readRecordedBody(folder: string, location: Location): Promise<Uint8Array> {
  const receipt = await readReceiptAt(folder, location);
  if (receipt.bodyOf === undefined) return Buffer.from(receipt.body, 'utf8');
  const first = await locateReceipt(folder, receipt.bodyOf);
  const holder = first === null ? null : await readReceiptAt(folder, first);
  if (holder === null || holder.bodyOf !== undefined) throw unreadable(folder);
  return Buffer.from(holder.body, 'utf8');
}

async function locateReceipt(folder: string, id: string): Promise<Location | null> {
  const listing = await openListing(folder, () => undefined);
  for await (const { record, location } of readFiles(listing, { kinds: ['main'], types: ['receipt'] }))
    if (record.type === 'receipt' && record.id === id) return location;
  return null;
}

async function readReceiptAt(folder: string, { file, offset, bytes }: Location): Promise<ReceiptRecord> {
  const listed = (await listFiles(folder)).find(({ inode }) => inode === file);
  const fd = listed === undefined ? null : await openListed(listed);
  if (fd === null) throw unreadable(folder);
  try {
    const line = Buffer.alloc(bytes);
    const count = await readerOf(fd)(line, 0, bytes, offset);
    const record = count === bytes ? parseRecord(line) : null;
    if (record?.type !== 'receipt') throw unreadable(folder);
    return record;
  } finally {
    await closeFd(fd);
  }
}

/**
 * Finds the entry with this id or id prefix, or the `last` one received. `of` restricts the search to verified ones. Throws usage errors
 * `ERR_JOURNAL_ID_UNKNOWN` and `ERR_JOURNAL_ID_AMBIGUOUS`, which lists the candidates.
 */
export async function findEntry(
  folder: string,
  id: string,
  { onDamagedLine, of = 'all' }: Partial<ReadOptions> & { readonly of?: 'all' | 'receipts' } = {},
): Promise<JournalEntry> {
  const listing = await openListing(folder, onDamagedLine ?? (() => undefined));
  const types: readonly RecordType[] = of === 'all' ? ['receipt', 'rejected'] : ['receipt'];
  let found: StoredRecord[] = [];
  for await (const stored of readFiles(listing, { kinds: ['main', 'rejected'], types })) {
    if (id === 'last') found = latest(found, stored);
    else if (idOf(stored.record).startsWith(id)) found.push(stored);
  }
  const [entry, ...more] = found;
  if (entry === undefined) throw unknownId(id);
  if (more.length > 0) throw ambiguousId(id, found);
  const index = indexDeliveries(idOf(entry.record));
  for await (const { record } of readFiles(listing, { types: ['delivery', 'answer'], reportsUnknown: false })) {
    index.add(record);
  }
  return toEntry(entry, index)!;
}

interface Listing {
  readonly files: readonly JournalFile[];
  readonly onDamagedLine: (file: JournalFile) => (line: DamagedLine) => void;
}

/** Tolerance for a clock that was set back, so that no entry is missed. */
const CLOCK_SLACK_MS = 86_400_000;

/** An incomplete last line of a file that a listener is writing to is not reported: the rest of it follows. */
async function openListing(
  folder: string,
  onDamagedLine: (line: DamagedLine) => void,
  sinceMs = Number.NEGATIVE_INFINITY,
): Promise<Listing> {
  const isWritten = await isBeingWritten(folder);
  const files = await listFiles(folder);
  return {
    files: files.filter(({ newestMs }) => newestMs === null || newestMs + CLOCK_SLACK_MS >= sinceMs),
    onDamagedLine: (file) => (line) => {
      if (!(line.where === 'end' && isWritten && file.stampMs === null)) onDamagedLine(line);
    },
  };
}

interface RecordFilter {
  readonly kinds?: readonly FileKind[];
  readonly types?: readonly RecordType[];
  readonly reportsUnknown?: boolean;
}

async function* readFiles(
  { files, onDamagedLine }: Listing,
  { kinds, ...filter }: RecordFilter,
): AsyncGenerator<StoredRecord> {
  for (const file of files) {
    if (kinds !== undefined && !kinds.includes(file.kind)) continue;
    for await (const { found } of scanFile(file, { ...filter, onDamagedLine: onDamagedLine(file) })) {
      for (const { record, offset, bytes } of found) {
        yield { record, location: { file: file.inode, offset, bytes }, path: file.path };
      }
    }
  }
}

/** Merges two streams of records, each in the order of writing, by time. */
async function* mergeByTime(
  a: AsyncGenerator<StoredRecord>,
  b: AsyncGenerator<StoredRecord>,
): AsyncGenerator<StoredRecord> {
  try {
    let [nextA, nextB] = [await a.next(), await b.next()];
    while (nextA.done !== true || nextB.done !== true) {
      if (nextB.done === true || (nextA.done !== true && nextA.value.record.atMs <= nextB.value.record.atMs)) {
        yield nextA.value as StoredRecord;
        nextA = await a.next();
      } else {
        yield nextB.value;
        nextB = await b.next();
      }
    }
  } finally {
    await a.return(undefined);
    await b.return(undefined);
  }
}

function toEntry({ record, location }: StoredRecord, index: DeliveryIndex): ReceiptEntry | RejectedEntry | null {
  if (record.type === 'receipt') {
    const { id, answered } = record;
    const deliveries = index.of(id);
    return { type: 'receipt', receipt: record, location, answered: answered ?? index.answerTo(id), deliveries };
  }
  if (record.type !== 'rejected') return null;
  return { type: 'rejected', rejected: record, deliveries: index.of(record.id) };
}

function latest([last]: readonly StoredRecord[], next: StoredRecord): StoredRecord[] {
  return [last !== undefined && last.record.atMs > next.record.atMs ? last : next];
}

function idOf(record: RecordHead): string {
  return record.type === 'run' ? record.run : record.id;
}

function unreadable(folder: string): ToolError {
  const message = `the notification is no longer in the journal in ${folder}`;
  return new ToolError('usage', 'ERR_JOURNAL_READ', message, { hint: 'It was pruned or damaged in the meantime.' });
}

function unknownId(id: string): ToolError {
  const message =
    id === 'last' ? 'the journal is empty' : `no notification in the journal has an id that begins with ${id}`;
  const hint = 'List the ids: storewire journal list';
  return new ToolError('usage', 'ERR_JOURNAL_ID_UNKNOWN', message, { hint });
}

const MAX_CANDIDATES = 5;

function ambiguousId(id: string, found: readonly StoredRecord[]): ToolError {
  const ids = found.slice(0, MAX_CANDIDATES).map(({ record }) => idOf(record));
  const more = found.length > MAX_CANDIDATES ? ` and ${found.length - MAX_CANDIDATES} more` : '';
  const message = `${found.length} ids in the journal begin with ${id}: ${ids.join(', ')}${more}`;
  return new ToolError('usage', 'ERR_JOURNAL_ID_AMBIGUOUS', message, { hint: 'Pass more characters of the id.' });
}

/** Deliveries and answers by the id of the notification. */
interface DeliveryIndex {
  /** Adds a delivery or an answer; ignores other records. */
  add(record: RecordHead): void;
  /** Deliveries of all files by time. */
  of(id: string): readonly DeliveryRecord[];
  answerTo(id: string): number | null;
}

/** Indexes all notifications, or the one with the id `only`. */
function indexDeliveries(only: string | null = null): DeliveryIndex {
  const deliveries = new Map<string, DeliveryRecord[]>();
  const answers = new Map<string, number>();
  return {
    add: (record) => {
      if (record.type === 'run' || (only !== null && record.id !== only)) return;
      if (record.type === 'answer') answers.set(record.id, record.answered);
      if (record.type !== 'delivery') return;
      const ofNotification = deliveries.get(record.id);
      if (ofNotification === undefined) deliveries.set(record.id, [record]);
      else ofNotification.push(record);
    },
    of: (id) => [...(deliveries.get(id) ?? [])].sort((a, b) => a.atMs - b.atMs),
    answerTo: (id) => answers.get(id) ?? null,
  };
}
