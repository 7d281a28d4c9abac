import type { FileIndex } from './file-index.js';
import { type HashTable, rowsWith } from './table.js';

/** More rows than this under one hash are no coincidence. */
const CROWD = 64;

/**
 * Look-up of what `derive` makes of the rows with one first half of an id. Ids of a journal that was written elsewhere can all begin alike:
 * the result for a crowd of rows is kept, so that they are read once instead of for each of their ids. One for every half would fill the memory.
 */
export function lookUpByFirstHalf<Derived>(
  derive: (index: FileIndex, rows: readonly number[]) => Derived,
): (index: FileIndex, idHigh: number) => Derived {
  const crowds = new WeakMap<HashTable, Map<number, Derived>>();
  return (index, idHigh) => {
    const table = index.ids();
    const known = crowds.get(table)?.get(idHigh);
    if (known !== undefined) return known;
    const rows = rowsWith(table, idHigh);
    const derived = derive(index, rows);
    if (rows.length > CROWD) crowds.set(table, (crowds.get(table) ?? new Map()).set(idHigh, derived));
    return derived;
  };
}

type RowsByLow = ReadonlyMap<number, readonly number[]>;

const NONE: readonly number[] = [];

/** Rows that may have the id; a crowd is grouped by the second half. */
const candidatesOf = lookUpByFirstHalf((index, rows): readonly number[] | RowsByLow =>
  rows.length > CROWD ? groupByLow(index, rows) : rows,
);

/** Rows whose id may have these halves. */
export function rowsWithId(index: FileIndex, idHigh: number, idLow: number): readonly number[] {
  const candidates = candidatesOf(index, idHigh);
  return 'get' in candidates ? (candidates.get(idLow) ?? NONE) : candidates;
}

function groupByLow(index: FileIndex, rows: readonly number[]): RowsByLow {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const { idLow } = index.rowAt(row);
    const same = groups.get(idLow);
    if (same === undefined) groups.set(idLow, [row]);
    else same.push(row);
  }
  return groups;
}
