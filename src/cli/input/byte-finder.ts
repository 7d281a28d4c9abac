/** Where one byte occurs next. */
export interface ByteFinder {
  /** Offset of the first such byte at or after `from`; the end of `view` where there is none. */
  next(view: Buffer, from: number): number;
  /** The bytes have moved. */
  forget(): void;
}

/** Remembers what it found, so that asking many times on the way through some bytes costs one search and not one each. */
export function createByteFinder(byte: number): ByteFinder {
  let searchedFrom = 0;
  let found = -1;
  return {
    next(view, from) {
      if (from >= searchedFrom && from <= found && (found < view.length ? view[found] === byte : found === view.length))
        return found;
      searchedFrom = from;
      const at = view.indexOf(byte, from);
      found = at === -1 ? view.length : at;
      return found;
    },
    forget() {
      found = -1;
    },
  };
}
