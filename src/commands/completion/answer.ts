import type { Argument, Option } from 'commander';
import {
  type Completion,
  type CompletionDeps,
  type CompletionSource,
  completionSourceOf,
  FILES,
  NO_VALUES,
  wordsAsCandidates,
} from '../../cli/completion.js';
import { completeProfiles } from '../../cli/completion-data.js';
import { ENVIRONMENT_VALUES } from '../../cli/completion-values.js';

/**
 * Flags and arguments that are the same in every command. The commands declare what is their own; these are here because decode and verify
 * have them, and every start would pay for a declaration there.
 */
const EVERYWHERE: Readonly<Record<string, CompletionSource>> = {
  input: FILES,
  '--environment': ENVIRONMENT_VALUES,
  '--profile': completeProfiles,
};

/** The values of a flag or an argument, `typed` being its text so far: its choices, its declared source, or files for a `<file>`. */
export async function valuesOf(place: Option | Argument, typed: string, deps: CompletionDeps): Promise<Completion> {
  if (place.argChoices !== undefined) return { candidates: wordsAsCandidates(place.argChoices), files: false };
  const name = 'flags' in place ? (place.long ?? '') : place.name();
  const source = completionSourceOf(place) ?? EVERYWHERE[name];
  if (source !== undefined) return source(typed, deps);
  return 'flags' in place && /[<[]file/.test(place.flags) ? FILES(typed, deps) : NO_VALUES;
}

/** Values that no shell changes, quoted or not. Others, for example a profile with a blank in its name, are not offered. */
const NEEDS_NO_QUOTES = /^[\w.@%+:,/=-]+$/;

/** The answer to a completion script: `files` or `none`, then one line `VALUE<Tab>ABOUT` for each candidate that starts with `typed`. */
export function completionToText({ candidates, files }: Completion, typed: string): string {
  const start = typed.toLowerCase();
  const lines = candidates
    .filter(({ value }) => NEEDS_NO_QUOTES.test(value) && value.toLowerCase().startsWith(start))
    .map(({ value, about }) => `${value}\t${about}`);
  return `${[files ? 'files' : 'none', ...new Set(lines)].join('\n')}\n`;
}
