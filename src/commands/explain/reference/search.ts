import { editDistance } from '../../../notification/catalogue/edit-distance.js';
import { CHAPTER_NAMES, type Chapter, type Entry, type Indexed } from './entry.js';
import { openReference } from './reference.js';

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

/** A slip of the finger in every four letters, and one at least; short names are too alike for more. */
const LETTERS_A_SLIP = 4;

const MOST_SLIPS = 4;

const SHORTEST = 3;

/** What is spelt almost so, the nearest first. A number is never another one spelt wrongly. */
function findNearest(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const letters = lettersOf(query);
  if (letters.length < SHORTEST || /^\d+$/.test(letters)) return [];
  const most = Math.min(MOST_SLIPS, Math.max(1, Math.floor(letters.length / LETTERS_A_SLIP)));
  return byDistance(letters, reference, most);
}

/** What may have been meant where nothing fits: what has some of the words, else what is spelt least unlike it. No number stands for another. */
function findNext(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const words = findByAnyWord(query, reference);
  const letters = lettersOf(query).replace(/^\d+$/, '');
  return words.length > 0 ? words : byDistance(letters, reference, Math.floor(letters.length / 2));
}

function byDistance(letters: string, reference: readonly Indexed[], most: number): readonly Entry[] {
  return reference
    .map(({ entry, names }) => ({
      entry,
      away: Math.min(...names.map((name) => editDistance(letters, lettersOf(name), most))),
    }))
    .filter(({ away }) => away <= most)
    .sort((a, b) => a.away - b.away)
    .map(({ entry }) => entry);
}

/** What a word counts for, by where it is found. */
const WEIGHTS = { name: 12, nameStart: 6, namePart: 3, title: 4, text: 1 } as const;

/** Words that say nothing of what is looked for. */
const EMPTY: ReadonlySet<string> = new Set(
  'a an and apple are as at by did do does for from has how i in is it mean means my not of on or the to was what when why with'.split(
    ' ',
  ),
);

/** The entries that hold every word of the query, in name, title or text; the best first. */
function findByWords(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const words = wordsOf(query);
  const telling = words.filter((word) => !EMPTY.has(word));
  const wanted = telling.length > 0 ? telling : words;
  return rank(reference, (indexed) => {
    const weights = wanted.map((word) => weigh(word, indexed));
    return weights.includes(0) ? 0 : sumOf(weights);
  });
}

/** The entries that hold some of the words; the best first. */
function findByAnyWord(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const telling = wordsOf(query).filter((word) => !EMPTY.has(word) && word.length > 2);
  return rank(reference, (indexed) => sumOf(telling.map((word) => weigh(word, indexed))));
}

/** Among equals the shorter name first: it has less in it that was not asked for. Sorting keeps the order of the reference. */
function rank(reference: readonly Indexed[], weighOne: (indexed: Indexed) => number): readonly Entry[] {
  return reference
    .map((indexed) => ({ entry: indexed.entry, weight: weighOne(indexed) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || lengthOf(a.entry) - lengthOf(b.entry))
    .map(({ entry }) => entry);
}

function lengthOf({ term }: Entry): number {
  return wordsOf(term).length;
}

function weigh(word: string, { entry, names }: Indexed): number {
  const own = wordsOf(entry.term);
  if (own.includes(word)) return WEIGHTS.name;
  if (own.some((each) => each.startsWith(word))) return WEIGHTS.nameStart;
  const title = wordsOf(entry.title);
  if (title.some((each) => each.startsWith(stemOf(word)))) return WEIGHTS.title;
  if (word.length > 2 && names.some((name) => name.toLowerCase().includes(word))) return WEIGHTS.namePart;
  return textsOf(entry).some((text) => wordsOf(text).some((each) => each.startsWith(stemOf(word)))) ? WEIGHTS.text : 0;
}

/** What else an entry says, in sentences. */
function textsOf(entry: Entry): readonly string[] {
  const more = [entry.meaning];
  if ('events' in entry) more.push(...entry.events.flatMap(({ title, meaning }) => [title, meaning]));
  if ('places' in entry)
    more.push(...entry.places.flatMap(({ meaning, values }) => [meaning, ...values.map(({ meaning: each }) => each)]));
  if ('hint' in entry) more.push(entry.hint);
  if ('cause' in entry) more.push(entry.cause);
  return more;
}

/** `notificationUUID` and `DID_RENEW` as the words they are made of, in lower case. */
function wordsOf(text: string): readonly string[] {
  const apart = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return apart.split(/[^a-z0-9]+/).filter((word) => word !== '');
}

/** `Did-Renew` and `did renew` are DID_RENEW: nobody remembers what stands between the words. */
function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `declined` finds `decline`, `refunds` finds `refund`: rough, and only for reading. */
function stemOf(word: string): string {
  return word.length < 5 ? word : word.replace(/(ing|ed|es|s|e)$/, '');
}

function sumOf(weights: readonly number[]): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}
