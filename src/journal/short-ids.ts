import type { FileIndex } from './index/file-index.js';
import { lookUpByFirstHalf } from './index/id-rows.js';
import type { IndexedFiles } from './index/indexed-files.js';
import { idWords } from './index/row.js';

/** Shortens the ids of a journal to their first characters. */
export interface ShortIds {
  /** Returns the first characters of an id, or the whole id where another one shares them. */
  shorten(id: string): string;
}

/** Characters of a shortened id, which are those that the index is sorted by. */
export const SHORT_ID_LENGTH = 8;

export function openShortIds(files: IndexedFiles): ShortIds {
  const numbers = files.ofKinds('main', 'rejected');
  return {
    shorten(id) {
      const { idHigh, idLow } = idWords(id);
      const isShared = numbers.some((file) => {
        const low = onlyLow(files.list[file]!.index, idHigh);
        return low !== null && low !== idLow;
      });
      return isShared ? id : id.slice(0, SHORT_ID_LENGTH);
    },
  };
}

/** No second half of an id, which is 0 or more. */
const SEVERAL = -1;

/** Second half of the receipts and rejected bodies whose id has this first half: {@link SEVERAL} where they differ, null where there are none. */
const onlyLow = lookUpByFirstHalf(lowOf);

function lowOf(index: FileIndex, rows: readonly number[]): number | null {
  let low: number | null = null;
  for (const row of rows) {
    const { kind, idLow } = index.rowAt(row);
    if (kind !== 'receipt' && kind !== 'rejected') continue;
    if (low !== null && low !== idLow) return SEVERAL;
    low = idLow;
  }
  return low;
}
