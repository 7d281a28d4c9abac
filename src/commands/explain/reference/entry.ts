import type { EventEntry, FieldType, ValueEntry } from '../../../notification/catalogue/entry.js';
import type { AppleLibrary, StatusReading } from '../../../notification/catalogue/verification-statuses.js';
import type { CheckId, ReasonCode } from '../../../notification/reasons.js';

/** What `explain` can be asked for as a whole, in the order shown, each with what it is. */
export const CHAPTERS = {
  types: 'what a notification is about: notificationType',
  subtypes: 'what exactly happened: subtype',
  fields: 'every documented field of every payload',
  values: 'codes and words that stand in fields',
  attempts: 'how an attempt to deliver went: sendAttemptResult',
  errors: 'errors of the Server API and the App Store Connect API',
  reasons: 'why storewire refuses a payload',
  checks: 'what storewire checks, in order',
  statuses: "verification statuses of Apple's four libraries",
} as const;

export type Chapter = keyof typeof CHAPTERS;

export const CHAPTER_NAMES = Object.keys(CHAPTERS) as readonly Chapter[];

interface Named {
  /** What it is called, and what to type to be told of it alone. */
  readonly term: string;
  /** A few words. */
  readonly title: string;
  /** One or two sentences; empty where the title says all. */
  readonly meaning: string;
}

/** A notificationType, or one with a subtype (`TYPE.SUBTYPE`): `events` holds the pairs that Apple sends. */
export interface TypeEntry extends Named {
  readonly chapter: 'types';
  readonly since: string | null;
  readonly events: readonly ToldEvent[];
}

/** A subtype, with each type it comes with. */
export interface SubtypeEntry extends Named {
  readonly chapter: 'subtypes';
  readonly since: string | null;
  readonly events: readonly ToldEvent[];
}

/** `former`: sent in the past only. */
export type ToldEvent = EventEntry & { readonly former: boolean };

/** A field by its name, wherever it stands. */
export interface PayloadFieldEntry extends Named {
  readonly chapter: 'fields';
  readonly places: readonly FieldPlace[];
}

/** Fields of one name that say the same. */
export interface FieldPlace {
  /** As in the document: `notification.data.bundleId`; `[]` for each of an array. */
  readonly paths: readonly string[];
  readonly type: FieldType;
  readonly meaning: string;
  readonly since: string | null;
  /** Empty where any value may stand there. */
  readonly values: readonly ValueEntry[];
}

/** A value and the fields it may stand in. */
export interface FieldValueEntry extends Named {
  readonly chapter: 'values';
  readonly value: string | number;
  readonly since: string | null;
  readonly paths: readonly string[];
}

export interface AttemptEntry extends Named {
  readonly chapter: 'attempts';
  readonly cause: string;
  readonly hint: string;
  /** What it was called before; null where it has always been called so. */
  readonly formerly: string | null;
}

export interface ErrorEntry extends Named {
  readonly chapter: 'errors';
  readonly api: 'App Store Server API' | 'App Store Connect API';
  readonly httpStatus: number;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Exit code of a storewire command that ends with it. */
  readonly exit: number;
  readonly hint: string;
}

export interface ReasonEntry extends Named {
  readonly chapter: 'reasons';
  readonly check: CheckId;
  readonly hint: string;
  /** What Apple's libraries say of the same case; null where they do not look. */
  readonly apple: Readonly<Record<AppleLibrary, AppleAnswer | null>>;
}

/** `number` in today's version; null in java and swift, whose statuses are no numbers. */
export interface AppleAnswer {
  readonly status: string;
  readonly number: number | null;
}

export interface CheckEntry extends Named {
  readonly chapter: 'checks';
  readonly reasons: readonly { readonly code: ReasonCode; readonly title: string }[];
}

/** A status by name, or by number (`term` is the digits), which is another status in each library. */
export interface StatusEntry extends Named {
  readonly chapter: 'statuses';
  readonly hint: string;
  readonly readings: readonly StatusReading[];
  /** Our reasons for the same, each with the libraries that answer so; empty for a number. */
  readonly reasons: readonly { readonly code: ReasonCode; readonly libraries: readonly AppleLibrary[] }[];
}

export type Entry =
  | TypeEntry
  | SubtypeEntry
  | PayloadFieldEntry
  | FieldValueEntry
  | AttemptEntry
  | ErrorEntry
  | ReasonEntry
  | CheckEntry
  | StatusEntry;

/** An entry and every name it answers to, its term included. */
export interface Indexed {
  readonly entry: Entry;
  readonly names: readonly string[];
  /** Part of another entry of the chapter: found when asked for, left out of the list. */
  readonly unlisted?: boolean;
}

/** A fragment as a title: its first letter in upper case, unless it begins with a name such as `iPhone`. */
export function capitalise(text: string): string {
  return /^[a-z]+\b/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** A fragment as a sentence that ends in a full stop. */
export function toSentence(text: string): string {
  return text.endsWith('.') ? capitalise(text) : `${capitalise(text)}.`;
}
