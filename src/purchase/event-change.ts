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
export const STATUS = { active: 1, expired: 2, inRetry: 3, inGrace: 4, revoked: 5 } as const;

/** Statuses with access. */
export const IN_FORCE: ReadonlySet<number> = new Set([STATUS.active, STATUS.inGrace]);

/** `data.status`; for notifications of the time before it, what the renewal info says. */
export function signedStatus({ status, renewal }: PurchaseRecord, atMs: number): number | null {
  if (status !== null || renewal === null) return status;
  if (renewal.isInBillingRetry === true) return (renewal.graceUntilMs ?? 0) > atMs ? STATUS.inGrace : STATUS.inRetry;
  if (renewal.expirationIntent !== null) return STATUS.expired;
  return renewal.isOn === true && (renewal.renewalMs ?? 0) > atMs ? STATUS.active : null;
}

/** The transaction was revoked when its paid time was over, and the status is not that of a revocation: no access was lost. */
export function isRevokedAfterEnd({ period: { endMs }, record, atMs }: Change): boolean {
  const revokedMs = record.transaction?.revokedMs ?? null;
  if (revokedMs === null || endMs === null || revokedMs < endMs) return false;
  const status = signedStatus(record, atMs);
  return status !== null && status !== STATUS.revoked;
}
