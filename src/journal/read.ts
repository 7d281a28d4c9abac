import { ToolError } from '../errors.js';
import { parseRecord, type RecordHead, type RecordType } from './encoding.js';
import { closeFd, readerOf } from './file-io.js';
import { type FileKind, type JournalFile, listFiles } from './files.js';
import { isBeingWritten } from './lock.js';
import type { DamagedLine, DeliveryRecord, JournalEntry, Location, ReceiptEntry, RejectedEntry } from './record.js';
import { openListed, scanFile } from './scan.js';

interface ReadOptions {
  /** Told of each line that could not be read and was passed over. */
  readonly onTear: (tear: DamagedLine) => void;
}

/** A record as it stands in the journal; the body of a receipt is left in the file. */
export interface StoredRecord {
  readonly record: RecordHead;
  readonly location: Location;
  readonly path: string;
}

/**
 * Every record of a journal: what `listen` wrote, oldest first, then what each `replay` did, then what was rejected. Streamed in bounded
 * memory, while others write. A folder without a journal has none.
 */
export async function* readJournal(folder: string, { onTear }: ReadOptions): AsyncGenerator<StoredRecord> {
  yield* readFiles(await openListing(folder, onTear), {});
}

/**
 * What was received, verified or not, by the moment it came, with its deliveries from all files. From `sinceMs` on where given: files that
 * hold nothing so young are not opened. Reads the journal twice: deliveries stand behind what they deliver.
 */
export async function* readEntries(
  folder: string,
  { sinceMs = Number.NEGATIVE_INFINITY, onTear }: ReadOptions & { readonly sinceMs?: number },
): AsyncGenerator<JournalEntry> {
  const listing = await openListing(folder, onTear, sinceMs);
  const index = indexDeliveries();
  for await (const { record } of readFiles(listing, { types: ['delivery', 'answer'], tellsUnknown: false })) {
    index.add(record);
  }
  const receipts = readFiles(listing, { kinds: ['main'], types: ['receipt'] });
  const rejected = readFiles(listing, { kinds: ['rejected'], types: ['rejected'] });
  for await (const stored of mergeByMoment(receipts, rejected)) {
    const entry = stored.record.atMs < sinceMs ? null : toEntry(stored, index);
    if (entry !== null) yield entry;
  }
}

/** The bytes of a receipt exactly as received. Throws usage error `ERR_JOURNAL_READ` where they are not there any more. */
export async function readBody(folder: string, { file, offset, bytes }: Location): Promise<Uint8Array> {
  const listed = (await listFiles(folder)).find(({ inode }) => inode === file);
  const fd = listed === undefined ? null : await openListed(listed);
  if (fd === null) throw unreadable(folder);
  try {
    const line = Buffer.alloc(bytes);
    const count = await readerOf(fd)(line, 0, bytes, offset);
    const record = count === bytes ? parseRecord(line) : null;
    if (record?.type !== 'receipt') throw unreadable(folder);
    return Buffer.from(record.body, 'utf8');
  } finally {
    await closeFd(fd);
  }
}

/**
 * The one entry whose id begins so, or the `last` that was received. Throws usage errors `ERR_JOURNAL_ID_UNKNOWN` and
 * `ERR_JOURNAL_ID_AMBIGUOUS`, which lists whom it could mean. `of`: looks among verified ones only.
 */
export async function findEntry(
  folder: string,
  wanted: string,
  { onTear, of = 'all' }: Partial<ReadOptions> & { readonly of?: 'all' | 'receipts' } = {},
): Promise<JournalEntry> {
  const listing = await openListing(folder, onTear ?? (() => undefined));
  const types: readonly RecordType[] = of === 'all' ? ['receipt', 'rejected'] : ['receipt'];
  let found: StoredRecord[] = [];
  for await (const stored of readFiles(listing, { kinds: ['main', 'rejected'], types })) {
    if (wanted === 'last') found = latest(found, stored);
    else if (idOf(stored.record).startsWith(wanted)) found.push(stored);
  }
  const [one, ...more] = found;
  if (one === undefined) throw unknownId(wanted);
  if (more.length > 0) throw ambiguousId(wanted, found);
  const index = indexDeliveries(idOf(one.record));
  for await (const { record } of readFiles(listing, { types: ['delivery', 'answer'], tellsUnknown: false })) {
    index.add(record);
  }
  return toEntry(one, index)!;
}

interface Listing {
  readonly files: readonly JournalFile[];
  readonly onTear: (file: JournalFile) => (tear: DamagedLine) => void;
}

/** A clock that was set back in between must hide nothing. */
const CLOCK_SLACK_MS = 86_400_000;

/** A line without an end, in a file that a listener is writing to, is no tear: the rest of it is on its way. */
async function openListing(
  folder: string,
  onTear: (tear: DamagedLine) => void,
  sinceMs = Number.NEGATIVE_INFINITY,
): Promise<Listing> {
  const isWritten = await isBeingWritten(folder);
  const files = await listFiles(folder);
  return {
    files: files.filter(({ youngestMs }) => youngestMs === null || youngestMs + CLOCK_SLACK_MS >= sinceMs),
    onTear: (file) => (tear) => {
      if (!(tear.where === 'end' && isWritten && file.stampMs === null)) onTear(tear);
    },
  };
}

interface Wanted {
  readonly kinds?: readonly FileKind[];
  readonly types?: readonly RecordType[];
  readonly tellsUnknown?: boolean;
}

async function* readFiles({ files, onTear }: Listing, { kinds, ...wanted }: Wanted): AsyncGenerator<StoredRecord> {
  for (const file of files) {
    if (kinds !== undefined && !kinds.includes(file.kind)) continue;
    for await (const { found } of scanFile(file, { ...wanted, onTear: onTear(file) })) {
      for (const { record, offset, bytes } of found) {
        yield { record, location: { file: file.inode, offset, bytes }, path: file.path };
      }
    }
  }
}

/** Each in its own order, which is that of writing: the earlier of the two first. */
async function* mergeByMoment(
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

function latest([last]: readonly StoredRecord[], stored: StoredRecord): StoredRecord[] {
  return [last !== undefined && last.record.atMs > stored.record.atMs ? last : stored];
}

function idOf(record: RecordHead): string {
  return record.type === 'run' ? record.run : record.id;
}

function unreadable(folder: string): ToolError {
  const message = `the journal in ${folder} does not hold this notification any more`;
  return new ToolError('usage', 'ERR_JOURNAL_READ', message, { hint: 'It was pruned or damaged meanwhile.' });
}

function unknownId(wanted: string): ToolError {
  const message = wanted === 'last' ? 'the journal is empty' : `no id in the journal begins with ${wanted}`;
  const hint = 'What is there: `storewire journal list`';
  return new ToolError('usage', 'ERR_JOURNAL_ID_UNKNOWN', message, { hint });
}

const MAX_CANDIDATES = 5;

function ambiguousId(wanted: string, found: readonly StoredRecord[]): ToolError {
  const ids = found.slice(0, MAX_CANDIDATES).map(({ record }) => idOf(record));
  const more = found.length > MAX_CANDIDATES ? ` and ${found.length - MAX_CANDIDATES} more` : '';
  const message = `${found.length} ids in the journal begin with ${wanted}: ${ids.join(', ')}${more}`;
  return new ToolError('usage', 'ERR_JOURNAL_ID_AMBIGUOUS', message, { hint: 'Give more of it.' });
}

/** What became of each notification, by its id. */
interface DeliveryIndex {
  /** Takes note of deliveries and answers; other records say nothing of that. */
  add(record: RecordHead): void;
  /** In the order they were made, whichever file told of them. */
  of(id: string): readonly DeliveryRecord[];
  answerTo(id: string): number | null;
}

/** Of all notifications, or of the one with this id. */
function indexDeliveries(only: string | null = null): DeliveryIndex {
  const deliveries = new Map<string, DeliveryRecord[]>();
  const answers = new Map<string, number>();
  return {
    add: (record) => {
      if (record.type === 'run' || (only !== null && record.id !== only)) return;
      if (record.type === 'answer') answers.set(record.id, record.answered);
      if (record.type !== 'delivery') return;
      const known = deliveries.get(record.id);
      if (known === undefined) deliveries.set(record.id, [record]);
      else known.push(record);
    },
    of: (id) => [...(deliveries.get(id) ?? [])].sort((a, b) => a.atMs - b.atMs),
    answerTo: (id) => answers.get(id) ?? null,
  };
}
