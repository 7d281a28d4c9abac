/** Positions of moments on a lane, from 0 to its width. */
export interface Axis {
  /** Position of a moment, interpolated between the marks; earlier and later moments are at the ends. */
  at(ms: number): number;
  /** Moments that have a position of their own, in order. */
  readonly marks: readonly number[];
  /** False where long spans were compressed, so that short ones can be seen. */
  readonly isToScale: boolean;
}

/** Moments closer than this are one: a purchase and the notification of it are signed seconds apart. */
const SAME_MS = 15_000;

/**
 * Lays moments out over `width`, to scale where each pair of neighbours is at least `least` apart. Otherwise a span takes room by the square
 * root of its length, and at least `least` of it: sandbox periods of minutes stay visible beside months. Without any moment all is at 0.
 */
export function planAxis(moments: readonly number[], width: number, least: number): Axis {
  const marks = mergeClose([...moments].sort((a, b) => a - b));
  const spans = marks.slice(1).map((ms, index) => ms - marks[index]!);
  const exact = shareOut(spans, width, 0);
  const isToScale = exact.every((room) => room >= least);
  const rooms = isToScale ? exact : shareOut(spans.map(Math.sqrt), width, least);
  const positions = [0];
  for (const room of rooms) positions.push(positions.at(-1)! + room);
  return { at: (ms) => interpolate(marks, positions, ms), marks, isToScale };
}

function mergeClose(sorted: readonly number[]): readonly number[] {
  const marks: number[] = [];
  for (const ms of sorted) if (marks.length === 0 || ms - marks.at(-1)! >= SAME_MS) marks.push(ms);
  return marks;
}

/** Parts of `width` by weight, each with at least `least` where there is room for it. */
function shareOut(weights: readonly number[], width: number, least: number): readonly number[] {
  const guaranteed = Math.min(least, width / Math.max(1, weights.length));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const rest = width - guaranteed * weights.length;
  return weights.map((weight) => guaranteed + (rest * weight) / total);
}

function interpolate(marks: readonly number[], positions: readonly number[], ms: number): number {
  const next = countUpTo(marks, ms);
  if (next === marks.length) return positions.at(-1)!;
  if (next === 0) return 0;
  const [from, to] = [marks[next - 1]!, marks[next]!];
  const [start, end] = [positions[next - 1]!, positions[next]!];
  // A moment just behind a mark belongs to it.
  return ms - from < SAME_MS ? start : start + ((end - start) * (ms - from)) / (to - from);
}

/** Number of marks that are not later, by bisection: an overview has thousands. */
function countUpTo(marks: readonly number[], ms: number): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle]! <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
