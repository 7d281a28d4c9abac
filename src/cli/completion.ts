import type { Argument, Command, Option } from 'commander';
import type { Deps } from './deps.js';

/** One value that a shell may offer. */
export interface Candidate {
  readonly value: string;
  /** A short description; empty where the value needs none. */
  readonly about: string;
}

/** The values of one flag or argument; `files` is true where file names are values too. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

export type CompletionDeps = Pick<Deps, 'env' | 'platform'>;

/** Finds the values when Tab is pressed; `typed` is the text of the value so far. What is slow to load is imported then. */
export type CompletionSource = (typed: string, deps: CompletionDeps) => Completion | Promise<Completion>;

export const NO_VALUES: Completion = { candidates: [], files: false };

export const FILES: CompletionSource = () => ({ candidates: [], files: true });

const SOURCES = new WeakMap<Option | Argument, CompletionSource>();

/**
 * Declares the values of flags (`--events`) and arguments (`id`) of a command, beside their definition. Choices of commander and `<file>`
 * need no declaration. Throws where the command has no such flag or argument.
 */
export function completes(command: Command, sources: Readonly<Record<string, CompletionSource>>): Command {
  for (const [name, source] of Object.entries(sources)) {
    const place =
      command.options.find(({ long }) => long === name) ??
      command.registeredArguments.find((argument) => argument.name() === name);
    if (place === undefined) throw new Error(`${command.name()} has no ${name} to complete`);
    SOURCES.set(place, source);
  }
  return command;
}

/** The source of a flag or an argument; undefined where none was declared. */
export function completionSourceOf(place: Option | Argument): CompletionSource | undefined {
  return SOURCES.get(place);
}

/** Words that need no description. */
export function wordsAsCandidates(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, about: '' }));
}

export function words(...values: readonly string[]): CompletionSource {
  return () => ({ candidates: wordsAsCandidates(values), files: false });
}

/** A list such as `A,B,C`: completes the last item, and offers no item twice. */
export function listOf(source: CompletionSource): CompletionSource {
  return async (typed, deps) => {
    const before = typed.slice(0, typed.lastIndexOf(',') + 1);
    const chosen = before.split(',');
    const { candidates } = await source(typed.slice(before.length), deps);
    const left = candidates.filter(({ value }) => !chosen.includes(value));
    return { candidates: left.map(({ value, about }) => ({ value: before + value, about })), files: false };
  };
}
