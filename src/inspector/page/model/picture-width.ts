/** The padding of the panel at both sides; widths are multiples of it, so that a browser keeps the picture of a few. */
const STEP = 40;

/** Width in CSS pixels that a pane of this width has for a picture; 0 for a hidden pane. The server has bounds for it. */
export function pictureWidth(paneWidth: number): number {
  return Math.max(0, Math.floor(paneWidth / STEP - 1) * STEP);
}
