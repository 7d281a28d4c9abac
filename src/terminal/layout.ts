import type { ChalkInstance } from 'chalk';
import { padTo, widthOf, wrapText, wrapWords } from './width.js';

/** Properties of the output: colours (none at level 0), width in cells (Infinity never wraps), current time in ms. */
export interface View {
  readonly paint: ChalkInstance;
  readonly columns: number;
  readonly nowMs: number;
}

/** One line of a group. All texts are escaped already. */
export interface Row {
  readonly label: string;
  readonly value: string;
  readonly remark?: string | null;
  /** Nesting level of the field; each is indented by two cells. */
  readonly depth?: number;
  /** A label that came with the payload: marked `?`, as no untrusted text may begin a line. */
  readonly foreign?: boolean;
  readonly tone?: 'warning' | 'quiet';
}

const INDENT = 2;

const GAP = 2;

const WIDEST_LABELS = 36;

const NARROWEST_VALUES = 24;

/** Prefix of the further lines of a value, for the same reason as the `?`. */
const CONTINUED = '↳ ';

/** Cells for the labels of these rows: groups that share it line up below each other. */
export function labelWidthOf(rows: readonly Row[], columns: number): number {
  const widest = Math.min(WIDEST_LABELS, Math.max(8, Math.floor(columns * 0.45)));
  const widths = rows.map((row) => INDENT * (row.depth ?? 0) + widthOf(row.label));
  return Math.max(0, ...widths.filter((width) => width <= widest));
}

/** Rows as lines: label, value, remark. A remark that does not fit beside its value goes below it. */
export function layRows(
  rows: readonly Row[],
  view: View,
  labelWidth = labelWidthOf(rows, view.columns),
): readonly string[] {
  return rows.flatMap((row) => layRow(row, view, labelWidth));
}

/** Our own sentences, wrapped. Where something untrusted may be in them, `foreign` marks every line but the first. */
export function laySentence(text: string, { columns }: Pick<View, 'columns'>, foreign = false): readonly string[] {
  const mark = foreign ? CONTINUED : '';
  return wrapText(text, Math.max(NARROWEST_VALUES, columns - mark.length)).map((line, index) =>
    index === 0 ? line : mark + line,
  );
}

/**
 * A message behind its label, `error: …`. Further lines begin below the text, so that no part of a message can look like a label. A URL or
 * a path wider than a line is left whole, for the terminal to break and people to copy.
 */
export function layMessage(
  label: string,
  colour: (text: string) => string,
  message: string,
  columns: number,
): string[] {
  const at = label.length + 1;
  const [first = '', ...rest] = wrapWords(message, Math.max(NARROWEST_VALUES, columns - at));
  return [`${colour(label)} ${first}`, ...rest.map((line) => ' '.repeat(at) + line)];
}

/** Parts with an empty line between them, as one text that ends in a newline; parts without lines are left out. */
export function joinParts(parts: readonly (readonly string[])[]): string {
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function layRow(row: Row, { paint, columns }: View, labelWidth: number): readonly string[] {
  const label = ' '.repeat(INDENT * (row.depth ?? 0)) + row.label;
  const at = INDENT + labelWidth + GAP;
  const [first = '', ...rest] = layValue(row, paint, Math.max(NARROWEST_VALUES, columns - at));
  const gutter = row.foreign ? '? ' : '  ';
  if (first === '') return [`${gutter}${paint.dim(label)}`];
  const below = rest.map((line) => ' '.repeat(at - CONTINUED.length) + line);
  if (widthOf(label) > labelWidth)
    return [`${gutter}${paint.dim(label)}`, `${' '.repeat(at - CONTINUED.length)}${CONTINUED}${first}`, ...below];
  return [`${gutter}${paint.dim(padTo(label, labelWidth))}${' '.repeat(GAP)}${first}`, ...below];
}

/** Lines of a value and its remark, painted; every one but the first brings its own two cells of margin. */
function layValue({ value, remark, tone }: Row, paint: ChalkInstance, room: number): readonly string[] {
  const colour = tone === 'warning' ? paint.yellow : tone === 'quiet' ? paint.dim : (text: string): string => text;
  const lines = wrapText(value, room);
  const painted = lines.map((line, index) => (index === 0 ? colour(line) : CONTINUED + colour(line)));
  if (remark === undefined || remark === null) return painted;
  const remarkLines = wrapText(remark, room).map(
    (line, index) => (index === 0 && value === '' ? '' : '  ') + paint.dim(line),
  );
  if (value === '') return remarkLines;
  const last = lines.length - 1;
  const fits = widthOf(lines[last]!) + GAP + widthOf(remark) <= room;
  return fits ? painted.with(last, `${painted[last]}${remarkLines.join('')}`) : [...painted, ...remarkLines];
}
