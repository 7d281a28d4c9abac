import type { BillingPeriod } from './billing-periods.js';
import type { AppliedEvent } from './fold-group.js';
import type { PurchaseState } from './purchase.js';

const HOUR_MS = 3_600_000;

const DAY_MS = 24 * HOUR_MS;

interface StateSpan {
  readonly fromMs: number;
  toMs: number | null;
  readonly state: PurchaseState;
  readonly period: BillingPeriod | null;
  readonly events: readonly number[];
}

/**
 * Ends each state that the next period contradicts at its last event, as something between is missing: a subscription that had expired or
 * was refunded cannot renew, and one that is active is not subscribed to again. When it ended is not known: it may have been refunded
 * right after its last event.
 */
export function endContradicted(spans: readonly StateSpan[], events: readonly AppliedEvent[]): void {
  for (const [at, span] of spans.entries()) {
    const before = spans[at - 1];
    if (before === undefined || before.period === span.period || !contradicts(before, span, events)) continue;
    const heldMs = before.events.reduce(
      (last, index) => Math.max(last, events[index]?.holdsAtMs ?? last),
      before.fromMs,
    );
    before.toMs = Math.min(span.fromMs, Math.max(heldMs, before.fromMs + 1));
  }
}

export const ENDED: ReadonlySet<PurchaseState> = new Set(['expired', 'refunded', 'revoked']);

function contradicts(before: StateSpan, span: StateSpan, events: readonly AppliedEvent[]): boolean {
  const first = events[span.events[0] ?? -1]?.record;
  const paidUntilMs = before.period?.endMs ?? null;
  if (first === undefined || before.period === null || paidUntilMs === null || span.fromMs !== span.period?.startMs)
    return false;
  // A period of the sandbox is minutes long.
  const halfMs = (paidUntilMs - before.period.startMs) / 2;
  const isContinued = CONTINUING.test(first.type) || span.period.transaction?.reason === 'RENEWAL';
  if (ENDED.has(before.state)) return isContinued && Math.abs(span.fromMs - paidUntilMs) > Math.min(HOUR_MS, halfMs);
  const isEarly = paidUntilMs - span.fromMs > Math.min(isContinued ? DAY_MS : HOUR_MS, halfMs);
  if (before.state !== 'active' || !isEarly || UPGRADE.test(first.type)) return false;
  return first.type.startsWith('SUBSCRIBED') || span.period.transaction?.reason === 'RENEWAL';
}

const UPGRADE = /\.UPGRADE$/;

/** Events that begin a period of a subscription that is not over. */
const CONTINUING = /^DID_RENEW|\.UPGRADE$/;
