/** One thing that may be typed next. */
export interface Candidate {
  readonly value: string;
  /** What it is, in a few words; empty where the value says all. */
  readonly about: string;
}

/** What may stand at a place: these, and files where `files` is true. */
export interface Answer {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

export const NOTHING: Answer = { candidates: [], files: false };
export const FILES: Answer = { candidates: [], files: true };

/** Words as candidates that need no description. */
export function plain(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, about: '' }));
}

/** What a shell takes as it stands, in or out of quotes. Anything else, such as a profile with a blank in its name, is not offered. */
const NEEDS_NO_QUOTES = /^[\w.@%+:,/=-]+$/;

/** What the scripts read: `files` or `none`, then a line `VALUE<Tab>ABOUT` for each candidate that begins with what is there already. */
export function answerToText({ candidates, files }: Answer, begun: string): string {
  const start = begun.toLowerCase();
  const lines = candidates
    .filter(({ value }) => NEEDS_NO_QUOTES.test(value) && value.toLowerCase().startsWith(start))
    .map(({ value, about }) => `${value}\t${about}`);
  return `${[files ? 'files' : 'none', ...new Set(lines)].join('\n')}\n`;
}
