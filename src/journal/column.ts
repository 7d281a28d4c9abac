/** Numbers by index, in blocks: growing copies nothing and leaves little unused. */
export interface Column {
  /** 0 where nothing was set. */
  get(index: number): number;
  set(index: number, value: number): void;
}

type Numbers = Uint16Array | Uint32Array | Float64Array;

/** A column of numbers as wide as `Block` holds. */
export function column(Block: new (length: number) => Numbers): Column {
  const blocks: Numbers[] = [];
  return {
    get: (index) => blocks[index >>> BLOCK_BITS]?.[index & BLOCK_MASK] ?? 0,
    set: (index, value) => {
      const at = index >>> BLOCK_BITS;
      while (blocks.length <= at) blocks.push(new Block(BLOCK_MASK + 1));
      blocks[at]![index & BLOCK_MASK] = value;
    },
  };
}

const BLOCK_BITS = 14;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;
