/**
 * Edit distance between two strings (optimal string alignment: insertions, deletions, replacements and swaps of neighbours), up to
 * `most`; `most + 1` for any larger distance.
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

/** Typos accepted in a word: one in a short word, else two. */
const MAX_TYPOS = 2;

const SHORT_WORD_LENGTH = 8;

/** The candidate with the fewest typos in `word`; null if none is near. Compares letter case. */
export function nearestWord(word: string, candidates: Iterable<string>): string | null {
  let best: { readonly candidate: string; readonly typos: number } | null = null;
  for (const candidate of candidates) {
    const most = candidate.length < SHORT_WORD_LENGTH ? 1 : MAX_TYPOS;
    const typos = editDistance(word, candidate, most);
    if (typos <= most && (best === null || typos < best.typos)) best = { candidate, typos };
  }
  return best?.candidate ?? null;
}
