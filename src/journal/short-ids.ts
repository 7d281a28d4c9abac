import type { IndexedFiles } from './index/indexed-files.js';
import { idWords } from './index/row.js';
import { rowsWith } from './index/table.js';

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
        const { index } = files.list[file]!;
        return rowsWith(index.ids(), idHigh).some((row) => {
          const data = index.rowAt(row);
          return data.idLow !== idLow && (data.kind === 'receipt' || data.kind === 'rejected');
        });
      });
      return isShared ? id : id.slice(0, SHORT_ID_LENGTH);
    },
  };
}
