import type { RecordHead } from '../../journal/encoding.js';
import { type JournalFile, listFiles } from '../../journal/files.js';
import { hashValue } from '../../journal/index/key.js';
import { positionsOf, rowsOfFile } from '../../journal/index/positions.js';
import { openRecordStore, type RecordStore } from '../../journal/index/record-store.js';
import { idText, idWords, kindNumber, ROW_AT, ROW_BYTES } from '../../journal/index/row.js';
import { foreignFiles } from '../../journal/ownership.js';
import { type JournalReader, openJournalReader } from '../../journal/reader.js';
import type { DeliveryRecord, JournalEntry, JournalRecord, RecordedFacts } from '../../journal/record.js';
import { scanFile } from '../../journal/scan.js';

/** One entry of the journal, in few bytes: a journal may have a million. */
interface Slot {
  readonly file: JournalFile;
  /** Number of the file in the reader's list and row of its index; -1 for what was written since. */
  readonly number: number;
  readonly row: number;
  readonly offset: number;
  readonly bytes: number;
  /** Hash of the original transaction id, else of the transaction id; 0 without. */
  readonly purchase: number;
}

/** Deliveries and answers that were written since the journal was opened. */
interface LateRecords {
  readonly deliveries: DeliveryRecord[];
  answered: number | null;
}

/** Entries between two pauses, in which the process does other work. */
const ENTRIES_AT_ONCE = 10_000;

/**
 * A journal that another process goes on writing. What was there on opening is read through its indexes, what was added since from the end
 * of each file on.
 */
export class FollowedJournal {
  readonly #folder: string;
  readonly #reader: JournalReader;
  readonly #store: RecordStore = openRecordStore();
  readonly #slots: Slot[] = [];
  /** The two halves of the id of each slot. */
  readonly #idWords: number[] = [];
  /** Positions by id, built when one is asked for: the first rows need none. */
  #positions: Map<string, number> | null = null;
  readonly #late = new Map<string, LateRecords>();
  /** End of what was read, by inode. */
  readonly #ends = new Map<number, number>();

  private constructor(folder: string, reader: JournalReader) {
    this.#folder = folder;
    this.#reader = reader;
  }

  /** `pause` lets the process do other work. */
  static async open(folder: string, pause: () => Promise<void>): Promise<FollowedJournal> {
    const reader = await openJournalReader(folder);
    const journal = new FollowedJournal(folder, reader);
    const receipts = await indexedSlots(reader, 'main', 'receipt', pause);
    const rejected = await indexedSlots(reader, 'rejected', 'rejected', pause);
    let next = 0;
    for (const each of receipts) {
      while (next < rejected.length && rejected[next]!.atMs < each.atMs) journal.#add(rejected[next++]!);
      journal.#add(each);
    }
    for (const each of rejected.slice(next)) journal.#add(each);
    for (const { file, index } of reader.files.list) journal.#ends.set(file.inode, index.end);
    return journal;
  }

  get size(): number {
    return this.#slots.length;
  }

  idAt(position: number): string {
    return idText({ idHigh: this.#idWords[2 * position]!, idLow: this.#idWords[2 * position + 1]! });
  }

  /** Position of an entry in the order of arrival. */
  positionOf(id: string): number | undefined {
    this.#positions ??= new Map(this.#slots.map((_slot, position) => [this.idAt(position), position]));
    return this.#positions.get(id);
  }

  /** Reads what was added. Resolves with the ids of new and changed entries; null where files were removed, and all must be read again. */
  async refresh(): Promise<readonly string[] | null> {
    const files = await listFiles(this.#folder);
    const present = new Map(files.map((file) => [file.inode, file]));
    for (const [inode, end] of this.#ends) if ((present.get(inode)?.bytes ?? -1) < end) return null;
    const changed: string[] = [];
    for (const file of files) {
      const from = this.#ends.get(file.inode) ?? 0;
      if (file.bytes <= from) continue;
      for await (const { found, end } of scanFile(file, { from, onDamagedLine: ignore })) {
        for (const { record, offset, bytes } of found) {
          const id = this.#addRecord(record, { file, offset, bytes });
          if (id !== null) changed.push(id);
        }
        this.#ends.set(file.inode, end);
      }
    }
    return changed;
  }

  /** Null where the record is damaged or was removed. */
  entryAt(position: number): JournalEntry | null {
    const slot = this.#slots[position];
    if (slot === undefined) return null;
    const id = this.idAt(position);
    const entry = slot.row === -1 ? this.#entryWrittenSince(slot, id) : this.#indexedEntry(slot, id);
    if (entry === null) return null;
    const late = this.#late.get(id);
    if (late === undefined) return entry;
    const deliveries = [...entry.deliveries, ...late.deliveries].sort((a, b) => a.atMs - b.atMs);
    return entry.type === 'rejected'
      ? { ...entry, deliveries }
      : { ...entry, deliveries, answered: entry.answered ?? late.answered };
  }

  /** Body as received; of a rejected one the stored part. Null where it was removed. */
  bodyOf(entry: JournalEntry): Uint8Array | null {
    if (entry.type === 'rejected') return Buffer.from(entry.rejected.bodyBase64, 'base64');
    const id = entry.receipt.bodyOf ?? entry.receipt.id;
    const position = this.positionOf(id);
    const record = position === undefined ? null : this.#recordOf(this.#slots[position]!, id);
    return record?.type === 'receipt' && record.bodyOf === undefined ? Buffer.from(record.body, 'utf8') : null;
  }

  /** Entries of the purchase of an entry, oldest first. */
  purchaseEntries(position: number, most: number): readonly JournalEntry[] {
    const slot = this.#slots[position]!;
    const entry = this.entryAt(position);
    if (entry === null) return [];
    const wanted = purchaseOf(entry);
    if (slot.purchase === 0 || wanted === null) return [entry];
    const positions = this.#slots.flatMap(({ purchase }, at) => (purchase === slot.purchase ? [at] : []));
    return positions
      .slice(-most)
      .map((at) => this.entryAt(at))
      .filter((other) => other !== null)
      .filter((other) => purchaseOf(other) === wanted);
  }

  /** Head of an entry for the search: read from its first bytes, and not compared with its checksum. */
  peekAt(position: number): RecordHead | null {
    const { file, offset, bytes } = this.#slots[position]!;
    return this.#store.peekAt(file, { offset, bytes });
  }

  /** Targets of the deliveries that the indexes have, by id. */
  async indexedTargets(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const { files } = this.#reader;
    const targets = new Map<string, Set<string>>();
    for await (const { file, data } of positionsOf(files, files.ofKinds('main', 'replay'), 'delivery', 'oldest')) {
      const name = files.list[file]!.index.texts.textOf(data.target);
      if (typeof name !== 'string') continue;
      const id = idText(data);
      targets.set(id, (targets.get(id) ?? new Set()).add(name));
    }
    return targets;
  }

  async close(): Promise<void> {
    this.#store.close();
    await this.#reader.close();
  }

  #add({ idHigh, idLow, slot }: Pick<IndexedSlot, 'idHigh' | 'idLow' | 'slot'>): void {
    this.#positions?.set(idText({ idHigh, idLow }), this.#slots.length);
    this.#idWords.push(idHigh, idLow);
    this.#slots.push(slot);
  }

  /** Returns the id of the entry that a record is about; null for one that is about none. */
  #addRecord(record: RecordHead, place: Pick<Slot, 'file' | 'offset' | 'bytes'>): string | null {
    if (record.type === 'run') return null;
    const { id } = record;
    if (record.type === 'receipt' || record.type === 'rejected') {
      // A copy of a record, as `prune` makes, is the same entry.
      if (this.positionOf(id) !== undefined) return null;
      const { originalTransactionId, transactionId } = record.facts ?? {};
      const purchase = hashValue(originalTransactionId) || hashValue(transactionId);
      this.#add({ ...idWords(id), slot: { ...place, number: -1, row: -1, purchase } });
      return id;
    }
    const late = this.#late.get(id) ?? { deliveries: [], answered: null };
    this.#late.set(id, late);
    if (record.type === 'delivery') late.deliveries.push(record);
    else late.answered = record.answered;
    return this.positionOf(id) === undefined ? null : id;
  }

  #indexedEntry({ number, row }: Slot, id: string): JournalEntry | null {
    const entry = this.#reader.entryAt(this.#reader.files.positionOf(number, row));
    return entry !== null && idOf(entry) === id ? entry : null;
  }

  #entryWrittenSince(slot: Slot, id: string): JournalEntry | null {
    const record = this.#recordOf(slot, id);
    const origin = foreignFiles(this.#folder)(slot.file.name) ? { isForeign: true } : {};
    if (record?.type === 'rejected') return { type: 'rejected', rejected: record, deliveries: [], ...origin };
    if (record?.type !== 'receipt') return null;
    const { body: _body, ...receipt } = record;
    const location = { file: slot.file.inode, offset: slot.offset, bytes: slot.bytes };
    return { type: 'receipt', receipt, location, answered: receipt.answered, deliveries: [], ...origin };
  }

  #recordOf({ file, offset, bytes }: Slot, id: string): JournalRecord | null {
    const record = this.#store.recordAt(file, { offset, bytes });
    return record !== null && record.type !== 'run' && record.id === id ? record : null;
  }
}

/** An entry of an index with its id and time. */
interface IndexedSlot {
  readonly idHigh: number;
  readonly idLow: number;
  readonly atMs: number;
  readonly slot: Slot;
}

/** The entries of one kind, in the order of the files. */
async function indexedSlots(
  { files }: JournalReader,
  fileKind: 'main' | 'rejected',
  kind: 'receipt' | 'rejected',
  pause: () => Promise<void>,
): Promise<readonly IndexedSlot[]> {
  const wanted = kindNumber(kind);
  const slots: IndexedSlot[] = [];
  for (const number of files.ofKinds(fileKind)) {
    const rows = await rowsOfFile(files, number);
    const { file, index } = files.list[number]!;
    for (let row = 0; row < index.size; row++) {
      const at = row * ROW_BYTES;
      if (rows.getUint8(at + ROW_AT.kind) !== wanted) continue;
      const purchase = rows.getUint32(at + ROW_AT.originalTransactionId) || rows.getUint32(at + ROW_AT.transactionId);
      slots.push({
        idHigh: rows.getUint32(at + ROW_AT.idHigh),
        idLow: rows.getUint32(at + ROW_AT.idLow),
        atMs: rows.getFloat64(at + ROW_AT.atMs),
        slot: { file, number, row, offset: rows.getFloat64(at), bytes: rows.getUint32(at + ROW_AT.bytes), purchase },
      });
      if (slots.length % ENTRIES_AT_ONCE === 0) await pause();
    }
  }
  return slots;
}

function ignore(): void {}

function idOf(entry: JournalEntry): string {
  return entry.type === 'receipt' ? entry.receipt.id : entry.rejected.id;
}

/** Environment and id of the purchase; null where none is recorded. */
function purchaseOf(entry: JournalEntry): string | null {
  const facts: RecordedFacts | null = entry.type === 'receipt' ? entry.receipt.facts : entry.rejected.facts;
  const id = facts?.originalTransactionId ?? facts?.transactionId;
  return id === undefined ? null : `${facts?.environment} ${id}`;
}
