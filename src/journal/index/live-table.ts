/** Rows by a 32-bit hash, while rows are added. */
export interface LiveTable {
  add(hash: number, row: number, isSame: (other: number) => boolean): void;
  rowsUnder(hash: number): readonly number[];
}

const NONE: readonly number[] = [];

/** However often a notification is repeated, a look-up finds one row of it. */
export function createLiveTable(): LiveTable {
  const first = new Map<number, number>();
  const further = new Map<number, number[]>();
  const rowsUnder = (hash: number): readonly number[] => {
    const row = first.get(hash);
    return row === undefined ? NONE : [row, ...(further.get(hash) ?? NONE)];
  };
  return {
    add(hash, row, isSame) {
      const known = rowsUnder(hash);
      if (known.length === 0) first.set(hash, row);
      else if (!known.some(isSame)) further.set(hash, [...known.slice(1), row]);
    },
    rowsUnder,
  };
}
