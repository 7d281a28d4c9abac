import { editDistance } from '../../../notification/catalogue/edit-distance.js';
import { CHAPTER_NAMES, type Chapter, type Entry, type Indexed } from './entry.js';
import { reasonsOfMessage } from './library-messages.js';
import { namesIn, type PastedName, withoutColours } from './pasted-text.js';
import { openReference } from './reference.js';

/**
 * Result of one query. `exact`: entries with this name, in any letter case. `similar`: no such name; `entries` contain all words of the
 * query or are spelled almost like it, best match first. `none`: no match; `entries` are suggestions, possibly none.
 */
export interface SearchResult {
  readonly query: string;
  readonly match: 'exact' | 'similar' | 'none';
  readonly entries: readonly Entry[];
}

/**
 * Searches the reference. A chapter name as the first word limits the search to that chapter. The words are tried as one name first, then
 * as one name each, which gives one result a word, then the known names in a pasted text, and last as search words.
 */
export function findTerms(words: readonly string[]): readonly SearchResult[] {
  const { chapter, rest } = splitChapter(words);
  const reference = openReference(chapter);
  const whole = rest.join(' ').trim();
  const text = withoutColours(whole).trim();
  const exact = findExact(text, reference);
  if (exact.length > 0) return [{ query: whole, match: 'exact', entries: exact }];
  const each = rest.map((word): SearchResult => ({ query: word, match: 'exact', entries: findExact(word, reference) }));
  if (each.length > 1 && each.every(({ entries }) => entries.length > 0)) return each;
  const quoted = findQuoted(text, reference);
  return quoted.length > 0 ? quoted : [findMessage(whole, text, reference) ?? findSimilar(whole, text, reference)];
}

/** The known names inside a longer text, one result each. */
function findQuoted(text: string, reference: readonly Indexed[]): readonly SearchResult[] {
  for (const group of namesIn(text)) {
    const found = resultsOf(group, reference);
    if (found.length > 0) return found;
  }
  return [];
}

function resultsOf(pasted: readonly PastedName[], reference: readonly Indexed[]): readonly SearchResult[] {
  const results: SearchResult[] = [];
  const known = new Set<Entry>();
  for (const { names, among } of pasted) {
    const found = names.map((query) => ({ query, entries: findExact(query, reference).filter(among) }));
    const first = found.find(({ entries }) => entries.length > 0);
    if (first === undefined || first.entries.every((entry) => known.has(entry))) continue;
    for (const entry of first.entries) known.add(entry);
    results.push({ ...first, match: 'exact' });
  }
  return results;
}

/** A message of a JWT library. It may be about another token than one of the App Store, so that it is no exact match. */
function findMessage(query: string, text: string, reference: readonly Indexed[]): SearchResult | null {
  const entries = reasonsOfMessage(text).flatMap((reason) => findExact(reason, reference));
  return entries.length === 0 ? null : { query, match: 'similar', entries };
}

/** The chapter of this name, in any letter case. Singular forms are not accepted: they are names of fields. */
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

/** Version 1 shares many names with version 2, which is almost always the one searched for; version 1 is found where it alone has the name. */
function isLegacy(entry: Entry): boolean {
  return entry.chapter === 'values' && entry.paths.every((path) => path.startsWith('notificationV1.'));
}

/** The first entry of each name. */
function onePerTerm(entries: readonly Entry[]): readonly Entry[] {
  const first = new Map(entries.toReversed().map((entry) => [entry.term, entry]));
  return entries.filter((entry) => first.get(entry.term) === entry);
}

const MAX_SUGGESTIONS = 3;

function findSimilar(query: string, text: string, reference: readonly Indexed[]): SearchResult {
  const similar = onePerTerm(findByWords(text, reference));
  if (similar.length > 0) return { query, match: 'similar', entries: similar };
  const misspelled = onePerTerm(findMisspelled(text, reference));
  if (misspelled.length > 0) return { query, match: 'similar', entries: misspelled };
  return { query, match: 'none', entries: onePerTerm(findSuggestions(text, reference)).slice(0, MAX_SUGGESTIONS) };
}

/** Typos tolerated: one for every four letters, at least one; short names are too similar for more. */
const LETTERS_PER_TYPO = 4;

const MAX_TYPOS = 4;

const MIN_LETTERS = 3;

/** Entries spelled almost like the query, nearest first. A number is never treated as a misspelled other number. */
function findMisspelled(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const letters = lettersOf(query);
  if (letters.length < MIN_LETTERS || /^\d+$/.test(letters)) return [];
  const most = Math.min(MAX_TYPOS, Math.max(1, Math.floor(letters.length / LETTERS_PER_TYPO)));
  return byDistance(letters, reference, most);
}

/** Suggestions when nothing matches: entries with some of the words, else the nearest spelling. No number suggests another number. */
function findSuggestions(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const words = findByAnyWord(query, reference);
  const letters = lettersOf(query).replace(/^\d+$/, '');
  return words.length > 0 ? words : byDistance(letters, reference, Math.floor(letters.length / 2));
}

function byDistance(letters: string, reference: readonly Indexed[], most: number): readonly Entry[] {
  return reference
    .map(({ entry, names }) => ({
      entry,
      distance: Math.min(...names.map((name) => editDistance(letters, lettersOf(name), most))),
    }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .map(({ entry }) => entry);
}

/** Score of a word by the part of the entry that contains it. */
const WEIGHTS = { name: 12, nameStart: 6, namePart: 3, title: 4, text: 1 } as const;

/** Stop words: ignored in a query. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  'a an and apple are as at by did do does err error for from has how i in is it mean means my not of on or the to was what when why with'.split(
    ' ',
  ),
);

/** Entries that contain every word of the query in name, title or text, best match first. */
function findByWords(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const words = wordsOf(query);
  const significant = words.filter((word) => !STOP_WORDS.has(word));
  const wanted = significant.length > 0 ? significant : words;
  return rank(reference, (indexed) => {
    const weights = wanted.map((word) => weigh(word, indexed));
    return weights.includes(0) ? 0 : sumOf(weights);
  });
}

/** Entries that contain some of the words, best match first. */
function findByAnyWord(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const significant = wordsOf(query).filter((word) => !STOP_WORDS.has(word) && word.length > 2);
  return rank(reference, (indexed) => sumOf(significant.map((word) => weigh(word, indexed))));
}

/** On equal scores the shorter name comes first, since more of it matches; the sort is stable and keeps the order of the reference. */
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

/** Begins too many codes to stand for one of them. */
const SHORT_NUMBER = /^\d{1,2}$/;

function weigh(word: string, { entry, names }: Indexed): number {
  const own = wordsOf(entry.term);
  if (own.includes(word)) return WEIGHTS.name;
  if (!SHORT_NUMBER.test(word) && own.some((each) => each.startsWith(word))) return WEIGHTS.nameStart;
  const title = wordsOf(entry.title);
  if (title.some((each) => each.startsWith(stemOf(word)))) return WEIGHTS.title;
  if (word.length > 2 && names.some((name) => name.toLowerCase().includes(word))) return WEIGHTS.namePart;
  return textsOf(entry).some((text) => wordsOf(text).some((each) => each.startsWith(stemOf(word)))) ? WEIGHTS.text : 0;
}

/** All texts of an entry beside its name and title. */
function textsOf(entry: Entry): readonly string[] {
  const more = [entry.meaning];
  if ('events' in entry) more.push(...entry.events.flatMap(({ title, meaning }) => [title, meaning]));
  if ('places' in entry)
    more.push(...entry.places.flatMap(({ meaning, values }) => [meaning, ...values.map(({ meaning: each }) => each)]));
  if ('hint' in entry) more.push(entry.hint);
  if ('cause' in entry) more.push(entry.cause);
  return more;
}

/** Splits `notificationUUID` and `DID_RENEW` into lower-case words. */
function wordsOf(text: string): readonly string[] {
  const spaced = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.split(/[^a-z0-9]+/).filter((word) => word !== '');
}

/** Letters and digits only, so that `Did-Renew` and `did renew` match DID_RENEW. */
function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Rough English stem: `declined` finds `decline`, `refunds` finds `refund`. */
function stemOf(word: string): string {
  return word.length < 5 ? word : word.replace(/(ing|ed|es|s|e)$/, '');
}

function sumOf(weights: readonly number[]): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}
