import { STATUS_EDITIONS, type StatusEdition } from '../../notification/catalogue/verification-statuses.js';
import type { View } from './layout.js';
import { widthOf } from './width.js';

const GAP = '  ';

/**
 * Statuses as a table: a line for each, a column for each library and range of versions, the number where they meet; `–` for a status
 * without a number, blank where there is none. 75 cells wide.
 */
export function layStatusNumbers(names: readonly string[], { paint }: Pick<View, 'paint'>): readonly string[] {
  const width = Math.max(...names.map(widthOf));
  const columns = STATUS_EDITIONS.map((edition) => {
    const head = [edition.library, versionsOf(edition)];
    return { edition, head, width: Math.max(...head.map(widthOf)) };
  });
  const heads = [0, 1].map((line) => columns.map(({ head, width: cells }) => head[line]!.padStart(cells)).join(GAP));
  return [
    paint.bold('Numbers'),
    ...heads.map((cells) => paint.dim(`${GAP}${' '.repeat(width)}${GAP}${cells}`).trimEnd()),
    ...names.map((name) => {
      const cells = columns.map(({ edition, width: room }) => cellOf(edition, name).padStart(room));
      return `${GAP}${paint.cyan(name.padEnd(width))}${GAP}${cells.join(GAP)}`.trimEnd();
    }),
  ];
}

function versionsOf({ from, until }: StatusEdition): string {
  if (until !== null) return `<${until}`;
  return from === null ? '' : `${from}+`;
}

function cellOf({ statuses, numbers }: StatusEdition, name: string): string {
  const at = statuses.indexOf(name);
  if (at === -1) return '';
  return numbers === null ? '–' : String(at);
}
