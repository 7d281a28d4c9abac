import type { InspectorPage, InspectorRow } from '../../wire.js';

/** What a reply changed. `added`: rows new at the top, 0 where the rows before it no longer hold. */
export interface CacheChange {
  readonly added: number;
  readonly isReset: boolean;
}

/**
 * Rows read so far, newest at index 0. They are kept by their distance from the oldest, which new rows do not change. A row that joins or
 * leaves in the middle (a filter, a pruned journal) moves the others: the next reply contradicts what is kept, and replaces all of it.
 */
export class RowCache {
  readonly #rows = new Map<number, InspectorRow>();
  readonly #ordinals = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  rowAt(index: number): InspectorRow | undefined {
    return this.#rows.get(this.#total - 1 - index);
  }

  /** Index of a row that was read; undefined for any other. */
  indexOf(id: string): number | undefined {
    const ordinal = this.#ordinals.get(id);
    return ordinal === undefined ? undefined : this.#total - 1 - ordinal;
  }

  /** The first index of a range that was not read; undefined if all were. */
  firstMissing(start: number, end: number): number | undefined {
    for (let index = start; index < Math.min(end, this.#total); index++) {
      if (this.rowAt(index) === undefined) return index;
    }
    return undefined;
  }

  accept({ total, offset, rows }: Pick<InspectorPage, 'total' | 'offset' | 'rows'>): CacheChange {
    const placed = rows.map((row, index) => [total - 1 - offset - index, row] as const);
    const isReset = total < this.#total || placed.some(([ordinal, row]) => this.#contradicts(ordinal, row.id));
    if (isReset) this.clear();
    const added = isReset ? 0 : total - this.#total;
    this.#total = total;
    for (const [ordinal, row] of placed) {
      this.#rows.set(ordinal, row);
      this.#ordinals.set(row.id, ordinal);
    }
    return { added, isReset };
  }

  /** Replaces a row that was read; false for one that was not. */
  update(row: InspectorRow): boolean {
    const ordinal = this.#ordinals.get(row.id);
    if (ordinal === undefined) return false;
    this.#rows.set(ordinal, row);
    return true;
  }

  clear(): void {
    this.#rows.clear();
    this.#ordinals.clear();
    this.#total = 0;
  }

  #contradicts(ordinal: number, id: string): boolean {
    const kept = this.#rows.get(ordinal);
    const place = this.#ordinals.get(id);
    return (kept !== undefined && kept.id !== id) || (place !== undefined && place !== ordinal);
  }
}
