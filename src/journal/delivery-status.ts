import { hasFlag } from './index/file-index.js';
import type { IndexedFiles, Position } from './index/indexed-files.js';
import { hashKey, keyTextOf } from './index/key.js';
import { keyTextOfRecord } from './index/row.js';
import { rowsWith } from './index/table.js';
import type { ReceiptHead } from './record.js';

/** Delivery status of a notification over all its receipts, for `listen` and `replay`. Names in alphabetical order. */
export interface DeliveryStatus {
  /** Targets it was to be forwarded to on receipt. */
  readonly intended: readonly string[];
  readonly accepted: readonly string[];
}

export interface DeliveryStatuses {
  /** Status of a receipt, or of a notification from another source that may also be in the journal. */
  of(notification: Pick<ReceiptHead, 'id' | 'facts'>): DeliveryStatus;
  /** Number of pending notifications by target; only targets with any. */
  pendingByTarget(): ReadonlyMap<string, number>;
}

/** Intended targets that have not accepted the notification. */
export function pendingTargets({ intended, accepted }: DeliveryStatus): readonly string[] {
  return intended.filter((name) => !accepted.includes(name));
}

/** A notification with a pending delivery. */
export interface PendingNotification {
  readonly status: DeliveryStatus;
  /** Its receipts, oldest first. */
  readonly receipts: readonly Position[];
}

/** Finds what belongs to one notification over all files. */
export interface Notifications extends DeliveryStatuses {
  /** Notifications with a pending delivery, in the order of the files. */
  pending(): Generator<PendingNotification>;
}

/** Statuses that are kept for the entries that follow: repeats stand close together. */
const KEPT = 1024;

export function openNotifications(files: IndexedFiles): Notifications {
  const receiptFiles = files.ofKinds('main');
  const deliveryFiles = files.ofKinds('main', 'replay');
  const kept = new Map<string, DeliveryStatus>();

  const positions = (text: string, kind: 'receipt' | 'delivery'): readonly Position[] => {
    const { high, low } = hashKey(text);
    return (kind === 'receipt' ? receiptFiles : deliveryFiles).flatMap((file) =>
      rowsWith(files.list[file]!.index.keys(), high)
        .map((row) => files.positionOf(file, row))
        .filter(({ data }) => data.kind === kind && data.keyHigh === high && data.keyLow === low),
    );
  };
  /** Two keys may share their hash: the record has the key itself. */
  const headsOf = (text: string, kind: 'receipt' | 'delivery', isWanted: (position: Position) => boolean) =>
    positions(text, kind)
      .filter(isWanted)
      .map((position) => files.headAt(position))
      .filter((record) => record !== null && keyTextOfRecord(record) === text);

  const statusOf = (text: string): DeliveryStatus => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const intended = new Set<string>();
    const accepted = new Set<string>();
    for (const record of headsOf(text, 'receipt', () => true)) {
      if (record?.type === 'receipt') for (const target of record.targets) intended.add(target);
    }
    for (const record of headsOf(text, 'delivery', ({ data }) => hasFlag(data, 'accepted'))) {
      if (record?.type === 'delivery') accepted.add(record.target);
    }
    const status = { intended: [...intended].sort(), accepted: [...accepted].sort() };
    if (kept.size >= KEPT) kept.clear();
    kept.set(text, status);
    return status;
  };

  const pending = function* (): Generator<PendingNotification> {
    const seen = new Set<string>();
    for (const file of receiptFiles) {
      for (const row of files.list[file]!.index.pendingRows()) {
        const record = files.headAt(files.positionOf(file, row));
        if (record?.type !== 'receipt') continue;
        const text = keyTextOf(record);
        if (seen.has(text)) continue;
        seen.add(text);
        const status = statusOf(text);
        if (pendingTargets(status).length > 0) yield { status, receipts: positions(text, 'receipt') };
      }
    }
  };

  return {
    of: (notification) => statusOf(keyTextOf(notification)),
    pending,
    pendingByTarget() {
      const counts = new Map<string, number>();
      for (const { status } of pending()) {
        for (const name of pendingTargets(status)) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      return counts;
    },
  };
}
