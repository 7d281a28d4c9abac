/** Rows to draw, `start` inclusive and `end` exclusive. */
export interface VirtualWindow {
  readonly start: number;
  readonly end: number;
}

/** Height of a row in CSS pixels, as `.row` in page.css has it. */
export const ROW_HEIGHT = 52;

/** Rows drawn beyond each edge, so that a flick of the wheel meets drawn rows. */
const OVERSCAN = 8;

/** The rows of `total` that a viewport shows, and a few around them. */
export function computeWindow(scrollTop: number, viewportHeight: number, total: number): VirtualWindow {
  const first = Math.floor(scrollTop / ROW_HEIGHT) - OVERSCAN;
  const last = Math.ceil((scrollTop + viewportHeight) / ROW_HEIGHT) + OVERSCAN;
  const start = Math.min(Math.max(0, first), total);
  return { start, end: Math.max(start, Math.min(total, last)) };
}

/** The scroll position nearest to `scrollTop` that shows row `index` whole. */
export function scrollTopToShow(index: number, scrollTop: number, viewportHeight: number): number {
  const top = index * ROW_HEIGHT;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + ROW_HEIGHT - viewportHeight);
}
