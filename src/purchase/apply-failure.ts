import { applyRevocation, isRevoked } from './apply-revocation.js';
import type { BillingPeriod } from './billing-periods.js';
import { type Change, STATUS } from './event-change.js';

const DAY_MS = 86_400_000;

/** Apple retries a failed renewal for up to 60 days (apple.md 5). */
export const RETRIED_MS = 60 * DAY_MS;

/** A day more for the notification of the end. */
export const RETRY_LIMIT_MS = RETRIED_MS + DAY_MS;

/**
 * A subscription that was to end with its period has expired then, and Apple tells of it within hours. One whose auto-renewal was on beyond
 * the end had a renewal that failed: when it expired is not known before the signing.
 */
function longestDelayMs(type: string): number {
  if (type.startsWith('EXPIRED')) return DAY_MS;
  return type.startsWith('DID_CHANGE_RENEWAL_STATUS') ? DAY_MS / 24 : Number.POSITIVE_INFINITY;
}

export function fail({ period, event, endMs }: Change, graceUntilMs: number | null): void {
  const { marks } = period;
  period.hasFailed = true;
  if (graceUntilMs === null) {
    marks.set({ fromMs: endMs, toMs: endMs + RETRY_LIMIT_MS, state: 'in-billing-retry', event });
  } else {
    marks.set({ fromMs: endMs, toMs: graceUntilMs, state: 'in-grace-period', event });
  }
}

/** Grace is over: until then it was grace, also where the notification of the failure is missing. */
export function endGrace(change: Change): void {
  const { period, record, atMs, event, endMs } = change;
  const inGrace = graceOf(period);
  const overMs = Math.max(endMs, Math.min(atMs, record.renewal?.graceUntilMs ?? inGrace?.toMs ?? atMs));
  if (inGrace === null) fail(change, overMs);
  const toMs = Math.max(endMs, overMs) + RETRY_LIMIT_MS;
  period.marks.set({ fromMs: overMs, toMs, state: 'in-billing-retry', event });
}

function graceOf({ marks }: BillingPeriod): { readonly toMs: number | null } | null {
  return marks.top?.state === 'in-grace-period' ? marks.top : null;
}

/**
 * After a failed renewal Apple retries until it gives up: the time between was billing retry. A refunded period stays
 * refunded, unless the status says expired.
 */
export function expirePeriod(change: Change): void {
  const { period, record, subtype, atMs, event, endMs } = change;
  // The notification of the refund may be missing.
  if (!change.isAddition) applyRevocation(change);
  if (isRevoked(period) && record.status !== STATUS.expired) return;
  const graceUntilMs = record.renewal?.graceUntilMs ?? null;
  if (subtype === 'BILLING_RETRY' && !period.hasFailed) fail(change, graceUntilMs);
  if (!period.hasFailed) {
    const fromMs = atMs - endMs > longestDelayMs(record.type) ? atMs : Math.min(atMs, endMs);
    period.marks.set({ fromMs, toMs: null, state: 'expired', event });
    return;
  }
  const graceEndMs = graceOf(period)?.toMs ?? null;
  if (graceEndMs !== null && graceEndMs < atMs) {
    period.marks.set({ fromMs: graceEndMs, toMs: atMs, state: 'in-billing-retry', event });
  }
  // Of the end of Apple's retries only the notification of it has the time.
  const isUndated = !record.type.startsWith('EXPIRED');
  period.marks.set({ fromMs: Math.max(atMs, endMs), toMs: null, state: 'expired', event, isUndated });
}
