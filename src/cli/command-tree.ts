import type { Argument, Command, Option } from 'commander';
import type { Deps } from './deps.js';
import { collect, examplesOf } from './options.js';

/** Builds the command tree as far as a command line needs it: all of it where no command is named. */
export type LoadProgram = (argv: readonly string[], deps: Deps, finish: () => void) => Promise<Command>;

/** A command and everything below it, as `commands --json` prints it. */
export interface CommandInfo {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly ArgumentInfo[];
  readonly flags: readonly FlagInfo[];
  readonly examples: readonly { readonly command: string; readonly shows: string }[];
  readonly commands: readonly CommandInfo[];
}

export interface ArgumentInfo {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly repeatable: boolean;
  readonly choices: readonly string[] | null;
  readonly default: unknown;
}

export interface FlagInfo {
  readonly long: string;
  readonly short: string | null;
  readonly description: string;
  /** The value's name in help; null for a switch. */
  readonly value: string | null;
  /** A value must follow. */
  readonly valueRequired: boolean;
  readonly repeatable: boolean;
  readonly choices: readonly string[] | null;
  /** The default in the words of help, durations with their unit; null for none, false for a switch. */
  readonly default: unknown;
}

/** Describes a command, its visible flags and its visible subcommands. */
export function describeCommand(command: Command): CommandInfo {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: command.description(),
    arguments: command.registeredArguments.map(argumentInfo),
    flags: help
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map(flagInfo),
    examples: examplesOf(command).map(([line, shows]) => ({ command: line, shows })),
    commands: help.visibleCommands(command).map(describeCommand),
  };
}

function argumentInfo(argument: Argument): ArgumentInfo {
  return {
    name: argument.name(),
    description: argument.description,
    required: argument.required,
    repeatable: argument.variadic,
    choices: argument.argChoices ?? null,
    default: argument.defaultValue ?? null,
  };
}

export function flagInfo(option: Option): FlagInfo {
  const takesValue = option.required || option.optional;
  return {
    long: option.long ?? option.flags,
    short: option.short ?? null,
    description: option.description,
    value: takesValue ? (/[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1]?.replace(/\.\.\.$/, '') ?? null) : null,
    valueRequired: option.required,
    repeatable: option.variadic || Array.isArray(option.defaultValue) || option.parseArg === collect,
    choices: option.argChoices ?? null,
    default: defaultOf(option, takesValue),
  };
}

function defaultOf({ defaultValue, defaultValueDescription, negate }: Option, takesValue: boolean): unknown {
  if (!takesValue) return negate ? false : (defaultValue ?? false);
  return defaultValueDescription ?? defaultValue ?? null;
}
