import { indexAttempts, indexChecks, indexErrors, indexReasons, indexStatuses } from './code-entries.js';
import { CHAPTER_NAMES, CHAPTERS, type Chapter, type Entry, type Indexed } from './entry.js';
import { indexFields, indexSubtypes, indexTypes, indexValues } from './event-entries.js';
import { indexReceiptStatuses } from './receipt-statuses.js';
import { indexAudit, indexCodes, indexSteps } from './tool-entries.js';

const INDEXES: Readonly<Record<Chapter, () => readonly Indexed[]>> = {
  types: indexTypes,
  subtypes: indexSubtypes,
  fields: indexFields,
  values: indexValues,
  attempts: indexAttempts,
  errors: () => [...indexErrors(), ...indexReceiptStatuses()],
  codes: indexCodes,
  reasons: indexReasons,
  checks: () => [...indexChecks(), ...indexSteps(), ...indexAudit()],
  statuses: indexStatuses,
};

/** All entries in the order of the chapters, or those of one chapter. */
export function openReference(chapter?: Chapter): readonly Indexed[] {
  if (chapter !== undefined) return INDEXES[chapter]();
  return Object.values(INDEXES).flatMap((index) => index());
}

/** The entries shown in the listing of a chapter. */
export function listedEntries(indexed: readonly Indexed[]): readonly Entry[] {
  return indexed.filter(({ unlisted }) => unlisted !== true).map(({ entry }) => entry);
}

/** Every term that is one word, with its title, chapters first: candidates for shell completion. */
export function explainableTerms(): readonly { readonly value: string; readonly about: string }[] {
  const terms = openReference().map(({ entry }) => ({ value: entry.term, about: entry.title }));
  const single = new Map(terms.toReversed().map((term) => [term.value, term]));
  return [
    ...CHAPTER_NAMES.map((value) => ({ value, about: CHAPTERS[value] })),
    ...[...single.values()].toReversed().filter(({ value }) => !/\s/.test(value)),
  ];
}
