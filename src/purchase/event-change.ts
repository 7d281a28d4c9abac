import type { BillingPeriod } from './billing-periods.js';
import type { PurchaseRecord } from './purchase-record.js';

/** One event at work on its billing period. */
export interface Change {
  readonly period: BillingPeriod;
  readonly record: PurchaseRecord;
  readonly event: number;
  readonly subtype: string | null;
  /** Time of the event: its signing, within the period. */
  readonly atMs: number;
  /** End of the paid time, else the time of the event. */
  readonly endMs: number;
  readonly isAddition: boolean;
}

/** `data.status` (apple.md 3). */
export const STATUS = { expired: 2, inGrace: 4, revoked: 5 } as const;

/** Statuses with access. */
export const IN_FORCE: ReadonlySet<number> = new Set([1, 4]);
