import type { DeliveryRecord, Location, ReceiptHead, RejectedRecord } from './record.js';

/** Everything the journal knows of one notification that was received: its receipt and what became of it, from whichever file. */
export interface ReceiptEntry {
  readonly type: 'receipt';
  readonly receipt: ReceiptHead;
  readonly location: Location;
  /** The status that was answered; null where none was recorded. */
  readonly answered: number | null;
  /** In the order they were made. */
  readonly deliveries: readonly DeliveryRecord[];
}

/** A body that was no verified notification; `rejected.bodyBase64` is the whole body only where it had at most 32 KiB. */
export interface RejectedEntry {
  readonly type: 'rejected';
  readonly rejected: RejectedRecord;
  readonly deliveries: readonly DeliveryRecord[];
}

export type JournalEntry = ReceiptEntry | RejectedEntry;

/** A line that could not be read, where, and why: it is passed over, never repaired. */
export interface Tear {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly where: 'middle' | 'end';
}
