import type { RecordHead } from '../encoding.js';
import type { DamagedLine, DeliveryRecord } from '../record.js';
import { askedText, hashKey, keyText } from './key.js';
import { createLiveTable, type LiveTable } from './live-table.js';
import { type OpenDeliveries, trackOpenDeliveries } from './open-deliveries.js';
import { FLAG, type IndexRow, ROW_AT, ROW_BYTES, readRow, writeRow } from './row.js';
import { buildTable, type HashTable, rowsWith } from './table.js';
import { createTextTable, type TextTable } from './texts.js';

/** Counts of a file. */
export interface FileCounts {
  readonly receipts: number;
  /** Receipts that repeat no other. */
  readonly first: number;
  readonly rejected: number;
}

/** What the index of one file holds, in memory or on disk. */
export interface FileIndex {
  /** Rows, in the order of the file. */
  readonly size: number;
  readonly counts: FileCounts;
  readonly texts: TextTable;
  readonly damagedLines: readonly Omit<DamagedLine, 'path'>[];
  /** End of the last record or damaged line. */
  readonly end: number;
  rowAt(row: number): IndexRow;
  /** All rows, {@link ROW_BYTES} each. */
  rows(): DataView;
  /** Rows of receipts, rejected bodies, deliveries and answers by the first half of their id. */
  ids(): HashTable;
  /** Rows by the first half of the hash of a key: that of their notification, and of what `listen` asks about it. */
  keys(): HashTable;
  pendingRows(): readonly number[];
  owedRows(): readonly number[];
  runRows(): readonly number[];
}

/** Key of the acceptance of a notification by a target. */
export function acceptedText(target: string, key: string): string {
  return `accepted:${target} ${key}`;
}

/** Hash of what `listen` asks about a record, beside that of its notification; null for none. */
function askedHash(record: RecordHead): number | null {
  if (record.type === 'receipt') {
    const { transactionId } = record.facts;
    if (transactionId === undefined || !isConsumptionRequest(record.facts)) return null;
    return hashKey(askedText(transactionId)).high;
  }
  if (record.type !== 'delivery' || record.outcome !== 'accepted') return null;
  return hashKey(acceptedText(record.target, keyText(record.uuid, record.id))).high;
}

/** True for a notification by which Apple asks about a purchase; other types have a transaction too. */
export function isConsumptionRequest({ type }: { readonly type: string }): boolean {
  return type === 'CONSUMPTION_REQUEST' || type.startsWith('CONSUMPTION_REQUEST.');
}

/** The index of a file in memory, to which records are added in the order of the file. */
export class GrowingIndex implements FileIndex {
  readonly texts: TextTable;
  readonly counts = { receipts: 0, first: 0, rejected: 0 };
  readonly damagedLines: Omit<DamagedLine, 'path'>[] = [];
  end = 0;
  size = 0;
  /** True once a record did not follow the one before: a failed write left something between them. */
  hasGap = false;
  readonly #open: OpenDeliveries = trackOpenDeliveries();
  readonly #runs: number[] = [];
  #view = new DataView(new ArrayBuffer(FIRST_ROWS * ROW_BYTES));
  /** Pairs of a hash and a row, in the order they were added. */
  #entries = new Uint32Array(FIRST_ROWS * 2);
  #entryCount = 0;
  /** Built on first use, and again once a record was added. */
  #ids: HashTable | null = null;
  #keys: HashTable | null = null;
  /** Rows by hash while the index grows; null for one that is looked up only once it is complete. */
  readonly #live: LiveTable | null;

  constructor(texts: readonly string[] = [], isLookedUpMeanwhile = false) {
    this.texts = createTextTable(texts);
    this.#live = isLookedUpMeanwhile ? createLiveTable() : null;
  }

  /** Adds a record; returns its row. */
  add(record: RecordHead, location: { readonly offset: number; readonly bytes: number }): number {
    const at = this.size;
    if ((at + 1) * ROW_BYTES > this.#view.byteLength) this.#view = grown(this.#view);
    writeRow(this.#view, at * ROW_BYTES, record, location, this.texts);
    this.size += 1;
    this.hasGap ||= location.offset > this.end;
    this.#ids = null;
    this.#keys = null;
    this.end = Math.max(this.end, location.offset + location.bytes);
    if (record.type === 'receipt' || record.type === 'delivery') {
      this.#addEntry(this.#view.getUint32(at * ROW_BYTES + ROW_AT.keyHigh), at);
    }
    const asked = askedHash(record);
    if (asked !== null) this.#addEntry(asked, at);
    this.#count(record, at);
    return at;
  }

  /** Continues an index that was written earlier: `recordAt` reads the records of its open rows again. */
  resume(earlier: FileIndex, recordAt: (row: IndexRow) => RecordHead | null): void {
    const rows = earlier.rows();
    this.#view = new DataView(new ArrayBuffer(Math.max(FIRST_ROWS, earlier.size) * ROW_BYTES));
    new Uint8Array(this.#view.buffer).set(new Uint8Array(rows.buffer, rows.byteOffset, earlier.size * ROW_BYTES));
    this.size = earlier.size;
    this.end = earlier.end;
    Object.assign(this.counts, earlier.counts);
    this.damagedLines.push(...earlier.damagedLines);
    this.#runs.push(...earlier.runRows());
    const table = earlier.keys().words();
    for (let at = 0; at < table.length; at += 2) this.#addEntry(table[at + 1]!, table[at]!);
    const owed = new Set(earlier.owedRows());
    for (const row of earlier.pendingRows()) {
      const record = recordAt(this.rowAt(row));
      if (record?.type !== 'receipt') continue;
      this.#open.addReceipt(record, row);
      if (!owed.has(row))
        for (const target of record.targets) this.#open.addDelivery(finalAttempt(record.id, record, target));
    }
  }

  #count(record: RecordHead, row: number): void {
    if (record.type === 'run') this.#runs.push(row);
    if (record.type === 'rejected') this.counts.rejected += 1;
    if (record.type === 'delivery') this.#open.addDelivery(record);
    if (record.type !== 'receipt') return;
    this.counts.receipts += 1;
    if ((record.repeatOf ?? null) === null) this.counts.first += 1;
    this.#open.addReceipt(record, row);
  }

  #addEntry(hash: number, row: number): void {
    const entry = this.#entryCount;
    if ((entry + 1) * 2 > this.#entries.length) {
      const more = new Uint32Array(this.#entries.length * 2);
      more.set(this.#entries);
      this.#entries = more;
    }
    this.#entries[entry * 2] = hash;
    this.#entries[entry * 2 + 1] = row;
    this.#entryCount += 1;
    this.#live?.add(hash, row, (other) => isSameSubject(this.rowAt(row), this.rowAt(other)));
  }

  /** True where records are looked up while others are added. */
  get isLive(): boolean {
    return this.#live !== null;
  }

  /** Rows under a hash, also while records are added: of several with the same subject then only the first. */
  rowsUnder(hash: number): readonly number[] {
    return this.#live?.rowsUnder(hash) ?? rowsWith(this.keys(), hash);
  }

  rowAt(row: number): IndexRow {
    return readRow(this.#view, row * ROW_BYTES);
  }

  rows(): DataView {
    return new DataView(this.#view.buffer, 0, this.size * ROW_BYTES);
  }

  ids(): HashTable {
    this.#ids ??= buildTable(this.size, (add) => {
      for (let row = 0; row < this.size; row++) add(this.#view.getUint32(row * ROW_BYTES + ROW_AT.idHigh), row);
    });
    return this.#ids;
  }

  keys(): HashTable {
    this.#keys ??= buildTable(this.#entryCount, (add) => {
      for (let at = 0; at < this.#entryCount; at++) add(this.#entries[at * 2]!, this.#entries[at * 2 + 1]!);
    });
    return this.#keys;
  }

  pendingRows(): readonly number[] {
    return this.#open.pendingRows();
  }

  owedRows(): readonly number[] {
    return this.#open.owedRows();
  }

  runRows(): readonly number[] {
    return this.#runs;
  }
}

const FIRST_ROWS = 256;

/** True for two rows that answer the same question: receipts of one notification, or acceptances of it by one target. */
function isSameSubject(a: IndexRow, b: IndexRow): boolean {
  if (a.keyHigh !== b.keyHigh || a.keyLow !== b.keyLow || a.kind !== b.kind) return false;
  return a.target === b.target && a.flags === b.flags && a.transactionId === b.transactionId;
}

function grown(view: DataView): DataView<ArrayBuffer> {
  const more = new Uint8Array(view.byteLength * 2);
  more.set(new Uint8Array(view.buffer));
  return new DataView(more.buffer);
}

/** Stands for the final attempts before the index was written. */
function finalAttempt(
  id: string,
  { facts, atMs }: Extract<RecordHead, { type: 'receipt' }>,
  target: string,
): DeliveryRecord {
  const uuid = facts.uuid === null ? null : facts.variant === undefined ? facts.uuid : `${facts.uuid}#${facts.variant}`;
  const attempt = { attempt: 1, httpStatus: null, ms: 0, outcome: 'refused', final: true, nextAtMs: null } as const;
  return { type: 'delivery', id, uuid, atMs, target, ...attempt };
}

/** True for the row of a receipt, or of its first one. */
export function hasFlag({ flags }: Pick<IndexRow, 'flags'>, flag: keyof typeof FLAG): boolean {
  return (flags & FLAG[flag]) !== 0;
}
