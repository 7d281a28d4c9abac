import { distance } from '../../notification/catalogue/distance.js';
import type { Entry, Indexed } from './entry.js';
import { findByAnyWord, lettersOf } from './words.js';

/** A slip of the finger in every four letters, and one at least; short names are too alike for more. */
const LETTERS_A_SLIP = 4;
const MOST_SLIPS = 4;
const SHORTEST = 3;

/** What is spelt almost so, the nearest first. A number is never another one spelt wrongly. */
export function findNearest(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const letters = lettersOf(query);
  if (letters.length < SHORTEST || /^\d+$/.test(letters)) return [];
  const most = Math.min(MOST_SLIPS, Math.max(1, Math.floor(letters.length / LETTERS_A_SLIP)));
  return byDistance(letters, reference, most);
}

/** What may have been meant where nothing fits: what has some of the words, else what is spelt least unlike it. No number stands for another. */
export function findNext(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const words = findByAnyWord(query, reference);
  const letters = lettersOf(query).replace(/^\d+$/, '');
  return words.length > 0 ? words : byDistance(letters, reference, Math.floor(letters.length / 2));
}

function byDistance(letters: string, reference: readonly Indexed[], most: number): readonly Entry[] {
  return reference
    .map(({ entry, names }) => ({
      entry,
      away: Math.min(...names.map((name) => distance(letters, lettersOf(name), most))),
    }))
    .filter(({ away }) => away <= most)
    .sort((a, b) => a.away - b.away)
    .map(({ entry }) => entry);
}
