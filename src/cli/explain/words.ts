import type { Entry, Indexed } from './entry.js';

/** What a word counts for, by where it is found. */
const WEIGHTS = { name: 12, nameStart: 6, namePart: 3, title: 4, text: 1 } as const;

/** Words that say nothing of what is looked for. */
const EMPTY: ReadonlySet<string> = new Set(
  'a an and apple are as at by did do does for from has how i in is it mean means my not of on or the to was what when why with'.split(
    ' ',
  ),
);

/** The entries that hold every word of the query, in name, title or text; the best first. */
export function findByWords(query: string, reference: readonly Indexed[]): readonly Entry[] {
  const words = wordsOf(query);
  const telling = words.filter((word) => !EMPTY.has(word));
  const wanted = telling.length > 0 ? telling : words;
  return rank(reference, (indexed) => {
    const weights = wanted.map((word) => weigh(word, indexed));
    return weights.includes(0) ? 0 : sumOf(weights);
  });
}

/** The entries that hold some of the words; the best first. */
export function findByAnyWord(query: string, reference: readonly Indexed[]): readonly Entry[] {
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
export function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `declined` finds `decline`, `refunds` finds `refund`: rough, and only for reading. */
function stemOf(word: string): string {
  return word.length < 5 ? word : word.replace(/(ing|ed|es|s|e)$/, '');
}

function sumOf(weights: readonly number[]): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}
