import { momentText } from './finding-text.js';
import type { AppliedEvent } from './fold-group.js';
import type { PurchaseFinding, PurchaseState } from './purchase.js';
import type { PurchaseRecord } from './purchase-record.js';

type HintFor = (atMs: number | null) => string;

/** Notifications that others presuppose and that are not here. `unseen`: events that show a transaction of which no record is here. */
export function missingNotifications(
  events: readonly AppliedEvent[],
  { unseen, hintFor }: { readonly unseen: readonly number[]; readonly hintFor: HintFor },
): readonly PurchaseFinding[] {
  const found = [
    ...unseen.flatMap((index) => events[index] ?? []).map(unseenTransaction),
    ...missingStarts(events),
    ...missingFailures(events),
    ...missingRefunds(events),
    ...missingReversals(events),
  ];
  return found.map(({ message, events: about, atMs }) => ({
    id: 'missing-notification',
    message,
    hint: hintFor(atMs),
    events: about,
  }));
}

interface Missing {
  readonly message: string;
  readonly events: readonly number[];
  /** Time of the missing notification, at the latest. */
  readonly atMs: number | null;
}

function unseenTransaction({ record: { type, signedMs }, index }: AppliedEvent): Missing {
  const message = `${type} signed at ${momentText(signedMs)} shows that another transaction was current by then, but no notification contains it`;
  return { message, events: [index], atMs: signedMs };
}

/** Events that are about a period which has begun before. */
const WITHIN =
  /^(?:EXPIRED|DID_FAIL_TO_RENEW|GRACE_PERIOD_EXPIRED|DID_CHANGE_RENEWAL_STATUS|PRICE_INCREASE|CONSUMPTION_REQUEST|REVOKE|REFUND)/;

/** A history may begin in mid-life: what was before its first event is not missing. */
function isBeforeHistory(ms: number | null, [first]: readonly AppliedEvent[]): boolean {
  return ms !== null && ms <= (first?.record.signedMs ?? Number.NEGATIVE_INFINITY);
}

/** Periods after the first one of which every event is about what came later. */
function missingStarts(events: readonly AppliedEvent[]): readonly Missing[] {
  const [first] = events.filter(({ period }) => period !== null);
  const open = new Map<AppliedEvent['period'], AppliedEvent>();
  const started = new Set<AppliedEvent['period']>([first?.period ?? null]);
  for (const event of events) {
    const { period, record } = event;
    if (period === null || started.has(period)) continue;
    if (!record.isNotification || !WITHIN.test(record.type)) started.add(period);
    else if (!open.has(period)) open.set(period, event);
  }
  return [...open].flatMap(([period, { record, index }]): readonly Missing[] => {
    if (period === null || started.has(period) || isBeforeHistory(period.startMs, events)) return [];
    const { transaction } = period;
    const name = transaction?.reason === 'RENEWAL' ? 'DID_RENEW' : 'notification';
    const message = `No ${name} shows the start at ${momentText(period.startMs)} of the period that ${record.type} signed at ${momentText(record.signedMs)} is about`;
    return [{ message, events: [index], atMs: period.startMs }];
  });
}

/** Type without the subtype; null for a payload that is no notification. */
function baseOf({ type, isNotification }: PurchaseRecord): string | null {
  return isNotification ? (type.split('.')[0] ?? null) : null;
}

/** States after a failed renewal. */
export const FAILED: ReadonlySet<PurchaseState> = new Set(['in-grace-period', 'in-billing-retry']);

/** Events that follow a failed renewal without being the notification of it. */
function missingFailures(events: readonly AppliedEvent[]): readonly Missing[] {
  const failures = events.filter(({ record }) => baseOf(record) === 'DID_FAIL_TO_RENEW');
  // Also one that is signed after an event that presupposes it: the notification is here.
  const known = new Set(failures.map(({ period }) => period));
  return events.flatMap(({ period, record, stateAfter, index }): readonly Missing[] => {
    const isAfterFailure = FAILED.has(stateAfter) || record.type === 'EXPIRED.BILLING_RETRY';
    if (period === null || !record.isNotification || !isAfterFailure || known.has(period)) return [];
    known.add(period);
    if (index === 0 || isBeforeHistory(period.endMs, events)) return [];
    const message = `No DID_FAIL_TO_RENEW shows the failed renewal that ${record.type} signed at ${momentText(record.signedMs)} follows`;
    return [{ message, events: [index], atMs: record.signedMs }];
  });
}

/** Reversals of a refund that came after the transaction was seen without it. */
function missingRefunds(events: readonly AppliedEvent[]): readonly Missing[] {
  const refunded = new Set<string | null>();
  const paid = new Set<string | null>();
  return events.flatMap(({ record, index, isIgnored }): readonly Missing[] => {
    const { type, transaction, signedMs } = record;
    const id = transaction?.id ?? null;
    if (isIgnored) return [];
    if (baseOf(record) === 'REFUND' || transaction?.revokedMs != null) refunded.add(id);
    if (type !== 'REFUND_REVERSED') paid.add(id);
    if (type !== 'REFUND_REVERSED' || refunded.has(id) || !paid.has(id)) return [];
    const message = `REFUND_REVERSED signed at ${momentText(signedMs)} follows a refund for which there is no notification`;
    return [{ message, events: [index], atMs: signedMs }];
  });
}

/** Refunds that a later payload shows to be reversed, and no notification of that is here. */
function missingReversals(events: readonly AppliedEvent[]): readonly Missing[] {
  const refunds = new Map<string, AppliedEvent>();
  const found = new Map<string, Missing>();
  for (const event of events) {
    const { record, index, stateAfter, isIgnored } = event;
    const id = record.transaction?.id ?? null;
    if (isIgnored) continue;
    if (id !== null && record.type === 'REFUND_REVERSED') {
      refunds.delete(id);
      found.delete(id);
    } else if (id !== null && record.type === 'REFUND' && stateAfter === 'refunded') refunds.set(id, event);
    const isBack = record.transaction?.revokedMs === null && RESTORED.has(stateAfter);
    const restoredId = event.restoredId ?? (isBack ? id : null);
    const refund = refunds.get(restoredId ?? '');
    if (restoredId === null || refund === undefined || found.has(restoredId)) continue;
    const proof =
      restoredId === id ? 'the transaction signed then has no revocationDate' : 'data.status signed then is 1 (active)';
    const message = `The refund signed at ${momentText(refund.record.signedMs)} was reversed by ${momentText(record.signedMs)}, as ${proof}, but no REFUND_REVERSED shows it`;
    found.set(restoredId, { message, events: [refund.index, index], atMs: refund.record.signedMs });
  }
  return [...found.values()];
}

const RESTORED: ReadonlySet<PurchaseState> = new Set(['active', 'expired']);
