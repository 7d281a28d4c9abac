import type { RecordHead } from './encoding.js';
import { readJournal } from './read.js';
import type { DamagedLine, DeliveryRecord, ReceiptHead, RunRecord } from './record.js';

/** What only the whole journal can tell, gathered in one pass over its records, without their bodies. */
export interface JournalSummary {
  readonly standings: DeliveryStatuses;
  readonly shortIds: ShortIds;
  /** Nothing was received yet, verified or not. */
  readonly isEmpty: boolean;
  /** Verified notifications, each counted once however often it came. */
  readonly notifications: number;
  readonly runs: readonly RunRecord[];
  readonly tears: readonly DamagedLine[];
}

/** Reads the journal once; one that is not there (`folder` null) is empty. */
export async function summarizeJournal(folder: string | null): Promise<JournalSummary> {
  const standings = createDeliveryStatuses();
  const shortIds = createShortIds();
  const tears: DamagedLine[] = [];
  const runs: RunRecord[] = [];
  let notifications = 0;
  let isEmpty = true;
  const add = (record: RecordHead): void => {
    if (record.type === 'receipt') standings.addReceipt(record);
    if (record.type === 'receipt' && record.repeatOf === null) notifications += 1;
    if (record.type === 'receipt' || record.type === 'rejected') {
      shortIds.add(record.id);
      isEmpty = false;
    }
    if (record.type === 'delivery') standings.addDelivery(record);
    if (record.type === 'run') runs.push(record);
  };
  const records = folder === null ? [] : readJournal(folder, { onTear: (tear) => void tears.push(tear) });
  for await (const { record } of records) add(record);
  return { standings, shortIds, isEmpty, notifications, runs, tears };
}

/** How a notification stands with its targets, over all its receipts and whoever sent it. Names in alphabetical order. */
export interface DeliveryStatus {
  /** Targets it was to go to when it came in. */
  readonly meant: readonly string[];
  readonly accepted: readonly string[];
}

export interface DeliveryStatuses {
  addReceipt(receipt: Pick<ReceiptHead, 'id' | 'targets' | 'facts'>): void;
  addDelivery(delivery: Pick<DeliveryRecord, 'id' | 'uuid' | 'target' | 'outcome'>): void;
  /** Of a receipt, or of what came from elsewhere and may be in the journal as well. */
  of(notification: Pick<ReceiptHead, 'id' | 'facts'>): DeliveryStatus;
  /** How many notifications each target has still to accept; only those with any. */
  openByTarget(): ReadonlyMap<string, number>;
}

const NOTHING: DeliveryStatus = { meant: [], accepted: [] };

/** Apple's notificationUUID names a notification however often it comes; one without goes by the id of its receipt. */
const keyOf = (uuid: string | null, id: string): string => (uuid === null ? `id:${id}` : `uuid:${uuid}`);

/**
 * Gathers standings from the records of a journal, in any order. A journal of 300,000 notifications has a handful of different
 * standings, so each of them exists once.
 */
export function createDeliveryStatuses(): DeliveryStatuses {
  const standings = new Map<string, DeliveryStatus>();
  const shared = new Map<string, DeliveryStatus>();
  const change = (key: string, field: keyof DeliveryStatus, names: readonly string[]): void => {
    const before = standings.get(key) ?? NOTHING;
    if (names.every((name) => before[field].includes(name))) return;
    const after = { ...before, [field]: [...new Set([...before[field], ...names])].sort() };
    const text = JSON.stringify(after);
    const known = shared.get(text) ?? after;
    shared.set(text, known);
    standings.set(key, known);
  };
  return {
    addReceipt: ({ id, targets, facts }) => change(keyOf(facts.uuid, id), 'meant', targets),
    addDelivery({ id, uuid, target, outcome }) {
      if (outcome === 'accepted') change(keyOf(uuid, id), 'accepted', [target]);
    },
    of: ({ id, facts }) => standings.get(keyOf(facts.uuid, id)) ?? NOTHING,
    openByTarget() {
      const counts = new Map<string, number>();
      for (const standing of standings.values()) {
        for (const name of pendingTargets(standing)) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      return counts;
    },
  };
}

/** Targets that were to have it and have not accepted it. */
export function pendingTargets({ meant, accepted }: DeliveryStatus): readonly string[] {
  return meant.filter((name) => !accepted.includes(name));
}

/** The ids of a journal by their first characters. */
interface ShortIds {
  add(id: string): void;
  /** As much of an id as names no other one. */
  shorten(id: string): string;
}

/** Characters of an id that are shown; what two ids share is shown in full. */
export const SHORT_ID_LENGTH = 8;

export function createShortIds(): ShortIds {
  const known = new Map<string, string>();
  const shared = new Set<string>();
  return {
    add(id) {
      const start = id.slice(0, SHORT_ID_LENGTH);
      const other = known.get(start);
      if (other === undefined) known.set(start, id);
      else if (other !== id) shared.add(start);
    },
    shorten(id) {
      const start = id.slice(0, SHORT_ID_LENGTH);
      return shared.has(start) ? id : start;
    },
  };
}
