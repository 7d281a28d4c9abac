import type { Chapter, Entry, Indexed } from './entry.js';
import { indexSubtypes, indexTypes } from './events.js';
import { indexFields, indexValues } from './fields.js';
import { indexAttempts, indexErrors } from './outcomes.js';
import { indexChecks, indexReasons, indexStatuses } from './verification.js';

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
