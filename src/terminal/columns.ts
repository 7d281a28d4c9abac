import type { View } from './layout.js';
import { padTo, widthOf, wrapText } from './width.js';

/** One entry of a list: the word to type, and its meaning. */
export interface Listed {
  readonly name: string;
  /** Empty where only what is below it has a meaning. */
  readonly title: string;
  readonly depth: 0 | 1;
  /** Below the title, quietly. */
  readonly remark?: string;
}

const INDENT = 2;

const COLUMN_GAP = 2;

const NARROWEST_TITLES = 20;

/** A longer name has a line to itself, or the titles of all would be squeezed. */
const WIDEST_NAMES = 40;

/** A heading and entries below it, names and titles each in a column of their own. */
export function layEntries(heading: string, entries: readonly Listed[], { paint, columns }: View): readonly string[] {
  const widths = entries.map(({ name, depth }) => INDENT * depth + widthOf(name));
  const width = Math.max(0, ...widths.filter((each) => each <= WIDEST_NAMES));
  const at = INDENT + width + COLUMN_GAP;
  const room = Math.max(NARROWEST_TITLES, columns - at);
  const lines = entries.flatMap(({ name, title, depth, remark }) => {
    const label = `${' '.repeat(INDENT * (depth + 1))}${paint.cyan(name)}`;
    const gap = at - INDENT * (depth + 1) - widthOf(name);
    const below = [
      ...wrapText(title, room),
      ...(remark === undefined ? [] : wrapText(remark, room).map((line) => paint.dim(line))),
    ];
    if (gap < COLUMN_GAP) return [label, ...below.map((line) => padTo('', at) + line)];
    return below.map((line, index) =>
      index === 0 ? `${label}${line === '' ? '' : ' '.repeat(gap) + line}` : padTo('', at) + line,
    );
  });
  return [paint.bold(heading), ...lines];
}

/** One word or phrase of a line; escaped, and painted only once it was measured. */
export interface Cell {
  readonly text: string;
  /** Minimum width in cells, which aligns the next column. */
  readonly width?: number;
  readonly colour?: ((text: string) => string) | undefined;
}

/** Between cells. */
export const GAP = 2;

/** Cells side by side; those that no longer fit go on in further lines, `indent` cells in. No line ends in blanks. */
export function layCells(
  cells: readonly Cell[],
  { columns }: Pick<View, 'columns'>,
  indent: number,
): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let end = 0;
  let next = 0;
  const isEndless = !Number.isFinite(columns);
  for (const { text, width = 0, colour } of cells) {
    // Without wrapping, only cells of a fixed width need to be measured.
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
