import { indexAttempts, indexChecks, indexErrors, indexReasons, indexStatuses } from './code-entries.js';
import { CHAPTER_NAMES, CHAPTERS, type Chapter, type Entry, type Indexed } from './entry.js';
import { indexFields, indexSubtypes, indexTypes, indexValues } from './event-entries.js';

const INDEXES: Readonly<Record<Chapter, () => readonly Indexed[]>> = {
  types: indexTypes,
  subtypes: indexSubtypes,
  fields: indexFields,
  values: indexValues,
  attempts: indexAttempts,
  errors: indexErrors,
  reasons: indexReasons,
  checks: indexChecks,
  statuses: indexStatuses,
};

/** Everything that can be explained, in the order of the chapters; or one chapter of it. */
export function openReference(chapter?: Chapter): readonly Indexed[] {
  if (chapter !== undefined) return INDEXES[chapter]();
  return Object.values(INDEXES).flatMap((index) => index());
}

/** The entries that stand in the list of a chapter. */
export function listed(indexed: readonly Indexed[]): readonly Entry[] {
  return indexed.filter(({ unlisted }) => unlisted !== true).map(({ entry }) => entry);
}

/** Everything that can be asked for by one word, and what it is: chapters first. */
export function explainable(): readonly { readonly value: string; readonly about: string }[] {
  const terms = openReference().map(({ entry }) => ({ value: entry.term, about: entry.title }));
  const single = new Map(terms.toReversed().map((term) => [term.value, term]));
  return [
    ...CHAPTER_NAMES.map((value) => ({ value, about: CHAPTERS[value] })),
    ...[...single.values()].toReversed().filter(({ value }) => !/\s/.test(value)),
  ];
}
