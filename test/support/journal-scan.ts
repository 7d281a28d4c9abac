/** Reads a journal from end to end, as readers did before there was an index: the model that the index is compared with. */

import { type DeliveryStatus, pendingTargets } from '../../src/journal/delivery-status.js';
import { parseRecord, type RecordHead, type RecordType } from '../../src/journal/encoding.js';
import { ambiguousId, unknownId, unreadable } from '../../src/journal/errors.js';
import { closeFd, readerOf } from '../../src/journal/file-io.js';
import { type FileKind, type JournalFile, listFiles } from '../../src/journal/files.js';
import { isBeingWritten } from '../../src/journal/lock.js';
import { notificationKey } from '../../src/journal/notification-key.js';
import type {
  DamagedLine,
  DeliveryRecord,
  JournalEntry,
  Location,
  ReceiptEntry,
  ReceiptHead,
  RejectedEntry,
} from '../../src/journal/record.js';
import { openListed, scanFile } from '../../src/journal/scan.js';

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

/** Reads the body of a receipt, byte for byte as received. Throws usage error `ERR_JOURNAL_READ` where it was removed. */
export async function readRecordedBody(folder: string, { file, offset, bytes }: Location): Promise<Uint8Array> {
  const listed = (await listFiles(folder)).find(({ inode }) => inode === file);
  const fd = listed === undefined ? null : await openListed(listed);
  if (fd === null) throw unreadable(folder);
  try {
    const line = Buffer.alloc(bytes);
    const count = await readerOf(fd)(line, 0, bytes, offset);
    const record = count === bytes ? parseRecord(line) : null;
    if (record?.type !== 'receipt') throw unreadable(folder);
    if (record.bodyOf === undefined) return Buffer.from(record.body, 'utf8');
    const holder = await findEntry(folder, record.bodyOf, { of: 'receipts' });
    if (holder.type !== 'receipt' || holder.receipt.bodyOf !== undefined) throw unreadable(folder);
    return await readRecordedBody(folder, holder.location);
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
  if (more.length > 0)
    throw ambiguousId(
      id,
      found.map(({ record }) => idOf(record)),
    );
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

interface ModelStatuses {
  addReceipt(receipt: Pick<ReceiptHead, 'id' | 'targets' | 'facts'>): void;
  addDelivery(delivery: Pick<DeliveryRecord, 'id' | 'uuid' | 'target' | 'outcome'>): void;
  of(notification: Pick<ReceiptHead, 'id' | 'facts'>): DeliveryStatus;
  pendingByTarget(): ReadonlyMap<string, number>;
}

const NO_STATUS: DeliveryStatus = { intended: [], accepted: [] };

/** Key of a notification: its {@link notificationKey}, which its repeats share, or else the id of its receipt. */
const keyOf = (key: string | null, id: string): string => (key === null ? `id:${id}` : `uuid:${key}`);

/**
 * Collects the delivery statuses from the records of a journal, in any order. Equal statuses share one object: a journal of 300,000
 * notifications has only a few different ones.
 */
export function createDeliveryStatuses(): ModelStatuses {
  const statuses = new Map<string, DeliveryStatus>();
  const shared = new Map<string, DeliveryStatus>();
  const update = (key: string, field: keyof DeliveryStatus, names: readonly string[]): void => {
    const current = statuses.get(key) ?? NO_STATUS;
    if (names.every((name) => current[field].includes(name))) return;
    const updated = { ...current, [field]: [...new Set([...current[field], ...names])].sort() };
    const text = JSON.stringify(updated);
    const status = shared.get(text) ?? updated;
    shared.set(text, status);
    statuses.set(key, status);
  };
  return {
    addReceipt: ({ id, targets, facts }) => update(keyOf(notificationKey(facts), id), 'intended', targets),
    addDelivery({ id, uuid, target, outcome }) {
      if (outcome === 'accepted') update(keyOf(uuid, id), 'accepted', [target]);
    },
    of: ({ id, facts }) => statuses.get(keyOf(notificationKey(facts), id)) ?? NO_STATUS,
    pendingByTarget() {
      const counts = new Map<string, number>();
      for (const status of statuses.values()) {
        for (const name of pendingTargets(status)) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      return counts;
    },
  };
}
