import { type Column, column } from './column.js';
import type { DeliveryRecord, ReceiptHead } from './record.js';
import { createUuidTable, type Key, keyOfId, keyOfUuid } from './uuid-table.js';

/** A delivery that was promised and neither accepted nor given up. */
export interface Owed {
  /** Slot of the receipt in the ledger. */
  readonly ref: number;
  readonly target: string;
  /** Attempts made so far by `listen`. */
  readonly attempts: number;
  /** When the next is due; for one never tried, when it was received. */
  readonly dueAtMs: number;
}

/** What `listen` remembers of every verified notification: which came before, and who accepted it. */
export interface Ledger {
  /** Notifications remembered, repeats not counted. */
  readonly size: number;
  /** Id of the first verified receipt of a UUID, also of one that is being written; null where there is none. */
  firstOf(uuid: string | null): string | null;
  /** Whether a target has accepted the receipt in this slot, or any other of the same UUID. */
  isAccepted(ref: number, target: string): boolean;
  /** The same by UUID; false for one that never came. */
  accepted(uuid: string | null, target: string): boolean;
  /** What was owed when the journal was opened: one entry for each UUID and target, of the latest receipt. */
  owed(): readonly Owed[];
}

/** Where a receipt stands: `file` is an index into the segments of this run. */
export interface Place {
  readonly file: number;
  readonly offset: number;
  readonly bytes: number;
}

/** A ledger as the journal fills it. */
export interface OpenLedger extends Ledger {
  /** A receipt is about to be written: the next of the same UUID is its repeat. */
  expect(head: ReceiptHead): void;
  /** It could not be. */
  forget(head: ReceiptHead): void;
  /** A receipt is in the journal; returns its slot. */
  receive(head: ReceiptHead, place: Place): number;
  /** An attempt at a delivery is over. */
  deliver(record: DeliveryRecord): void;
  placeOf(ref: number): Place & { readonly id: string };
  setOwed(owed: readonly Owed[]): void;
}

/** Per UUID 16 bytes and 5 to 8 for finding it, 4 for who accepted it and 4 for its first receipt; per receipt 26. */
export function createLedger(): OpenLedger {
  const table = createUuidTable();
  const acceptances = trackAcceptances();
  const firstSlots = column(Uint32Array);
  const receipts = keepReceipts();
  /** By UUID: what is being written now. */
  const expected = new Map<string, string>();
  let owed: readonly Owed[] = [];

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
  add(id: string, entry: number, place: Place): number;
  idOf(slot: number): string;
  entryOf(slot: number): number;
  placeOf(slot: number): Place;
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
