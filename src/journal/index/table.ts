/** Rows by a 32-bit hash. */
export interface HashTable {
  /** Rows with a hash in this range, both ends included: by hash, then in the order of the file. */
  between(from: number, to: number): readonly number[];
  /** Entries as they are stored, sorted: two words each, the row and its hash. */
  words(): Uint32Array<ArrayBuffer>;
}

/** Rows with this hash, in the order of the file. */
export function rowsWith(table: HashTable, hash: number): readonly number[] {
  return table.between(hash, hash);
}

/** Builds a table. `fill` is called with a function that adds one entry; at most `most` are added. */
export function buildTable(most: number, fill: (add: (hash: number, row: number) => void) => void): HashTable {
  const words = new Uint32Array(most * 2);
  let count = 0;
  fill((hash, row) => {
    words[count * 2] = row;
    words[count * 2 + 1] = hash;
    count += 1;
  });
  const used = count === most ? words : words.slice(0, count * 2);
  // The hash is the high word of an entry in little-endian order, so that the built-in sort of numbers orders by hash, then by row.
  new BigUint64Array(used.buffer).sort();
  return { words: () => used, between: (from, to) => collect(used, lowerBound(used, from), to) };
}

function collect(words: Uint32Array, first: number, to: number): readonly number[] {
  let at = first;
  if (at * 2 >= words.length || words[at * 2 + 1]! > to) return NONE;
  const rows: number[] = [];
  for (; at * 2 < words.length && words[at * 2 + 1]! <= to; at++) rows.push(words[at * 2]!);
  return rows;
}

const NONE: readonly number[] = [];

function lowerBound(words: Uint32Array, hash: number): number {
  let low = 0;
  let high = words.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (words[middle * 2 + 1]! < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bytes of a table on disk. */
export type ReadWords = (entry: number, count: number) => Uint32Array<ArrayBuffer>;

/** Entries of a block on disk, of which one hash is held in memory. */
const BLOCK = 64;

/**
 * A table on disk: a look-up reads one block of it. `isFiltered` holds a filter over the hashes in memory, two bytes an entry, so that a
 * look-up of a hash that is not there reads nothing.
 */
export function storedTable(count: number, read: ReadWords, isFiltered: boolean): HashTable {
  const fences = new Uint32Array(Math.ceil(count / BLOCK));
  const filter = isFiltered ? createFilter(count) : null;
  for (let entry = 0; entry < count; entry += CHUNK) {
    const words = read(entry, Math.min(CHUNK, count - entry));
    for (let at = 0; at * 2 < words.length; at++) {
      const hash = words[at * 2 + 1]!;
      if ((entry + at) % BLOCK === 0) fences[(entry + at) / BLOCK] = hash;
      filter?.add(hash);
    }
  }
  return {
    words: () => read(0, count),
    between(from, to) {
      if (from === to && filter !== null && !filter.mayHave(from)) return NONE;
      // Equal hashes may begin in the block before the first fence that is as high.
      let block = Math.max(0, lowerFence(fences, from) - 1);
      const rows: number[] = [];
      for (; block < fences.length && fences[block]! <= to; block++) {
        const words = read(block * BLOCK, Math.min(BLOCK, count - block * BLOCK));
        for (const row of collect(words, lowerBound(words, from), to)) rows.push(row);
      }
      return rows;
    },
  };
}

/** A multiple of {@link BLOCK}. */
const CHUNK = 8192;

/** The first fence that is not below the hash. */
function lowerFence(fences: Uint32Array, hash: number): number {
  let low = 0;
  let high = fences.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (fences[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bloom filter with 16 bits and four probes for each hash: one in 400 of the others passes it. */
function createFilter(count: number): { add(hash: number): void; mayHave(hash: number): boolean } {
  const bits = new Uint32Array(Math.max(1, Math.ceil(count / 2)));
  const probe = (hash: number, number: number): number => {
    const mixed = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b + number * 0x9e3779b2);
    return ((mixed ^ (mixed >>> 13)) >>> 0) % (bits.length * 32);
  };
  return {
    add(hash) {
      for (let number = 0; number < PROBES; number++) {
        const bit = probe(hash, number);
        bits[bit >>> 5]! |= 1 << (bit & 31);
      }
    },
    mayHave(hash) {
      for (let number = 0; number < PROBES; number++) {
        const bit = probe(hash, number);
        if ((bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
      }
      return true;
    },
  };
}

const PROBES = 4;
