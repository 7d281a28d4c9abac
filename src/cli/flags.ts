import type { Command } from 'commander';

/** One flag as data. Commander is given it by {@link addFlags}; {@link readPlainly} reads it without commander. */
export interface Flag {
  /** Long name without the dashes: `bundle-id`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Name of the value in the help: `id`. A flag without one is a switch, false where it is not given. */
  readonly value?: string;
  readonly about: string;
  /** Text to value. Throws `InvalidArgumentError`. Without it the value is the text. */
  readonly parse?: (text: string, before?: never) => unknown;
  readonly choices?: readonly string[];
  readonly preset?: { readonly value: unknown; readonly shown: string };
}

/** The values of flags, by name in camel case, as commander's `opts()` returns them. */
export type FlagValues = Readonly<Record<string, unknown>>;

/** Declares the flags on a command, for parsing, help and completion. */
export function addFlags(command: Command, flags: readonly Flag[]): Command {
  for (const { name, short, value, about, parse, choices, preset } of flags) {
    const names = `${short === undefined ? '' : `-${short}, `}--${name}`;
    const option = command.createOption(value === undefined ? names : `${names} <${value}>`, about);
    if (value === undefined) option.default(false);
    if (parse !== undefined) option.argParser(parse as (text: string) => unknown);
    if (choices !== undefined) option.choices(choices);
    if (preset !== undefined) option.default(preset.value, preset.shown);
    command.addOption(option);
  }
  return command;
}

/** A command line that {@link readPlainly} could read. */
export interface PlainLine {
  readonly operands: readonly string[];
  readonly values: FlagValues;
}

/**
 * Reads the words after a command's name: operands and flags of `flags`, each written in full. Null for anything else (an unknown or
 * clustered flag, `--`, an empty, invalid or missing value), which commander then parses and reports. Loading commander and declaring
 * the commands takes a fifth of a short run.
 */
export function readPlainly(words: readonly string[], flags: readonly Flag[]): PlainLine | null {
  const values: Record<string, unknown> = {};
  for (const { name, value, preset } of flags) {
    if (value === undefined) values[camelCase(name)] = false;
    else if (preset !== undefined) values[camelCase(name)] = preset.value;
  }
  const given = new Set<string>();
  const operands: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    if (!isFlag(word)) {
      operands.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const written = equals === -1 ? word : word.slice(0, equals);
    const flag = flags.find(({ name, short }) => written === `--${name}` || word === `-${short}`);
    if (flag === undefined || (flag.value === undefined && equals !== -1)) return null;
    const key = camelCase(flag.name);
    if (flag.value === undefined) {
      values[key] = true;
      continue;
    }
    if (equals === -1) index += 1;
    const text = equals === -1 ? words[index] : word.slice(equals + 1);
    if (text === undefined || text === '' || isFlag(text) || flag.choices?.includes(text) === false) return null;
    const parsed = parseValue(flag, text, given.has(key) ? values[key] : undefined);
    if (parsed === null) return null;
    values[key] = parsed.value;
    given.add(key);
  }
  return { operands, values };
}

/** A single `-` stands for standard input. */
function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith('-');
}

function parseValue({ parse }: Flag, text: string, before: unknown): { readonly value: unknown } | null {
  if (parse === undefined) return { value: text };
  try {
    return { value: parse(text, before as never) };
  } catch (error) {
    if (error instanceof InvalidArgumentError) return null;
    throw error;
  }
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Thrown by the parser of a value. Commander knows it by its code, and puts the flag and the value in front of the message. */
export class InvalidArgumentError extends Error {
  override readonly name = 'InvalidArgumentError';
  readonly code = 'commander.invalidArgument';
  readonly exitCode = 1;
}
