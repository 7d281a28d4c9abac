import { CHAPTER_NAMES, CHAPTERS } from './entry.js';
import { openReference } from './reference.js';

/** Everything that can be asked for by one word, and what it is: chapters first. */
export function explainable(): readonly { readonly value: string; readonly about: string }[] {
  const terms = openReference().map(({ entry }) => ({ value: entry.term, about: entry.title }));
  const single = new Map(terms.toReversed().map((term) => [term.value, term]));
  return [
    ...CHAPTER_NAMES.map((value) => ({ value, about: CHAPTERS[value] })),
    ...[...single.values()].toReversed().filter(({ value }) => !/\s/.test(value)),
  ];
}
