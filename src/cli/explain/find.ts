import { CHAPTER_NAMES, type Chapter, type Entry, type Indexed } from './entry.js';
import { findNearest, findNext } from './nearest.js';
import { openReference } from './reference.js';
import { findByWords, lettersOf } from './words.js';

/**
 * What was found for one question. `exact`: something is called so, in any letter case. `similar`: nothing is, but these hold all its
 * words, or are spelt almost so; the best first. `none`: nothing, and `entries` are the nearest there is, if any.
 */
export interface Found {
  readonly query: string;
  readonly match: 'exact' | 'similar' | 'none';
  readonly entries: readonly Entry[];
}

/**
 * Looks words up. A chapter in front keeps to that chapter. All words together are tried as one name; where they are none, but each of
 * them is one, they are several questions; else they are what to look for.
 */
export function findTerms(words: readonly string[]): readonly Found[] {
  const { chapter, rest } = splitChapter(words);
  const reference = openReference(chapter);
  const whole = rest.join(' ').trim();
  const exact = findExact(whole, reference);
  if (exact.length > 0) return [{ query: whole, match: 'exact', entries: exact }];
  const each = rest.map((word): Found => ({ query: word, match: 'exact', entries: findExact(word, reference) }));
  if (each.length > 1 && each.every(({ entries }) => entries.length > 0)) return each;
  return [findSimilar(whole, reference)];
}

/** The chapter that a word names, in any letter case; singulars are names of fields. */
export function chapterOf(word: string | undefined): Chapter | undefined {
  const name = word?.toLowerCase();
  return CHAPTER_NAMES.find((chapter) => chapter === name);
}

function splitChapter(words: readonly string[]): { chapter?: Chapter; rest: readonly string[] } {
  const chapter = chapterOf(words[0]);
  return chapter === undefined || words.length === 1 ? { rest: words } : { chapter, rest: words.slice(1) };
}

function findExact(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const same = (fold: (text: string) => string): readonly Entry[] => {
    const wanted = fold(query);
    if (wanted === '') return [];
    const found = reference
      .filter(({ names }) => names.some((name) => fold(name) === wanted))
      .map(({ entry }) => entry);
    const current = found.filter((entry) => !isLegacy(entry));
    return current.length > 0 ? current : found;
  };
  const exact = same((text) => text.toLowerCase());
  return exact.length > 0 ? exact : same(lettersOf);
}

/** Version 1 calls many things as version 2 does; who asks hardly means those. With the chapter in front they are found, too. */
function isLegacy(entry: Entry): boolean {
  return entry.chapter === 'values' && entry.paths.every((path) => path.startsWith('notificationV1.'));
}

/** What resembles the query, one of each name. */
function onePerTerm(entries: readonly Entry[]): readonly Entry[] {
  const first = new Map(entries.toReversed().map((entry) => [entry.term, entry]));
  return entries.filter((entry) => first.get(entry.term) === entry);
}

const MOST_SUGGESTED = 3;

function findSimilar(query: string, reference: readonly Indexed[]): Found {
  const similar = onePerTerm(findByWords(query, reference));
  if (similar.length > 0) return { query, match: 'similar', entries: similar };
  const near = onePerTerm(findNearest(query, reference));
  if (near.length > 0) return { query, match: 'similar', entries: near };
  return { query, match: 'none', entries: onePerTerm(findNext(query, reference)).slice(0, MOST_SUGGESTED) };
}
