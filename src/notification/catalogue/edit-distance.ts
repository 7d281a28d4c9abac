/**
 * How many letters must be added, removed, replaced or swapped with their neighbour to make `b` of `a` (optimal string alignment), as
 * far as `most`: what is further away is `most + 1`.
 */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_cell, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const replaced = last[column - 1]! + (isSame ? 0 : 1);
      const swapped = isSwap ? beforeLast[column - 2]! + 1 : replaced;
      next.push(Math.min(replaced, swapped, last[column]! + 1, next[column - 1]! + 1));
    }
    if (Math.min(...next) > most) return most + 1;
    beforeLast = last;
    last = next;
  }
  return Math.min(last[b.length]!, most + 1);
}
