/** Binary search: the last of `items`, which are in the order of their start, that begins at or before a time (ms). */
export function lastBegun<T>(items: readonly T[], startMs: (item: T) => number, ms: number): T | undefined {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startMs(items[middle]!) <= ms) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
}
