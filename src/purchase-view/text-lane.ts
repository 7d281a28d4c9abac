import type { ChalkInstance } from 'chalk';
import type { PurchaseState, PurchaseTimeline } from '../purchase/purchase.js';
import { widthOf } from '../terminal/width.js';
import { type Label, placeDates, placeLetters, placeNames, placeProducts, unnamedStates } from './labels.js';
import { type LaneSpan, type PlannedLane, planLane, roundLane } from './lane.js';
import { STATE_LOOKS } from './states.js';

/** Cells that a period has at least, so that its letter, its glyph and the next letter are distinct. */
const LEAST_CELLS = 3;

/** A letter further away from its event would point at something else. */
const MOST_MOVED = 3;

/**
 * The lane of one purchase in `width` cells, without margin: dates, letters of the events, the bar, names of the states below it, products
 * where there is more than one, and the names that found no room. Empty without a period.
 */
export function layTextLane(purchase: PurchaseTimeline, width: number, paint: ChalkInstance): readonly string[] {
  if (purchase.periods.length === 0) return [];
  const lane = roundLane(planLane(purchase, width, LEAST_CELLS));
  const size = { width, cell: 1, gap: 1 };
  const names = placeNames(lane, size);
  const products = placeProducts(lane, size);
  const letterGap = purchase.events.length > LETTERS ? 1 : 0;
  const legend = layLegend(lane, names, paint);
  return [
    paint.dim(layLabels(placeDates(lane, size))),
    paint.bold(layLabels(placeLetters(lane, { width, gap: letterGap }, widthOf, MOST_MOVED))),
    drawBar(lane, width, paint),
    ...(names.length === 0 ? [] : [layLabels(names)]),
    ...(products.length === 0 ? [] : [paint.dim(layLabels(products))]),
    ...(legend === '' ? [] : ['', legend]),
  ];
}

/** With more events than letters, keys of two letters need a blank between them. */
const LETTERS = 26;

/** The bar of a lane in whole cells, painted; a period that is not verified has gaps, and an active one is lighter from now on. */
export function drawBar({ spans, now }: PlannedLane, width: number, paint: ChalkInstance): string {
  let bar = '';
  let end = 0;
  for (const [index, span] of spans.entries()) {
    const from = Math.max(end, span.start);
    const to = Math.min(width, Math.max(from + 1, span.end));
    if (to <= from) continue;
    const colour = paint[STATE_LOOKS[span.period.state].colour];
    const glyphs = glyphsOf(span, to - from, spans[index + 1]?.period.state);
    const past = span.period.toMs === null ? glyphs.length : Math.max(0, Math.min(glyphs.length, now.at - from));
    const future = glyphs.slice(past).replaceAll(STATE_LOOKS.active.glyph, STILL_TO_COME);
    bar += ' '.repeat(from - end) + colour(glyphs.slice(0, past) + future);
    end = to;
  }
  return bar;
}

function glyphsOf({ period }: LaneSpan, cells: number, next: PurchaseState | undefined): string {
  const { glyph } = STATE_LOOKS[period.state];
  if (isHollow({ period })) return `${glyph} `.repeat(cells).slice(0, cells);
  // Two periods of the same state: a notch shows the renewal.
  const isNotched = next === period.state && period.state === 'active' && cells > 1;
  return isNotched ? glyph.repeat(cells - 1) + NOTCH : glyph.repeat(cells);
}

const NOTCH = '▊';

const STILL_TO_COME = '░';

function isHollow({ period }: Pick<LaneSpan, 'period'>): boolean {
  return !period.isVerified && period.state !== 'unknown';
}

/** States whose name found no room, the meaning of gaps, and a scale that changes; '' where nothing needs a word. */
function layLegend(lane: PlannedLane, names: readonly Label[], paint: ChalkInstance): string {
  const missing = unnamedStates(lane, names).map((state) => {
    const { colour, glyph, words } = STATE_LOOKS[state];
    return `${paint[colour](glyph.repeat(2))} ${words}`;
  });
  const hollow = lane.spans.find(isHollow);
  const gaps = hollow === undefined ? [] : [`${`${STATE_LOOKS[hollow.period.state].glyph} `.repeat(2)} not verified`];
  const scale = lane.isToScale ? [] : [paint.dim('not to scale')];
  return [...missing, ...gaps, ...scale].join('   ');
}

function layLabels(labels: readonly Label[]): string {
  let line = '';
  for (const { text, at } of labels) line += ' '.repeat(Math.max(0, at - widthOf(line))) + text;
  return line;
}
