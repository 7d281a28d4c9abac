import type { FileIndex } from './file-index.js';
import { type HashTable, rowsWith } from './table.js';

/** More rows than this under one hash are no coincidence. */
const CROWD = 64;

/** Rows by the second half of their id, of each crowded first half that was looked up. */
const crowds = new WeakMap<HashTable, Map<number, ReadonlyMap<number, readonly number[]>>>();

const NONE: readonly number[] = [];

/**
 * Rows whose id may have these halves. Ids of a journal that was written elsewhere can all begin alike: their rows are read once, instead of
 * for each look-up of one of them.
 */
export function rowsWithId(index: FileIndex, idHigh: number, idLow: number): readonly number[] {
  const table = index.ids();
  const known = crowds.get(table)?.get(idHigh);
  if (known !== undefined) return known.get(idLow) ?? NONE;
  const rows = rowsWith(table, idHigh);
  if (rows.length <= CROWD) return rows;
  const crowd = new Map<number, number[]>();
  for (const row of rows) {
    const { idLow: low } = index.rowAt(row);
    const same = crowd.get(low);
    if (same === undefined) crowd.set(low, [row]);
    else same.push(row);
  }
  crowds.set(table, (crowds.get(table) ?? new Map()).set(idHigh, crowd));
  return crowd.get(idLow) ?? NONE;
}
