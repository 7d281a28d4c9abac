import type { RecordHead } from './encoding.js';
import { acceptedText, type FileIndex, GrowingIndex, hasFlag, isConsumptionRequest } from './index/file-index.js';
import { askedText, hashKey, keyText, keyTextOf } from './index/key.js';
import { type IndexRow, keyTextOfRecord } from './index/row.js';
import { rowsWith } from './index/table.js';
import { notificationKey } from './notification-key.js';
import type { DeliveryRecord, JournalRecord, ReceiptHead } from './record.js';

/** A delivery that is neither accepted nor final. */
export interface PendingDelivery {
  /** Slot of the receipt in the index. */
  readonly ref: number;
  readonly target: string;
  /** Attempts made so far by `listen`. */
  readonly attempts: number;
  /** When the next is due; for one never tried, when it was received. */
  readonly dueAtMs: number;
}

/** Index of every verified notification: its first receipt, and the targets that accepted it. */
export interface JournalIndex {
  /** Notifications in the index, repeats not counted. */
  readonly size: number;
  /** Id of the first verified receipt of a {@link notificationKey}, also of one being written; null where there is none. */
  firstReceiptOf(key: string | null): string | null;
  /** True if the first receipt of this UUID has another content. False where either content is unknown, as in records of earlier versions. */
  hasOtherContent(uuid: string | null, content: string | undefined): boolean;
  /** UUID of the first CONSUMPTION_REQUEST for a transaction; null for none. */
  firstAskedAbout(transactionId: string): string | null;
  /** True if a target has accepted the receipt in this slot, or any other of the same key. */
  isAccepted(ref: number, target: string): boolean;
  /** True if a target has accepted a receipt of this key; false for an unknown one. */
  isUuidAccepted(key: string | null, target: string): boolean;
  /** Deliveries that were pending when the journal was opened: one for each key and target, of the latest receipt. */
  pending(): readonly PendingDelivery[];
  /** True for a receipt that an earlier run recorded: it is verified again before it is sent. */
  isOfEarlierRun(ref: number): boolean;
}

/** One file of the journal, with its index: on disk where the file is complete, in memory while it is written. */
export interface LivePart {
  readonly kind: 'main' | 'replay';
  index: FileIndex;
  /** Rows that were there when this run began. */
  readonly earlierRows: number;
  /** Record without its body; null where the index is wrong, or the file was damaged or deleted. */
  readonly headAt: (row: IndexRow) => RecordHead | null;
  /** True while the file is in the folder of the journal: neither deleted nor moved away. */
  readonly isInPlace: () => Promise<boolean>;
  /** Record with its body, likewise. */
  readonly recordAt: (row: IndexRow) => JournalRecord | null;
}

/** A receipt with its place. */
export interface FoundReceipt {
  readonly part: LivePart;
  readonly data: IndexRow;
  readonly head: ReceiptHead;
}

/** A slot is the number of a part and of a row in it. */
const ROWS = 2 ** 32;

/** Slots whose key is held in memory: those with deliveries under way. */
const MAX_KEPT = 8192;

/** The index of the running `listen`. What it finds is compared with the record: an index is never trusted over the records. */
export class LiveIndex implements JournalIndex {
  readonly #parts: LivePart[] = [];
  #pending: readonly PendingDelivery[] = [];
  /** Receipts being written, by key. */
  readonly #reserved = new Map<string, ReceiptHead>();
  /** Targets that accepted a key, until the delivery is on disk: an acceptance counts even if it cannot be recorded. */
  readonly #unrecorded = new Map<string, Set<string>>();
  readonly #keyOfSlot = new Map<number, string>();
  #lastFound: { readonly text: string; readonly found: FoundReceipt | null } | null = null;

  addPart(part: LivePart): LivePart {
    this.#parts.push(part);
    return part;
  }

  get size(): number {
    return this.#parts.reduce((sum, { index }) => sum + index.counts.first, 0);
  }

  firstReceiptOf(key: string | null): string | null {
    if (key === null) return null;
    return this.firstReceipt(keyText(key, ''))?.head.id ?? this.#reserved.get(key)?.id ?? null;
  }

  /** The first receipt of a key that is on disk and can be read. The last answer is kept: a notification is asked about several times. */
  firstReceipt(text: string): FoundReceipt | null {
    if (this.#lastFound?.text !== text) {
      this.#lastFound = { text, found: this.#findReceipt(text, (head) => keyTextOf(head) === text) };
    }
    return this.#lastFound.found;
  }

  hasOtherContent(uuid: string | null, content: string | undefined): boolean {
    if (uuid === null || content === undefined) return false;
    const first = this.firstReceipt(keyText(uuid, ''))?.head ?? this.#reserved.get(uuid);
    const known = first?.facts.content;
    return known !== undefined && known !== content;
  }

  firstAskedAbout(transactionId: string): string | null {
    const isRequest = ({ facts }: ReceiptHead): boolean =>
      facts.transactionId === transactionId && isConsumptionRequest(facts);
    const found = this.#findReceipt(askedText(transactionId), isRequest);
    return found === null ? null : (found.head.facts.uuid ?? found.head.id);
  }

  isAccepted(ref: number, target: string): boolean {
    const text = this.#keyOf(ref);
    return text !== null && this.#isAccepted(text, target);
  }

  isUuidAccepted(key: string | null, target: string): boolean {
    return key !== null && this.#isAccepted(keyText(key, ''), target);
  }

  pending(): readonly PendingDelivery[] {
    return this.#pending;
  }

  setPending(deliveries: readonly PendingDelivery[]): void {
    this.#pending = deliveries;
  }

  isOfEarlierRun(ref: number): boolean {
    const place = this.placeOf(ref);
    return place === null || place.row < place.part.earlierRows;
  }

  /** Marks a receipt as being written: the next one of the same key is its repeat. */
  reserve(head: ReceiptHead): void {
    const key = notificationKey(head.facts);
    if (key !== null && !this.#reserved.has(key)) this.#reserved.set(key, head);
  }

  /** Reverts {@link reserve} after the write, or after one that failed. */
  release({ id, facts }: ReceiptHead): void {
    const key = notificationKey(facts);
    if (key !== null && this.#reserved.get(key)?.id === id) this.#reserved.delete(key);
  }

  /** Adds a record that is on disk to the part that is written; returns its slot. */
  addRecord(part: LivePart, record: RecordHead, location: { readonly offset: number; readonly bytes: number }): number {
    if (!(part.index instanceof GrowingIndex)) throw new TypeError('a complete file does not grow');
    const ref = this.#parts.indexOf(part) * ROWS + part.index.add(record, location);
    if (record.type === 'receipt') {
      const text = keyTextOf(record);
      if (this.#lastFound?.text === text && this.#lastFound.found === null) this.#lastFound = null;
      this.#keep(ref, text);
    }
    return ref;
  }

  /** Counts an acceptance before it is on disk. */
  addAcceptance({ uuid, id, target, outcome }: DeliveryRecord): void {
    if (outcome !== 'accepted') return;
    const text = keyText(uuid, id);
    this.#unrecorded.set(text, (this.#unrecorded.get(text) ?? new Set()).add(target));
  }

  /** Forgets an acceptance that is on disk now. */
  releaseAcceptance({ uuid, id, target }: DeliveryRecord): void {
    const text = keyText(uuid, id);
    const targets = this.#unrecorded.get(text);
    targets?.delete(target);
    if (targets?.size === 0) this.#unrecorded.delete(text);
  }

  /** Slot of a row. */
  refOf(part: LivePart, row: number): number {
    return this.#parts.indexOf(part) * ROWS + row;
  }

  placeOf(ref: number): { readonly part: LivePart; readonly row: number } | null {
    const part = this.#parts[Math.floor(ref / ROWS)];
    const row = ref % ROWS;
    return part === undefined || row >= part.index.size ? null : { part, row };
  }

  /** Rows of a key over all parts, in their order. */
  *rowsOf(text: string): Generator<{ readonly part: LivePart; readonly row: number; readonly data: IndexRow }> {
    const { high } = hashKey(text);
    for (const part of this.#parts) {
      for (const row of rowsUnder(part.index, high)) yield { part, row, data: part.index.rowAt(row) };
    }
  }

  #findReceipt(text: string, isWanted: (head: ReceiptHead) => boolean): FoundReceipt | null {
    for (const { part, data } of this.rowsOf(text)) {
      if (part.kind !== 'main' || data.kind !== 'receipt') continue;
      const head = part.headAt(data);
      if (head?.type === 'receipt' && isWanted(head)) return { part, data, head };
    }
    return null;
  }

  #isAccepted(text: string, target: string): boolean {
    if (this.#unrecorded.get(text)?.has(target) === true) return true;
    for (const { part, data } of this.rowsOf(acceptedText(target, text))) {
      if (data.kind !== 'delivery' || !hasFlag(data, 'accepted')) continue;
      const head = part.headAt(data);
      if (head?.type === 'delivery' && head.target === target && keyTextOfRecord(head) === text) return true;
    }
    return false;
  }

  #keyOf(ref: number): string | null {
    const known = this.#keyOfSlot.get(ref);
    if (known !== undefined) return known;
    const place = this.placeOf(ref);
    const head = place === null ? null : place.part.headAt(place.part.index.rowAt(place.row));
    if (head === null) return null;
    const text = keyTextOfRecord(head);
    this.#keep(ref, text);
    return text;
  }

  #keep(ref: number, text: string): void {
    const [oldest] = this.#keyOfSlot.keys();
    if (oldest !== undefined && this.#keyOfSlot.size >= MAX_KEPT) this.#keyOfSlot.delete(oldest);
    this.#keyOfSlot.set(ref, text);
  }
}

function rowsUnder(index: FileIndex, hash: number): readonly number[] {
  return index instanceof GrowingIndex ? index.rowsUnder(hash) : rowsWith(index.keys(), hash);
}
