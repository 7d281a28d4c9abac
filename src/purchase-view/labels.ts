import type { PurchaseState } from '../purchase/purchase.js';
import { showText } from '../terminal/escape.js';
import { formatMoment } from '../terminal/format.js';
import { widthOf } from '../terminal/width.js';
import type { LaneSpan, PlannedLane } from './lane.js';
import { shortenProduct } from './overview-words.js';
import { letterOf, STATE_LOOKS } from './states.js';

/** A text at its position on a lane. */
export interface Label {
  readonly text: string;
  readonly at: number;
}

/** Size of the texts of a row, in the unit of the lane. */
export interface LabelSize {
  /** Width of the lane. */
  readonly width: number;
  /** Width of one cell of text. */
  readonly cell: number;
  /** Least distance between two texts. */
  readonly gap: number;
}

/** Names of states below the bar: one for each run of periods, shortened or left out where it has no room. */
export function placeNames({ spans }: PlannedLane, size: LabelSize): readonly Label[] {
  return placeRuns(
    spans,
    size,
    ({ period }) => period.state,
    (state, room) => {
      const { words, short } = STATE_LOOKS[state as PurchaseState];
      return [words, short].find((text) => widthOf(text) <= room) ?? null;
    },
  );
}

/** States of which no name is among these. */
export function unnamedStates({ spans }: PlannedLane, names: readonly Label[]): readonly PurchaseState[] {
  const shown = new Set(names.map(({ text }) => text));
  const states = [...new Set(spans.map(({ period }) => period.state))];
  return states.filter((state) => !shown.has(STATE_LOOKS[state].words) && !shown.has(STATE_LOOKS[state].short));
}

const SHORTEST_PRODUCT = 8;

/** Products where there is more than one, shortened in front; escaped. */
export function placeProducts({ spans }: PlannedLane, size: LabelSize): readonly Label[] {
  const products = new Set(spans.flatMap(({ period }) => period.productId ?? []));
  if (products.size < 2) return [];
  return placeRuns(
    spans,
    size,
    ({ period }) => period.productId ?? '',
    (product, room) => (product === '' || room < SHORTEST_PRODUCT ? null : shortenProduct(showText(product), room)),
  );
}

/** One text for each run of spans with the same key; `shape` returns the text for a number of cells, or null. */
function placeRuns(
  spans: readonly LaneSpan[],
  { width, cell, gap }: LabelSize,
  keyOf: (span: LaneSpan) => string,
  shape: (key: string, room: number) => string | null,
): readonly Label[] {
  const runs: { readonly key: string; readonly at: number }[] = [];
  for (const span of spans) {
    const key = keyOf(span);
    if (runs.at(-1)?.key !== key) runs.push({ key, at: span.start });
  }
  return runs.flatMap(({ key, at }, index) => {
    const next = runs[index + 1]?.at ?? width + gap;
    const text = shape(key, Math.floor((next - gap - at) / cell));
    return text === null ? [] : [{ text, at }];
  });
}

/** A letter for each event. One whose place is taken moves to the right by at most `mostMoved`, else it is left out. */
export function placeLetters(
  { events }: PlannedLane,
  { width, gap }: Pick<LabelSize, 'width' | 'gap'>,
  widthOfKey: (letters: string) => number,
  mostMoved: number,
): readonly (Label & { readonly index: number; readonly eventAt: number })[] {
  let free = 0;
  return events.flatMap(({ index, at }) => {
    const text = letterOf(index);
    const room = widthOfKey(text);
    const wanted = Math.min(at, width - room);
    const placed = Math.max(wanted, free);
    if (placed + room > width || placed - wanted > mostMoved) return [];
    free = placed + room + gap;
    return [{ text, at: placed, index, eventAt: at }];
  });
}

const NOW = 'now';

/**
 * Dates of boundaries that have room: the first, the last, now, then the others. A second boundary on one day has its time instead.
 * UTC.
 */
export function placeDates({ ticks, now }: PlannedLane, { width, cell, gap }: LabelSize): readonly Label[] {
  const placed: (Label & { readonly day: string })[] = [];
  const place = (text: string, at: number, day: string): void => {
    const end = at + text.length * cell;
    const isFree = placed.every((other) => end + gap <= other.at || other.at + other.text.length * cell + gap <= at);
    if (isFree && end <= width) placed.push({ text, at, day });
  };
  const isOpen = ticks.every(({ ms }) => ms <= now.ms);
  const [first, ...others] = ticks;
  const last = isOpen ? others.at(-1) : undefined;
  const placeTick = ({ ms, at }: PlannedLane['ticks'][number]): void => {
    const [day = '', time = ''] = (formatMoment(ms) ?? '').split('T');
    const text = placed.some((other) => other.day === day) ? time.slice(0, 'hh:mm'.length) : day;
    place(text, at, day);
  };
  if (first !== undefined) placeTick(first);
  if (last !== undefined) placeTick(last);
  place(NOW, isOpen ? width - NOW.length * cell : now.at, '');
  for (const tick of others) if (tick !== last) placeTick(tick);
  return placed.sort((a, b) => a.at - b.at);
}
