import { encodeMarkup } from './markup.js';

/** One line of text; the text is encoded here. */
export function svgText(x: number, y: number, className: string, text: string): string {
  return `<text class="${className}" x="${roundPixel(x)}" y="${roundPixel(y)}">${encodeMarkup(text)}</text>`;
}

/** A tenth of a pixel is enough. */
export function roundPixel(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The letter of an event in its circle; hollow where the event is not verified. */
export function drawKey(x: number, y: number, letter: string, isHollow: boolean): readonly string[] {
  const [cx, cy] = [roundPixel(x), roundPixel(y)];
  return [
    `<circle class="${isHollow ? 'key hollow' : 'key'}" cx="${cx}" cy="${cy}" r="9"/>`,
    `<text class="letter${isHollow ? ' hollow' : ''}" x="${cx}" y="${roundPixel(y + 4)}">${letter}</text>`,
  ];
}
