import { createHash } from 'node:crypto';
import type { DeliveryRecord, ReceiptHead } from './record.js';

/** A delivery that was promised and neither accepted nor given up. */
export interface PendingDelivery {
  /** Slot of the receipt in the ledger. */
  readonly ref: number;
  readonly target: string;
  /** Attempts made so far by `listen`. */
  readonly attempts: number;
  /** When the next is due; for one never tried, when it was received. */
  readonly dueAtMs: number;
}

/** What `listen` remembers of every verified notification: which came before, and who accepted it. */
export interface JournalIndex {
  /** Notifications remembered, repeats not counted. */
  readonly size: number;
  /** Id of the first verified receipt of a UUID, also of one that is being written; null where there is none. */
  firstOf(uuid: string | null): string | null;
  /** Whether a target has accepted the receipt in this slot, or any other of the same UUID. */
  isAccepted(ref: number, target: string): boolean;
  /** The same by UUID; false for one that never came. */
  accepted(uuid: string | null, target: string): boolean;
  /** What was owed when the journal was opened: one entry for each UUID and target, of the latest receipt. */
  owed(): readonly PendingDelivery[];
}

/** Where a receipt stands: `file` is an index into the segments of this run. */
interface SegmentLocation {
  readonly file: number;
  readonly offset: number;
  readonly bytes: number;
}

/** A ledger as the journal fills it. */
export interface WritableJournalIndex extends JournalIndex {
  /** A receipt is about to be written: the next of the same UUID is its repeat. */
  expect(head: ReceiptHead): void;
  /** It could not be. */
  forget(head: ReceiptHead): void;
  /** A receipt is in the journal; returns its slot. */
  receive(head: ReceiptHead, place: SegmentLocation): number;
  /** An attempt at a delivery is over. */
  deliver(record: DeliveryRecord): void;
  placeOf(ref: number): SegmentLocation & { readonly id: string };
  setOwed(owed: readonly PendingDelivery[]): void;
}

/** Per UUID 16 bytes and 5 to 8 for finding it, 4 for who accepted it and 4 for its first receipt; per receipt 26. */
export function createJournalIndex(): WritableJournalIndex {
  const table = createUuidTable();
  const acceptances = trackAcceptances();
  const firstSlots = column(Uint32Array);
  const receipts = keepReceipts();
  /** By UUID: what is being written now. */
  const expected = new Map<string, string>();
  let owed: readonly PendingDelivery[] = [];

  const firstSlotOf = (uuid: string): number => firstSlots.get(table.find(keyOfUuid(uuid))) - 1;

  return {
    get size() {
      return table.size;
    },
    firstOf: (uuid) => {
      if (uuid === null) return null;
      const slot = firstSlotOf(uuid);
      return slot < 0 ? (expected.get(uuid) ?? null) : receipts.idOf(slot);
    },
    isAccepted: (ref, target) => acceptances.has(receipts.entryOf(ref), target),
    accepted: (uuid, target) => uuid !== null && acceptances.has(table.find(keyOfUuid(uuid)), target),
    owed: () => owed,
    setOwed: (found) => {
      owed = found;
    },
    expect: ({ id, facts }) => {
      if (facts.uuid !== null && !expected.has(facts.uuid)) expected.set(facts.uuid, id);
    },
    forget: ({ id, facts }) => {
      if (facts.uuid !== null && expected.get(facts.uuid) === id) expected.delete(facts.uuid);
    },
    receive: ({ id, facts }, place) => {
      const entry = table.add(keyOf(facts.uuid, id));
      const slot = receipts.add(id, entry, place);
      if (firstSlots.get(entry) === 0) firstSlots.set(entry, slot + 1);
      if (facts.uuid !== null && expected.get(facts.uuid) === id) expected.delete(facts.uuid);
      return slot;
    },
    deliver: ({ id, uuid, target, outcome }) => {
      if (outcome === 'accepted') acceptances.add(table.add(keyOf(uuid, id)), target);
    },
    placeOf: (ref) => ({ id: receipts.idOf(ref), ...receipts.placeOf(ref) }),
  };
}

function keyOf(uuid: string | null, id: string): Key {
  return uuid === null ? keyOfId(id) : keyOfUuid(uuid);
}

/** A bit for each of the first 31 targets, in the order they accept; a set of entries for any further one. */
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
  add(id: string, entry: number, place: SegmentLocation): number;
  idOf(slot: number): string;
  entryOf(slot: number): number;
  placeOf(slot: number): SegmentLocation;
}

function keepReceipts(): Receipts {
  const [idHigh, idLow, entries, bytes]: readonly Column[] = [0, 1, 2, 3].map(() => column(Uint32Array));
  const files = column(Uint16Array);
  /** A file that could not be rotated may pass 4 GiB. */
  const offsets = column(Float64Array);
  let count = 0;
  return {
    add: (id, entry, place) => {
      idHigh!.set(count, Number.parseInt(id.slice(0, 8), 16));
      idLow!.set(count, Number.parseInt(id.slice(8), 16));
      entries!.set(count, entry);
      bytes!.set(count, place.bytes);
      files.set(count, place.file);
      offsets.set(count, place.offset);
      count += 1;
      return count - 1;
    },
    idOf: (slot) => hex(idHigh!.get(slot)) + hex(idLow!.get(slot)),
    entryOf: (slot) => (slot < count ? entries!.get(slot) : -1),
    placeOf: (slot) => ({ file: files.get(slot), offset: offsets.get(slot), bytes: bytes!.get(slot) }),
  };
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** 128 bits that stand for a name. */
export type Key = readonly [number, number, number, number];

/** Numbers names 0, 1, 2 … in the order they were first seen. */
interface UuidTable {
  readonly size: number;
  /** -1 for a name not seen yet. */
  find(key: Key): number;
  /** The number of a name, a new one where it was not seen yet. */
  add(key: Key): number;
}

/** 16 bytes a name and 5 to 8 for finding it: open addressing, no objects. */
export function createUuidTable(): UuidTable {
  const words = [0, 1, 2, 3].map(() => column(Uint32Array));
  let buckets = new Uint32Array(FIRST_BUCKETS);
  let size = 0;

  /** The bucket a key is in or would go to. Buckets hold the number plus one; 0 is free. */
  const bucketOf = (key: Key): number => {
    let at = mix(key) % buckets.length;
    for (let held = buckets[at]!; held !== 0 && !isAt(held - 1, key); held = buckets[at]!) {
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
      if (size >= buckets.length * MOST_FILLED) grow();
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

/** A UUID as Apple writes it stands for itself, anything else for its SHA-256. */
export function keyOfUuid(uuid: string): Key {
  if (!UUID.test(uuid)) return keyOfHash(`uuid ${uuid}`);
  return [
    Number.parseInt(uuid.slice(0, 8), 16),
    Number.parseInt(uuid.slice(9, 13) + uuid.slice(14, 18), 16),
    Number.parseInt(uuid.slice(19, 23) + uuid.slice(24, 28), 16),
    Number.parseInt(uuid.slice(28), 16),
  ];
}

/** For a notification without a UUID, which nothing can repeat. */
export function keyOfId(id: string): Key {
  return keyOfHash(`id ${id}`);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Room for 49,152 before it grows. */
const FIRST_BUCKETS = 65_536;

const MOST_FILLED = 0.75;

/** Twice as many would leave more of them empty than are used. */
const GROWTH = 1.5;

function keyOfHash(text: string): Key {
  const hash = createHash('sha256').update(text).digest();
  return [hash.readUInt32BE(0), hash.readUInt32BE(4), hash.readUInt32BE(8), hash.readUInt32BE(12)];
}

/** UUIDs made of a clock or a counter differ in few bits. The steps are the finaliser of MurmurHash3, which is in the public domain. */
function mix([a, b, c, d]: Key): number {
  let hash = a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ Math.imul(d, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Numbers by index, in blocks: growing copies nothing and leaves little unused. */
interface Column {
  /** 0 where nothing was set. */
  get(index: number): number;
  set(index: number, value: number): void;
}

type Numbers = Uint16Array | Uint32Array | Float64Array;

/** A column of numbers as wide as `Block` holds. */
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
