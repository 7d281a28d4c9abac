import { expect, it } from 'vitest';
import type { FileIndex } from '../../../src/journal/index/file-index.js';
import { rowsWithId } from '../../../src/journal/index/id-rows.js';
import { buildTable, type HashTable } from '../../../src/journal/index/table.js';

/** An index of rows with these ids, which counts the rows that are read. */
function indexOf(ids: readonly (readonly [high: number, low: number])[]): { index: FileIndex; read(): number } {
  let count = 0;
  const table: HashTable = buildTable(ids.length, (add) => {
    for (const [row, [high]] of ids.entries()) add(high, row);
  });
  const rowAt = (row: number): { idHigh: number; idLow: number } => {
    count += 1;
    return { idHigh: ids[row]![0], idLow: ids[row]![1] };
  };
  return { index: { ids: () => table, rowAt } as unknown as FileIndex, read: () => count };
}

const SIZE = 5_000;

it('ids that all begin alike are read once, however many are looked up', () => {
  // Each id twice: a receipt and its delivery.
  const ids = Array.from({ length: SIZE }, (_, row) => [7, row >> 1] as const);
  const { index, read } = indexOf([...ids, [8, 1]]);
  for (let low = 0; low < SIZE / 2; low++) expect(rowsWithId(index, 7, low)).toEqual([2 * low, 2 * low + 1]);
  expect(rowsWithId(index, 7, SIZE)).toEqual([]);
  expect(read()).toBe(SIZE);
  expect(rowsWithId(index, 8, 1)).toEqual([SIZE]);
  expect(rowsWithId(index, 9, 1)).toEqual([]);
});
