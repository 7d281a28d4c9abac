import { hashKey, keyTextOf } from './index/key.js';
import { keyTextOfRecord } from './index/row.js';
import { rowsWith } from './index/table.js';
import type { JournalIndex, LiveIndex, LivePart, PendingDelivery } from './live-index.js';
import { notificationKey } from './notification-key.js';
import type { DeliveryRecord, ReceiptHead } from './record.js';

/**
 * Finds the deliveries that are still pending. Only notifications that a file leaves open are looked at, each with its records from all
 * files.
 */
export function findPending(index: LiveIndex, parts: readonly LivePart[]): readonly PendingDelivery[] {
  const tracker = trackPending();
  const seen = new Set<string>();
  for (const part of parts) {
    if (part.kind !== 'main') continue;
    for (const row of part.index.owedRows()) {
      const head = part.headAt(part.index.rowAt(row));
      if (head?.type !== 'receipt') continue;
      const text = keyTextOf(head);
      if (seen.has(text)) continue;
      seen.add(text);
      addRecords(index, parts, text, tracker);
    }
  }
  return tracker.remaining(index);
}

function addRecords(index: LiveIndex, parts: readonly LivePart[], text: string, tracker: PendingTracker): void {
  const { high } = hashKey(text);
  for (const part of parts) {
    for (const row of rowsWith(part.index.keys(), high)) {
      const head = part.headAt(part.index.rowAt(row));
      if (head === null || keyTextOfRecord(head) !== text) continue;
      if (head.type === 'receipt') tracker.addReceipt(head, index.refOf(part, row));
      if (head.type === 'delivery') tracker.addDelivery(head);
    }
  }
}

/** Tracks the pending deliveries over the records of a journal. */
interface PendingTracker {
  addReceipt(head: ReceiptHead, ref: number): void;
  addDelivery(record: DeliveryRecord): void;
  /** Deliveries that are still pending, oldest first. */
  remaining(index: Pick<JournalIndex, 'isAccepted'>): readonly PendingDelivery[];
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
