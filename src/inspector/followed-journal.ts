import type { RecordHead } from '../journal/encoding.js';
import { type JournalFile, listFiles } from '../journal/files.js';
import { hashValue } from '../journal/index/key.js';
import { positionsOf } from '../journal/index/positions.js';
import { openRecordStore, type RecordStore } from '../journal/index/record-store.js';
import { idText } from '../journal/index/row.js';
import { foreignFiles } from '../journal/ownership.js';
import { type JournalReader, openJournalReader } from '../journal/reader.js';
import type { DeliveryRecord, JournalEntry, JournalRecord, RecordedFacts } from '../journal/record.js';
import { scanFile } from '../journal/scan.js';

/** One entry of the journal, in few bytes: a journal may have a million. */
interface Slot {
  readonly id: string;
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
  readonly #numbers = new Map<string, number>();
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
    for await (const { file: number, row, data } of reader.positions()) {
      const { file } = reader.files.list[number]!;
      const purchase = data.originalTransactionId || data.transactionId;
      journal.#add({ id: idText(data), file, number, row, offset: data.offset, bytes: data.bytes, purchase });
      if (journal.size % ENTRIES_AT_ONCE === 0) await pause();
    }
    for (const { file, index } of reader.files.list) journal.#ends.set(file.inode, index.end);
    return journal;
  }

  get size(): number {
    return this.#slots.length;
  }

  idAt(position: number): string {
    return this.#slots[position]!.id;
  }

  /** Position of an entry in the order of arrival. */
  positionOf(id: string): number | undefined {
    return this.#numbers.get(id);
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
    const entry = slot.row === -1 ? this.#entryWrittenSince(slot) : this.#indexedEntry(slot);
    if (entry === null) return null;
    const late = this.#late.get(slot.id);
    if (late === undefined) return entry;
    const deliveries = [...entry.deliveries, ...late.deliveries].sort((a, b) => a.atMs - b.atMs);
    return entry.type === 'rejected'
      ? { ...entry, deliveries }
      : { ...entry, deliveries, answered: entry.answered ?? late.answered };
  }

  /** Body as received; of a rejected one the stored part. Null where it was removed. */
  bodyOf(entry: JournalEntry): Uint8Array | null {
    if (entry.type === 'rejected') return Buffer.from(entry.rejected.bodyBase64, 'base64');
    const position = this.positionOf(entry.receipt.bodyOf ?? entry.receipt.id);
    const record = position === undefined ? null : this.#recordOf(this.#slots[position]!);
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

  #add(slot: Slot): void {
    this.#numbers.set(slot.id, this.#slots.length);
    this.#slots.push(slot);
  }

  /** Returns the id of the entry that a record is about; null for one that is about none. */
  #addRecord(record: RecordHead, place: Pick<Slot, 'file' | 'offset' | 'bytes'>): string | null {
    if (record.type === 'run') return null;
    const { id } = record;
    if (record.type === 'receipt' || record.type === 'rejected') {
      // A copy of a record, as `prune` makes, is the same entry.
      if (this.#numbers.has(id)) return null;
      const { originalTransactionId, transactionId } = record.facts ?? {};
      const purchase = hashValue(originalTransactionId) || hashValue(transactionId);
      this.#add({ id, ...place, number: -1, row: -1, purchase });
      return id;
    }
    const late = this.#late.get(id) ?? { deliveries: [], answered: null };
    this.#late.set(id, late);
    if (record.type === 'delivery') late.deliveries.push(record);
    else late.answered = record.answered;
    return this.#numbers.has(id) ? id : null;
  }

  #indexedEntry({ number, row, id }: Slot): JournalEntry | null {
    const entry = this.#reader.entryAt(this.#reader.files.positionOf(number, row));
    return entry !== null && idOf(entry) === id ? entry : null;
  }

  #entryWrittenSince(slot: Slot): JournalEntry | null {
    const record = this.#recordOf(slot);
    const origin = foreignFiles(this.#folder)(slot.file.name) ? { isForeign: true } : {};
    if (record?.type === 'rejected') return { type: 'rejected', rejected: record, deliveries: [], ...origin };
    if (record?.type !== 'receipt') return null;
    const { body: _body, ...receipt } = record;
    const location = { file: slot.file.inode, offset: slot.offset, bytes: slot.bytes };
    return { type: 'receipt', receipt, location, answered: receipt.answered, deliveries: [], ...origin };
  }

  #recordOf({ file, offset, bytes, id }: Slot): JournalRecord | null {
    const record = this.#store.recordAt(file, { offset, bytes });
    return record !== null && record.type !== 'run' && record.id === id ? record : null;
  }
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
