import type { PurchaseTimeline } from '../purchase/purchase.js';
import { placeDates, placeLetters, placeNames, placeProducts } from './labels.js';
import { type LaneSpan, type PlannedLane, planLane } from './lane.js';
import { STATE_LOOKS } from './states.js';
import { drawKey, roundPixel, svgText } from './svg-marks.js';

/** The place of a lane in a picture, in pixels. */
interface LanePlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const BAR = { top: 30, height: 24 };

/** Height of a lane with its letters, names and dates, and products where there are several. */
export function laneHeight({ periods }: PurchaseTimeline): number {
  if (periods.length === 0) return 0;
  return new Set(periods.flatMap(({ productId }) => productId ?? [])).size > 1 ? 114 : 98;
}

const LEAST_PIXELS = 24;

const CELL = 7.4;

const GAP = 8;

const KEY_SIZE = 19;

export function planSvgLane(purchase: PurchaseTimeline, width: number): PlannedLane {
  return planLane(purchase, width, LEAST_PIXELS);
}

/** The lane of one purchase: letters above the bar, names, dates and products below it. Empty without a period. */
export function drawSvgLane(purchase: PurchaseTimeline, { x, y, width }: LanePlace): readonly string[] {
  if (purchase.periods.length === 0) return [];
  const lane = planSvgLane(purchase, width);
  const size = { width, cell: CELL, gap: GAP };
  const row = (at: number): number => y + BAR.top + BAR.height + at;
  const letters = placeLetters(lane, { width: width + KEY_SIZE, gap: 1 }, () => KEY_SIZE, 2 * KEY_SIZE);
  return [
    ...letters.flatMap(({ text, at, index, eventAt }) => [
      `<path class="stem" d="M${roundPixel(x + at)} ${y + KEY_SIZE}L${roundPixel(x + eventAt)} ${y + BAR.top}"/>`,
      ...drawKey(x + at, y + KEY_SIZE / 2, text, purchase.events[index]?.verdict !== 'valid'),
    ]),
    ...drawSvgBar(lane, { x, y: y + BAR.top, width }, BAR.height),
    ...placeNames(lane, size).map(({ text, at }) => svgText(x + at, row(18), 't small', text)),
    ...placeDates(lane, size).map(({ text, at }) => svgText(x + at, row(36), 'dim small', text)),
    ...placeProducts(lane, size).map(({ text, at }) => svgText(x + at, row(53), 'dim small', text)),
  ];
}

/** The bar of a lane: filled by state, hollow where it is not verified, lighter from now on. */
export function drawSvgBar({ spans, now }: PlannedLane, { x, y }: LanePlace, height: number): readonly string[] {
  return spans.flatMap((span) => {
    const hollow = !span.period.isVerified || span.period.state === 'unknown';
    const look = `bar ${STATE_LOOKS[span.period.state].className}${hollow ? ' hollow' : ''}`;
    // A state without an end is not drawn as still to come.
    const from = span.period.toMs === null ? span.end : Math.min(Math.max(now.at, span.start), span.end);
    const parts = [
      { start: span.start, end: from, className: look },
      { start: from, end: span.end, className: `${look} future` },
    ].filter(({ start, end }) => end > start);
    return parts.map((part) => drawBarPart(part, { x, y, height }, span));
  });
}

function drawBarPart(
  { start, end, className }: { readonly start: number; readonly end: number; readonly className: string },
  { x, y, height }: { readonly x: number; readonly y: number; readonly height: number },
  { period }: LaneSpan,
): string {
  const width = Math.max(1.5, end - start - 2);
  const inset = className.includes('hollow') ? 0.75 : 0;
  return `<rect class="${className}" x="${roundPixel(x + start + inset)}" y="${y + inset}" width="${roundPixel(width - 2 * inset)}" height="${height - 2 * inset}" rx="3"><title>${STATE_LOOKS[period.state].words}</title></rect>`;
}
