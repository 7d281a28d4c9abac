import type { BillingPeriod } from './billing-periods.js';
import { ENDED, endContradicted } from './contradictions.js';
import { type AppliedEvent, type FoldedGroup, RECOVERY } from './fold-group.js';
import { lastBegun } from './last-begun.js';
import type { Period, PurchaseState } from './purchase.js';
import type { StateMark } from './state-marks.js';

/** A time between two periods that no event covers, within the time that events are from. `events`: those before and after it. */
export interface PeriodGap {
  readonly fromMs: number;
  /** Null where nothing follows. */
  readonly toMs: number | null;
  readonly events: readonly number[];
}

export interface BuiltPeriods {
  readonly periods: readonly Period[];
  readonly gaps: readonly PeriodGap[];
  /** Periods whose beginning is the latest possible one: none is signed. */
  readonly undated: ReadonlySet<Period>;
  /** Events that show a transaction of which no record is here, and no gap tells. */
  readonly unseen: readonly number[];
}

/** A span under construction. */
interface Span {
  readonly fromMs: number;
  toMs: number | null;
  readonly state: PurchaseState;
  readonly period: BillingPeriod | null;
  /** Event that brought the state; listed where no event falls into the span. */
  readonly source: number | null;
  readonly events: number[];
  readonly isUndated?: boolean | undefined;
  readonly unseen?: StateMark['unseen'];
}

const HOUR_MS = 3_600_000;

const DAY_MS = 24 * HOUR_MS;

/** Periods in order without overlap, with one of state `unknown` where no event covers the time. Pure. */
export function buildPeriods(folded: FoldedGroup, asOfMs: number): BuiltPeriods {
  const spans = spansOf(folded.periods);
  assignEvents(spans, folded.events);
  endContradicted(spans, folded.events);
  const gaps: PeriodGap[] = [];
  const filled = fillGaps(spans, folded.events, gaps);
  endLast(filled, asOfMs, gaps);
  const periods = filled.map((span) => publish(span, folded.events));
  const undated = new Set(periods.filter((_, at) => filled[at]?.isUndated === true));
  const unseen = filled.flatMap((span, at) =>
    span.unseen !== undefined && span.source !== null && filled[at - 1]?.state !== 'unknown' ? [span.source] : [],
  );
  return { periods, gaps, undated, unseen };
}

/** Each billing period up to the start of those after it that any event opened. */
function spansOf(periods: readonly BillingPeriod[]): Span[] {
  const opened = periods.filter(({ isOpen }) => isOpen);
  const limits = startsBehind(opened);
  return opened.flatMap((period, at) => {
    const limitMs = limits[at] ?? null;
    return period.marks.all.flatMap((mark, place, marks): Span[] => {
      const toMs = earliest(mark.toMs, marks[place + 1]?.fromMs ?? null, limitMs);
      const isEmpty = toMs !== null && toMs <= mark.fromMs;
      if (isEmpty || mark.state === 'unknown') return [];
      const { fromMs, state, event, isUndated, unseen } = mark;
      return [{ fromMs, toMs, state, period, source: event, events: [], isUndated, unseen }];
    });
  });
}

/** For each period the earliest start of those behind it: a recovery may have moved one past its neighbour. */
function startsBehind(periods: readonly BillingPeriod[]): readonly (number | null)[] {
  let first: number | null = null;
  return periods
    .toReversed()
    .map(({ startMs }) => {
      const behind = first;
      first = earliest(startMs, first);
      return behind;
    })
    .reverse();
}

function earliest(...times: readonly (number | null)[]): number | null {
  return times.reduce<number | null>((first, ms) => (first === null || (ms !== null && ms < first) ? ms : first), null);
}

/** Gives each event to the span of its billing period in which it holds; after the last span, to that one. */
function assignEvents(spans: readonly Span[], events: readonly AppliedEvent[]): void {
  const byPlace: Span[][] = [];
  for (const span of spans) {
    if (span.period === null) continue;
    const own = byPlace[span.period.place];
    if (own === undefined) byPlace[span.period.place] = [span];
    else own.push(span);
  }
  for (const { period, holdsAtMs, index } of events) {
    const own = period === null ? undefined : byPlace[period.place];
    if (own === undefined) continue;
    (lastFrom(own, holdsAtMs ?? 0) ?? own[0])?.events.push(index);
  }
  for (const { events: own, source } of spans) if (own.length === 0 && source !== null) own.push(source);
}

function lastFrom(spans: readonly Span[], ms: number): Span | undefined {
  return lastBegun(spans, ({ fromMs }) => fromMs, ms);
}

function fillGaps(spans: readonly Span[], events: readonly AppliedEvent[], gaps: PeriodGap[]): Span[] {
  return spans.flatMap((span, at) => {
    const before = spans[at - 1];
    const fromMs = before?.toMs ?? null;
    if (before === undefined || fromMs === null || span.fromMs - fromMs <= toleranceOf(before, HOUR_MS)) return [span];
    return [bridge(before, { fromMs, toMs: span.fromMs }, span, events, gaps), span];
  });
}

/** Payments of consecutive periods lie a moment apart; a missing period is as long as the one before. */
function toleranceOf({ fromMs, toMs }: Span, mostMs: number): number {
  return Math.min(mostMs, toMs === null ? 0 : (toMs - fromMs) / 2);
}

function bridge(
  before: Span,
  time: { readonly fromMs: number; readonly toMs: number },
  after: Span,
  events: readonly AppliedEvent[],
  gaps: PeriodGap[],
): Span {
  const [next] = after.events;
  const last = before.events.at(-1);
  const recovery = after.period === before.period ? undefined : after.events.find((index) => isRecovery(events[index]));
  if (recovery !== undefined && before.period?.hasFailed === true && !ENDED.has(before.state)) {
    return { ...time, state: 'in-billing-retry', period: before.period, source: null, events: [recovery] };
  }
  const purchase = after.events.find((index) => isLapse(events[last ?? -1], events[index]));
  if (purchase !== undefined) {
    return { ...time, state: 'expired', period: before.period, source: null, events: [purchase] };
  }
  const isOfHistory = time.fromMs >= (events[0]?.record.signedMs ?? 0);
  if (recovery === undefined && isOfHistory)
    gaps.push({ ...time, events: [...new Set([last, next].flatMap((index) => index ?? []))] });
  return { ...time, state: 'unknown', period: null, source: null, events: [] };
}

function isRecovery(event: AppliedEvent | undefined): boolean {
  return event?.record.type === RECOVERY;
}

/** Two transactions of Apple's transaction history, the later one a purchase: between them the subscription had lapsed. */
function isLapse(before: AppliedEvent | undefined, after: AppliedEvent | undefined): boolean {
  const isTransaction = [before, after].every((event) => event?.record.document.kind === 'transaction');
  return isTransaction && after?.record.transaction?.reason === 'PURCHASE';
}

/** The last period ends with its time: from then on nothing is known, unless the state has no end. */
function endLast(spans: Span[], asOfMs: number, gaps: PeriodGap[]): void {
  const last = spans.at(-1);
  if (last === undefined || last.toMs === null) return;
  if (last.state === 'in-billing-retry' && asOfMs < last.toMs) {
    last.toMs = null;
    return;
  }
  const sinceMs = asOfMs - last.toMs;
  if (sinceMs < 0) return;
  if (sinceMs > toleranceOf(last, DAY_MS)) {
    gaps.push({ fromMs: last.toMs, toMs: null, events: last.events.slice(-1) });
  }
  spans.push({ fromMs: last.toMs, toMs: null, state: 'unknown', period: null, source: null, events: [] });
}

function publish({ fromMs, toMs, state, period, events, unseen }: Span, all: readonly AppliedEvent[]): Period {
  const transaction = unseen === undefined ? (period?.transaction ?? null) : null;
  // The status may grant access beyond the transaction: by another one, which is not known.
  const isBeyond = state === 'active' && (period?.endMs ?? null) !== null && fromMs >= (period?.endMs ?? 0);
  const isPaid = state === 'active' && !isBeyond;
  return {
    fromMs,
    toMs,
    state,
    productId: transaction?.productId ?? unseen?.productId ?? null,
    transactionId: isBeyond ? null : (transaction?.id ?? null),
    price: isPaid ? (transaction?.price ?? null) : null,
    offer: isPaid ? (transaction?.offer ?? null) : null,
    events,
    isVerified: events.length > 0 && events.every((index) => all[index]?.record.verdict === 'valid'),
  };
}
