import type { Period, PurchaseTimeline } from '../purchase/purchase.js';
import { type Axis, planAxis } from './axis.js';

/** One period on a lane; positions from 0 to the width of the lane. */
export interface LaneSpan {
  readonly period: Period;
  readonly start: number;
  readonly end: number;
}

/** One purchase laid out over a width, for the terminal (cells) and SVG (pixels). */
export interface PlannedLane {
  readonly spans: readonly LaneSpan[];
  /** Position of each event that has a date, by its index. */
  readonly events: readonly { readonly index: number; readonly at: number }[];
  /** Starts of periods and the end of the last one, in order. */
  readonly ticks: readonly { readonly ms: number; readonly at: number }[];
  readonly now: { readonly ms: number; readonly at: number };
  readonly isToScale: boolean;
}

/** Share of the lane for a state that has no end: the time since the last change says little, however long it is. */
const OPEN_SHARE = { least: 0.18, most: 0.25 };

const NEAR_SHARE = 0.01;

const DAY_MS = 86_400_000;

type Drawn = Pick<PurchaseTimeline, 'periods' | 'events' | 'asOfMs'>;

/** The lane of one purchase. `least`: the room that a period and the time between two events has at least. */
export function planLane(purchase: Drawn, width: number, least: number): PlannedLane {
  return layLane(purchase, planAxis(momentsOf(purchase), width, least));
}

/** Lanes of several purchases below one another, on one axis. */
export function planLanes(purchases: readonly Drawn[], width: number, least: number): readonly PlannedLane[] {
  const axis = planAxis(purchases.flatMap(momentsOf), width, least);
  return purchases.map((purchase) => layLane(purchase, axis));
}

/** A lane in whole cells. */
export function roundLane({ spans, events, ticks, now, isToScale }: PlannedLane): PlannedLane {
  const round = <T extends { readonly at: number }>(each: T): T => ({ ...each, at: Math.round(each.at) });
  return {
    spans: spans.map((span) => ({ ...span, start: Math.round(span.start), end: Math.round(span.end) })),
    events: events.map(round),
    ticks: ticks.map(round),
    now: round(now),
    isToScale,
  };
}

/** Every moment with a position. A state without an end goes on until now, or a quarter of the lane where that is far away. */
function momentsOf({ periods, events, asOfMs }: Drawn): readonly number[] {
  const moments = [
    ...periods.flatMap(({ fromMs, toMs }) => (toMs === null ? [fromMs] : [fromMs, toMs])),
    ...events.flatMap(({ signedAtMs }) => signedAtMs ?? []),
  ];
  const first = moments.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = moments.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (moments.length === 0) return [];
  if (asOfMs < last) {
    // So close behind a moment, now needs no room of its own.
    const isApart = moments.every((ms) => Math.abs(asOfMs - ms) > (last - first) * NEAR_SHARE);
    return asOfMs > first && isApart ? [...moments, asOfMs] : moments;
  }
  const spanMs = last - first || DAY_MS;
  const openMs = Math.min(Math.max(asOfMs - last, spanMs * OPEN_SHARE.least), spanMs * OPEN_SHARE.most);
  return [...moments, last + openMs];
}

function layLane({ periods, events, asOfMs }: Drawn, axis: Axis): PlannedLane {
  const end = axis.at(Number.POSITIVE_INFINITY);
  const spans = periods.map((period) => ({
    period,
    start: axis.at(period.fromMs),
    end: period.toMs === null ? end : axis.at(period.toMs),
  }));
  const bounds = periods.flatMap(({ fromMs, toMs }) => (toMs === null ? [fromMs] : [fromMs, toMs]));
  return {
    spans,
    events: events.flatMap(({ index, signedAtMs }) => (signedAtMs === null ? [] : { index, at: axis.at(signedAtMs) })),
    ticks: [...new Set(bounds)].sort((a, b) => a - b).map((ms) => ({ ms, at: axis.at(ms) })),
    now: { ms: asOfMs, at: axis.at(asOfMs) },
    isToScale: axis.isToScale,
  };
}
