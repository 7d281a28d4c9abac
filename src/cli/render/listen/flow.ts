import type { View } from '../layout.js';
import { widthOf } from '../width.js';

/** One word or phrase of a line; escaped, and painted only once it was measured. */
export interface Cell {
  readonly text: string;
  /** It takes at least so many cells, so that what follows lines up. */
  readonly width?: number;
  readonly colour?: ((text: string) => string) | undefined;
}

/** Between cells. */
export const GAP = 2;

/** Cells side by side; those that no longer fit go on in further lines, `indent` cells in. No line ends in blanks. */
export function layFlow(cells: readonly Cell[], { columns }: Pick<View, 'columns'>, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let end = 0;
  let next = 0;
  const isEndless = !Number.isFinite(columns);
  for (const { text, width = 0, colour } of cells) {
    // Where nothing is wrapped, only what has a column of its own needs to be measured.
    const cellsWide = isEndless && width === 0 ? text.length : widthOf(text);
    if (end > 0 && next + cellsWide > columns) {
      lines.push(line);
      line = ' '.repeat(indent);
      end = indent;
      next = indent;
    }
    line += ' '.repeat(next - end) + (colour === undefined ? text : colour(text));
    end = next + cellsWide;
    next = Math.max(end, next + width) + GAP;
  }
  return [...lines, line];
}
