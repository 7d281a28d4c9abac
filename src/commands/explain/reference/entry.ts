import type { EventEntry, FieldType, ValueEntry } from '../../../notification/catalogue/entry.js';
import type { AppleLibrary, StatusReading } from '../../../notification/catalogue/verification-statuses.js';
import type { CheckId, ReasonCode } from '../../../notification/reasons.js';

/** Chapters of the reference, in the order shown, each with its description. */
export const CHAPTERS = {
  types: 'notification types: notificationType',
  subtypes: 'notification subtypes: subtype',
  fields: 'every documented field of every payload',
  values: 'codes and enum values of fields',
  attempts: 'results of a delivery attempt: sendAttemptResult',
  errors: 'errors of the Server API, App Store Connect and verifyReceipt',
  codes: 'error codes of storewire: ERR_*',
  reasons: 'reason codes: why storewire rejects a payload',
  checks: 'checks of a verification, steps of check, ids of audit',
  statuses: "verification statuses of Apple's four server libraries",
} as const;

export type Chapter = keyof typeof CHAPTERS;

export const CHAPTER_NAMES = Object.keys(CHAPTERS) as readonly Chapter[];

interface Named {
  /** Name of the entry, and the argument that shows only this entry. */
  readonly term: string;
  /** Title of a few words. */
  readonly title: string;
  /** One or two sentences; empty if the title is enough. */
  readonly meaning: string;
  /** Apple's page about it, or about its chapter; null for what is ours. */
  readonly link: string | null;
}

/** A notificationType, or a type with a subtype (`TYPE.SUBTYPE`); `events` lists the pairs that Apple sends. */
export interface TypeEntry extends Named {
  readonly chapter: 'types';
  readonly since: string | null;
  readonly events: readonly ListedEvent[];
}

/** A subtype, with each type it is sent with. */
export interface SubtypeEntry extends Named {
  readonly chapter: 'subtypes';
  readonly since: string | null;
  readonly events: readonly ListedEvent[];
}

/** `former`: no longer sent by Apple. */
export type ListedEvent = EventEntry & { readonly former: boolean };

/** All fields of one name, in any payload. */
export interface PayloadFieldEntry extends Named {
  readonly chapter: 'fields';
  readonly places: readonly FieldPlace[];
}

/** Fields of one name with the same type and meaning. */
export interface FieldPlace {
  /** Paths as in the document: `notification.data.bundleId`; `[]` after an array. */
  readonly paths: readonly string[];
  readonly type: FieldType;
  readonly meaning: string;
  readonly since: string | null;
  /** Documented values; empty if the field takes any value. */
  readonly values: readonly ValueEntry[];
}

/** A documented value and the fields that take it. */
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
  /** Former name; null if it was never renamed. */
  readonly formerly: string | null;
}

export interface ErrorEntry extends Named {
  readonly chapter: 'errors';
  readonly api: 'App Store Server API' | 'App Store Connect API' | 'verifyReceipt';
  /** Null where Apple documents none. */
  readonly httpStatus: number | null;
  /** True if the same request may succeed later. */
  readonly retryable: boolean;
  /** Exit code of a storewire command that fails with this error; null where none calls the API. */
  readonly exit: number | null;
  /** Error code of storewire for it; null for an error of a call that storewire does not make. */
  readonly toolCode: string | null;
  readonly hint: string;
}

/** An error code of storewire. */
export interface CodeEntry extends Named {
  readonly chapter: 'codes';
  /** Part of storewire that it is about. */
  readonly area: string;
  /** Exit codes of a command that ends with it. */
  readonly exits: readonly number[];
  readonly hint: string;
}

export interface ReasonEntry extends Named {
  readonly chapter: 'reasons';
  readonly check: CheckId;
  readonly hint: string;
  /** Status that Apple's libraries report for the same case; null where a library does not check it. */
  readonly apple: Readonly<Record<AppleLibrary, AppleStatus | null>>;
}

/** `number` in the current version; null in java and swift, whose statuses are not numbers. */
export interface AppleStatus {
  readonly status: string;
  readonly number: number | null;
}

export interface CheckEntry extends Named {
  readonly chapter: 'checks';
  readonly of: 'verification' | 'check' | 'audit';
  readonly reasons: readonly { readonly code: ReasonCode; readonly title: string }[];
}

/** A status by name, or by number (`term` is the digits), which stands for a different status in each library. */
export interface StatusEntry extends Named {
  readonly chapter: 'statuses';
  readonly hint: string;
  readonly readings: readonly StatusReading[];
  /** Reason codes for the same case, each with the libraries that report this status; empty for a number. */
  readonly reasons: readonly { readonly code: ReasonCode; readonly libraries: readonly AppleLibrary[] }[];
}

export type Entry =
  | TypeEntry
  | SubtypeEntry
  | PayloadFieldEntry
  | FieldValueEntry
  | AttemptEntry
  | ErrorEntry
  | CodeEntry
  | ReasonEntry
  | CheckEntry
  | StatusEntry;

/** An entry with every name that finds it, its term included. */
export interface Indexed {
  readonly entry: Entry;
  readonly names: readonly string[];
  /** True for a part of another entry: found by search, left out of the chapter listing. */
  readonly unlisted?: boolean;
}

/** Capitalises a fragment, unless it begins with a name such as `iPhone`. */
export function capitalise(text: string): string {
  return /^[a-z]+\b/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** Capitalises a fragment and adds a full stop if it has none. */
export function toSentence(text: string): string {
  return text.endsWith('.') ? capitalise(text) : `${capitalise(text)}.`;
}
