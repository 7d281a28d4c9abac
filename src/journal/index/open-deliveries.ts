import type { DeliveryRecord, ReceiptHead } from '../record.js';
import { keyText, keyTextOf } from './key.js';

/**
 * Receipts of one file with a target that has not accepted them there. Nothing is missing, but what another file settles is still in it: a
 * reader judges each by the records of all files.
 */
export interface OpenDeliveries {
  addReceipt(head: ReceiptHead, row: number): void;
  addDelivery(record: DeliveryRecord): void;
  /** Rows of the receipts that a target has not accepted. */
  pendingRows(): readonly number[];
  /** Those of them that `listen` still has to deliver: no attempt was final. */
  owedRows(): readonly number[];
}

interface OpenTarget {
  /** Latest receipt that names the target. */
  readonly row: number;
  readonly id: string;
  isOwed: boolean;
}

export function trackOpenDeliveries(): OpenDeliveries {
  /** By key, then by target: bounded, however often a notification is repeated. */
  const byKey = new Map<string, Map<string, OpenTarget>>();
  const rows = (isWanted: (open: OpenTarget) => boolean): readonly number[] => {
    const wanted = new Set<number>();
    for (const targets of byKey.values()) for (const open of targets.values()) if (isWanted(open)) wanted.add(open.row);
    return [...wanted].sort((a, b) => a - b);
  };
  return {
    addReceipt(head, row) {
      const { id, targets } = head;
      if (targets.length === 0) return;
      const key = keyTextOf(head);
      const open = byKey.get(key) ?? new Map<string, OpenTarget>();
      byKey.set(key, open);
      for (const target of targets) open.set(target, { row, id, isOwed: true });
    },
    addDelivery({ id, uuid, target, outcome, final, run }) {
      const key = keyText(uuid, id);
      const targets = byKey.get(key);
      const open = targets?.get(target);
      if (open === undefined) return;
      if (outcome !== 'accepted') {
        if (final && run === undefined && open.id === id) open.isOwed = false;
        return;
      }
      targets!.delete(target);
      if (targets!.size === 0) byKey.delete(key);
    },
    pendingRows: () => rows(() => true),
    owedRows: () => rows(({ isOwed }) => isOwed),
  };
}
