import type { RecordHead } from './encoding.js';
import { notificationKey } from './notification-key.js';
import { readJournal } from './read.js';
import type { DamagedLine, DeliveryRecord, ReceiptHead, RunRecord } from './record.js';

/** Summary of the whole journal, from one pass over its records without their bodies. */
export interface JournalSummary {
  readonly statuses: DeliveryStatuses;
  readonly shortIds: ShortIds;
  /** No body was received yet, verified or not. */
  readonly isEmpty: boolean;
  /** Verified notifications, repeats not counted. */
  readonly notifications: number;
  readonly runs: readonly RunRecord[];
  readonly damagedLines: readonly DamagedLine[];
}

/** Reads the journal once; without one (`folder` null) the summary is empty. */
export async function summarizeJournal(folder: string | null): Promise<JournalSummary> {
  const statuses = createDeliveryStatuses();
  const shortIds = createShortIds();
  const damagedLines: DamagedLine[] = [];
  const runs: RunRecord[] = [];
  let notifications = 0;
  let isEmpty = true;
  const add = (record: RecordHead): void => {
    if (record.type === 'receipt') statuses.addReceipt(record);
    if (record.type === 'receipt' && record.repeatOf === null) notifications += 1;
    if (record.type === 'receipt' || record.type === 'rejected') {
      shortIds.add(record.id);
      isEmpty = false;
    }
    if (record.type === 'delivery') statuses.addDelivery(record);
    if (record.type === 'run') runs.push(record);
  };
  const records = folder === null ? [] : readJournal(folder, { onDamagedLine: (line) => void damagedLines.push(line) });
  for await (const { record } of records) add(record);
  return { statuses, shortIds, isEmpty, notifications, runs, damagedLines };
}

/** Delivery status of a notification over all its receipts, for `listen` and `replay`. Names in alphabetical order. */
export interface DeliveryStatus {
  /** Targets it was to be forwarded to on receipt. */
  readonly intended: readonly string[];
  readonly accepted: readonly string[];
}

export interface DeliveryStatuses {
  addReceipt(receipt: Pick<ReceiptHead, 'id' | 'targets' | 'facts'>): void;
  addDelivery(delivery: Pick<DeliveryRecord, 'id' | 'uuid' | 'target' | 'outcome'>): void;
  /** Status of a receipt, or of a notification from another source that may also be in the journal. */
  of(notification: Pick<ReceiptHead, 'id' | 'facts'>): DeliveryStatus;
  /** Number of pending notifications by target; only targets with any. */
  pendingByTarget(): ReadonlyMap<string, number>;
}

const NO_STATUS: DeliveryStatus = { intended: [], accepted: [] };

/** Key of a notification: its {@link notificationKey}, which its repeats share, or else the id of its receipt. */
const keyOf = (key: string | null, id: string): string => (key === null ? `id:${id}` : `uuid:${key}`);

/**
 * Collects the delivery statuses from the records of a journal, in any order. Equal statuses share one object: a journal of 300,000
 * notifications has only a few different ones.
 */
export function createDeliveryStatuses(): DeliveryStatuses {
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

/** Intended targets that have not accepted the notification. */
export function pendingTargets({ intended, accepted }: DeliveryStatus): readonly string[] {
  return intended.filter((name) => !accepted.includes(name));
}

/** Shortens the ids of a journal to their first characters. */
interface ShortIds {
  add(id: string): void;
  /** Returns the first characters of an id, or the whole id where another one shares them. */
  shorten(id: string): string;
}

/** Characters of a shortened id. */
export const SHORT_ID_LENGTH = 8;

export function createShortIds(): ShortIds {
  const idByPrefix = new Map<string, string>();
  const ambiguous = new Set<string>();
  return {
    add(id) {
      const prefix = id.slice(0, SHORT_ID_LENGTH);
      const other = idByPrefix.get(prefix);
      if (other === undefined) idByPrefix.set(prefix, id);
      else if (other !== id) ambiguous.add(prefix);
    },
    shorten(id) {
      const prefix = id.slice(0, SHORT_ID_LENGTH);
      return ambiguous.has(prefix) ? id : prefix;
    },
  };
}
