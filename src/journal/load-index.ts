import type { RecordHead } from './encoding.js';
import type { JournalFile } from './files.js';
import type { JournalIndex, PendingDelivery, WritableJournalIndex } from './memory-index.js';
import { notificationKey } from './notification-key.js';
import type { DamagedLine, DeliveryRecord, ReceiptHead } from './record.js';
import { scanFile } from './scan.js';

/**
 * Loads the index from the journal's files: those of `listen` first, so that every receipt is known, then those of `replay`. Main files are
 * numbered in the order given. Rejected bodies have no deliveries and are left out.
 */
export async function loadJournalIndex(
  files: readonly JournalFile[],
  index: WritableJournalIndex,
  commandJournals: CommandJournals,
  onDamagedLine: (line: DamagedLine) => void,
): Promise<void> {
  const pending = trackPending();
  const mainFiles = files.filter(({ kind }) => kind === 'main');
  for (const [number, file] of mainFiles.entries()) {
    for await (const { found } of scanFile(file, { onDamagedLine })) {
      for (const { record, offset, bytes } of found) addRecord(record, { file: number, offset, bytes }, index, pending);
    }
  }
  for await (const record of commandJournals.readNew(files, onDamagedLine)) {
    addRecord(record, NO_LOCATION, index, pending);
  }
  index.setPending(pending.remaining(index));
}

/** The files of `replay`, each read from the end of the previous read on. */
interface CommandJournals {
  readNew(files: readonly JournalFile[], onDamagedLine: (line: DamagedLine) => void): AsyncGenerator<RecordHead>;
}

export function followCommandJournals(): CommandJournals {
  const readBytes = new Map<number, number>();
  return {
    readNew: async function* (files, onDamagedLine) {
      for (const file of files) {
        const from = readBytes.get(file.inode) ?? 0;
        if (file.kind !== 'replay' || file.bytes <= from) continue;
        for await (const { found, end } of scanFile(file, { from, onDamagedLine })) {
          readBytes.set(file.inode, end);
          for (const { record, offset } of found) if (offset < end) yield record;
        }
      }
    },
  };
}

const NO_LOCATION = { file: 0, offset: 0, bytes: 0 };

function addRecord(
  record: RecordHead,
  location: { readonly file: number; readonly offset: number; readonly bytes: number },
  index: WritableJournalIndex,
  pending: PendingTracker,
): void {
  if (record.type === 'receipt') pending.addReceipt(record, index.addReceipt(record, location));
  if (record.type !== 'delivery') return;
  index.addDelivery(record);
  pending.addDelivery(record);
}

/** Tracks the pending deliveries over the records of a journal. */
interface PendingTracker {
  addReceipt(head: ReceiptHead, ref: number): void;
  addDelivery(record: DeliveryRecord): void;
  /** Deliveries that are still pending, oldest first. */
  remaining(index: JournalIndex): readonly PendingDelivery[];
}

/**
 * A delivery is pending from its receipt until an attempt is accepted or final. A later receipt of the same key takes over the targets it
 * names, so that no delivery is pending twice. Attempts of `replay` come on top of those of `listen`: only their acceptance counts.
 */
export function trackPending(): PendingTracker {
  const byNotification = new Map<string, ReceiptDelivery[]>();
  const update = (key: string, deliveries: ReceiptDelivery[]): void => {
    if (deliveries.length > 0) byNotification.set(key, deliveries);
    else byNotification.delete(key);
  };
  return {
    addReceipt: ({ id, atMs, facts, targets }, ref) => {
      const key = notificationKey(facts) ?? id;
      const earlier = byNotification.get(key) ?? NO_DELIVERIES;
      if (targets.length === 0 && earlier.length === 0) return;
      const own = targets.map((target) => ({ id, ref, target, attempts: 0, dueAtMs: atMs }));
      update(key, [...earlier.filter(({ target }) => !targets.includes(target)), ...own]);
    },
    addDelivery: (record) => {
      const key = record.uuid ?? record.id;
      const deliveries = byNotification.get(key);
      if (deliveries === undefined) return;
      update(
        key,
        deliveries.flatMap((delivery) => afterAttempt(record, delivery)),
      );
    },
    remaining: (index) =>
      [...byNotification.values()]
        .flat()
        .filter(({ ref, target }) => !index.isAccepted(ref, target))
        .map(({ id: _id, ...delivery }) => delivery),
  };
}

interface ReceiptDelivery extends PendingDelivery {
  /** Id of its receipt. */
  readonly id: string;
}

const NO_DELIVERIES: readonly ReceiptDelivery[] = [];

/** Updates a pending delivery by an attempt; empty once it is accepted or final. */
function afterAttempt(
  { id, target, outcome, run, final, attempt, atMs, nextAtMs }: DeliveryRecord,
  delivery: ReceiptDelivery,
): ReceiptDelivery[] {
  if (delivery.target !== target) return [delivery];
  if (outcome === 'accepted') return [];
  if (delivery.id !== id || run !== undefined) return [delivery];
  return final ? [] : [{ ...delivery, attempts: Math.max(delivery.attempts, attempt), dueAtMs: nextAtMs ?? atMs }];
}
