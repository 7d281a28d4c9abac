import { createHash } from 'node:crypto';
import { notificationKey } from './notification-key.js';
import type { DeliveryRecord, ReceiptHead } from './record.js';

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

/** Index of every verified notification in memory: its first receipt, and the targets that accepted it. */
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
}

/** Location of a receipt: `file` is the number of a segment of this run. */
interface SegmentLocation {
  readonly file: number;
  readonly offset: number;
  readonly bytes: number;
}

/** The index with the methods by which the journal updates it. */
export interface WritableJournalIndex extends JournalIndex {
  /** Marks a receipt as being written: the next one of the same key is its repeat. */
  reserve(head: ReceiptHead): void;
  /** Reverts `reserve` after a failed write. */
  cancel(head: ReceiptHead): void;
  /** Adds a receipt that is on disk; returns its slot. */
  addReceipt(head: ReceiptHead, location: SegmentLocation): number;
  /** Adds the result of an attempt. */
  addDelivery(record: DeliveryRecord): void;
  locationOf(ref: number): SegmentLocation & { readonly id: string };
  /** Slot of the first receipt of the same key, which holds the body; -1 where there is none. */
  firstRefOf(ref: number): number;
  /** Slot of the first receipt of a key; -1 where there is none, or its content is another or unknown. */
  firstRefWithContent(key: string | null, content: string | undefined): number;
  setPending(deliveries: readonly PendingDelivery[]): void;
}

/** Memory per key: 16 bytes, 5 to 8 for the hash table, 4 for its acceptances, 12 for its first receipt; per receipt 26. */
export function createJournalIndex(): WritableJournalIndex {
  const table = createUuidTable();
  const acceptances = trackAcceptances();
  const firstSlots = column(Uint32Array);
  const receipts = createReceiptTable();
  const contents = [column(Uint32Array), column(Uint32Array)] as const;
  /** Receipts being written, by key. */
  const reserved = new Map<string, ReceiptHead>();
  const askedAbout = new Map<string, string>();
  let pending: readonly PendingDelivery[] = [];

  const firstSlotOf = (key: string): number => firstSlots.get(table.find(keyOfUuid(key))) - 1;
  const firstContentOf = (uuid: string): Words | null => {
    const entry = table.find(keyOfUuid(uuid));
    if (firstSlots.get(entry) === 0) return wordsOf(reserved.get(uuid)?.facts.content);
    const [high, low] = [contents[0].get(entry), contents[1].get(entry)];
    return high === 0 && low === 0 ? null : [high, low];
  };

  return {
    get size() {
      return table.size;
    },
    firstReceiptOf: (key) => {
      if (key === null) return null;
      const slot = firstSlotOf(key);
      return slot < 0 ? (reserved.get(key)?.id ?? null) : receipts.idOf(slot);
    },
    hasOtherContent: (uuid, content) => {
      const [words, first] = [wordsOf(content), uuid === null ? null : firstContentOf(uuid)];
      return words !== null && first !== null && (words[0] !== first[0] || words[1] !== first[1]);
    },
    firstAskedAbout: (transactionId) => askedAbout.get(transactionId) ?? null,
    isAccepted: (ref, target) => acceptances.has(receipts.entryOf(ref), target),
    isUuidAccepted: (key, target) => key !== null && acceptances.has(table.find(keyOfUuid(key)), target),
    pending: () => pending,
    setPending: (deliveries) => {
      pending = deliveries;
    },
    reserve: (head) => {
      const key = notificationKey(head.facts);
      if (key !== null && !reserved.has(key)) reserved.set(key, head);
    },
    cancel: ({ id, facts }) => {
      const key = notificationKey(facts);
      if (key !== null && reserved.get(key)?.id === id) reserved.delete(key);
    },
    addReceipt: ({ id, facts, bodyOf }, location) => {
      const key = notificationKey(facts);
      const entry = table.add(keyOf(key, id));
      const slot = receipts.add(id, entry, location);
      // A repeat without a body whose first receipt was pruned is no first one: the next repeat keeps its body.
      if (firstSlots.get(entry) === 0 && bodyOf === undefined) {
        firstSlots.set(entry, slot + 1);
        const words = wordsOf(facts.content);
        if (words !== null) for (const at of [0, 1] as const) contents[at].set(entry, words[at]);
      }
      if (key !== null && reserved.get(key)?.id === id) reserved.delete(key);
      const { transactionId } = facts;
      if (transactionId !== undefined && !askedAbout.has(transactionId))
        askedAbout.set(transactionId, facts.uuid ?? id);
      return slot;
    },
    addDelivery: ({ id, uuid, target, outcome }) => {
      if (outcome === 'accepted') acceptances.add(table.add(keyOf(uuid, id)), target);
    },
    firstRefOf: (ref) => firstSlots.get(receipts.entryOf(ref)) - 1,
    firstRefWithContent: (key, content) => {
      const entry = key === null ? -1 : table.find(keyOfUuid(key));
      const words = wordsOf(content);
      const isSame = words?.every((word, at) => word === contents[at as 0 | 1].get(entry)) ?? false;
      return isSame ? firstSlots.get(entry) - 1 : -1;
    },
    locationOf: (ref) => ({ id: receipts.idOf(ref), ...receipts.locationOf(ref) }),
  };
}

function keyOf(uuid: string | null, id: string): Key {
  return uuid === null ? keyOfId(id) : keyOfUuid(uuid);
}

/** The first 64 bits of a content, enough to tell the few contents of one UUID apart. */
type Words = readonly [high: number, low: number];

function wordsOf(content: string | undefined): Words | null {
  if (content === undefined || !/^[0-9a-f]{16}/.test(content)) return null;
  return [Number.parseInt(content.slice(0, 8), 16), Number.parseInt(content.slice(8, 16), 16)];
}

/** Targets that have a bit each, in the order of their first acceptance; every further target has a set of entries. */
const MAX_BITS = 31;

function trackAcceptances(): { has(entry: number, target: string): boolean; add(entry: number, target: string): void } {
  const bits = column(Uint32Array);
  const bitOf = new Map<string, number>();
  const further = new Map<string, Set<number>>();
  return {
    has: (entry, target) => {
      if (entry < 0) return false;
      const bit = bitOf.get(target);
      return bit === undefined ? further.get(target)?.has(entry) === true : (bits.get(entry) & (1 << bit)) !== 0;
    },
    add: (entry, target) => {
      if (!bitOf.has(target) && bitOf.size < MAX_BITS) bitOf.set(target, bitOf.size);
      const bit = bitOf.get(target);
      if (bit !== undefined) return bits.set(entry, bits.get(entry) | (1 << bit));
      if (!further.has(target)) further.set(target, new Set());
      further.get(target)!.add(entry);
    },
  };
}

interface Receipts {
  /** Returns the slot. */
  add(id: string, entry: number, location: SegmentLocation): number;
  idOf(slot: number): string;
  entryOf(slot: number): number;
  locationOf(slot: number): SegmentLocation;
}

function createReceiptTable(): Receipts {
  const [idHigh, idLow, entries, bytes]: readonly Column[] = [0, 1, 2, 3].map(() => column(Uint32Array));
  const files = column(Uint16Array);
  /** 64 bits: a file that could not be rotated may exceed 4 GiB. */
  const offsets = column(Float64Array);
  let count = 0;
  return {
    add: (id, entry, location) => {
      idHigh!.set(count, Number.parseInt(id.slice(0, 8), 16));
      idLow!.set(count, Number.parseInt(id.slice(8), 16));
      entries!.set(count, entry);
      bytes!.set(count, location.bytes);
      files.set(count, location.file);
      offsets.set(count, location.offset);
      count += 1;
      return count - 1;
    },
    idOf: (slot) => hex(idHigh!.get(slot)) + hex(idLow!.get(slot)),
    entryOf: (slot) => (slot < count ? entries!.get(slot) : -1),
    locationOf: (slot) => ({ file: files.get(slot), offset: offsets.get(slot), bytes: bytes!.get(slot) }),
  };
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** 128-bit key of a UUID or id. */
export type Key = readonly [number, number, number, number];

/** Hash table that numbers keys 0, 1, 2 … in the order they were added. */
interface UuidTable {
  readonly size: number;
  /** Number of a key; -1 for an unknown one. */
  find(key: Key): number;
  /** Number of a key, which is added if it is unknown. */
  add(key: Key): number;
}

/** Open addressing without objects: 16 bytes a key and 5 to 8 for its bucket. */
export function createUuidTable(): UuidTable {
  const words = [0, 1, 2, 3].map(() => column(Uint32Array));
  let buckets = new Uint32Array(FIRST_BUCKETS);
  let size = 0;

  /** Bucket of a key, or the free bucket for it. Buckets hold the number plus one; 0 is free. */
  const bucketOf = (key: Key): number => {
    let at = mix(key) % buckets.length;
    for (let entry = buckets[at]!; entry !== 0 && !isAt(entry - 1, key); entry = buckets[at]!) {
      at = at + 1 === buckets.length ? 0 : at + 1;
    }
    return at;
  };
  const isAt = (index: number, key: Key): boolean => {
    for (let word = 0; word < 4; word++) if (words[word]!.get(index) !== key[word]) return false;
    return true;
  };
  const grow = (): void => {
    buckets = new Uint32Array(Math.floor(buckets.length * GROWTH));
    const [a, b, c, d] = words;
    for (let index = 0; index < size; index++) {
      buckets[bucketOf([a!.get(index), b!.get(index), c!.get(index), d!.get(index)])] = index + 1;
    }
  };

  return {
    get size() {
      return size;
    },
    find: (key) => buckets[bucketOf(key)]! - 1,
    add: (key) => {
      if (size >= buckets.length * MAX_LOAD_FACTOR) grow();
      const at = bucketOf(key);
      if (buckets[at] === 0) {
        for (let word = 0; word < 4; word++) words[word]!.set(size, key[word]!);
        size += 1;
        buckets[at] = size;
      }
      return buckets[at]! - 1;
    },
  };
}

/** Key of a notificationUUID: the UUID itself as Apple writes it, the SHA-256 of any other text. */
export function keyOfUuid(uuid: string): Key {
  if (!UUID.test(uuid)) return keyOfHash(`uuid ${uuid}`);
  return [
    Number.parseInt(uuid.slice(0, 8), 16),
    Number.parseInt(uuid.slice(9, 13) + uuid.slice(14, 18), 16),
    Number.parseInt(uuid.slice(19, 23) + uuid.slice(24, 28), 16),
    Number.parseInt(uuid.slice(28), 16),
  ];
}

/** Key of a notification without a UUID, which has no repeats. */
export function keyOfId(id: string): Key {
  return keyOfHash(`id ${id}`);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Holds 49,152 keys before it grows. */
const FIRST_BUCKETS = 65_536;

const MAX_LOAD_FACTOR = 0.75;

/** Doubling would leave more buckets empty than used. */
const GROWTH = 1.5;

function keyOfHash(text: string): Key {
  const hash = createHash('sha256').update(text).digest();
  return [hash.readUInt32BE(0), hash.readUInt32BE(4), hash.readUInt32BE(8), hash.readUInt32BE(12)];
}

/** Hash of a key: UUIDs made from a clock or a counter differ in few bits. The steps are the finaliser of MurmurHash3 (public domain). */
function mix([a, b, c, d]: Key): number {
  let hash = a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ Math.imul(d, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Growable array of numbers in blocks: growing copies nothing and leaves little unused. */
interface Column {
  /** 0 for an index that was not set. */
  get(index: number): number;
  set(index: number, value: number): void;
}

type Numbers = Uint16Array | Uint32Array | Float64Array;

/** Creates a column; `Block` sets the width of its numbers. */
function column(Block: new (length: number) => Numbers): Column {
  const blocks: Numbers[] = [];
  return {
    get: (index) => blocks[index >>> BLOCK_BITS]?.[index & BLOCK_MASK] ?? 0,
    set: (index, value) => {
      const at = index >>> BLOCK_BITS;
      while (blocks.length <= at) blocks.push(new Block(BLOCK_MASK + 1));
      blocks[at]![index & BLOCK_MASK] = value;
    },
  };
}

const BLOCK_BITS = 14;

const BLOCK_MASK = (1 << BLOCK_BITS) - 1;
