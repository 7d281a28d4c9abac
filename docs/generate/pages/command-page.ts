import type { ArgumentInfo, CommandInfo, FlagInfo } from '../../../src/cli/command-tree.js';
import type { CommandTree } from './command-tree.js';
import { code, GENERATED, page, prose, shell, table } from './markdown.js';

/** The page of one command: synopsis, examples, arguments, flags, and the same of each subcommand. */
export function commandPage(command: CommandInfo, globalFlags: readonly FlagInfo[]): string {
  return page(
    GENERATED,
    `# storewire ${command.name}`,
    ...sections(command, `storewire ${command.name}`, '##'),
    '## Flags of every command',
    flagTable(globalFlags),
    'See also: [all commands](README.md), [exit codes](../exit-codes.md), [settings](../settings.md), [JSON](../json.md).',
  );
}

function sections(command: CommandInfo, path: string, level: string): readonly string[] {
  const { description, flags, examples, commands } = command;
  return [
    `${prose(description)}.`,
    shellSynopsis(command, path),
    ...(examples.length === 0 ? [] : [`${level} Examples`, exampleBlock(examples)]),
    ...(command.arguments.length === 0 ? [] : [`${level} Arguments`, argumentTable(command.arguments)]),
    ...(flags.length === 0 ? [] : [`${level} Flags`, flagTable(flags)]),
    ...commands.flatMap((each) => [
      `## ${path} ${each.name}`,
      ...sections(each, `${path} ${each.name}`, `##${level.slice(1)}`),
    ]),
  ];
}

function shellSynopsis(command: CommandInfo, path: string): string {
  return ['```text', synopsisOf(command, path), '```'].join('\n');
}

/** `storewire verify [input...] [options]`. */
export function synopsisOf({ commands, flags, arguments: given }: CommandInfo, path: string): string {
  const verbs = commands.length === 0 ? [] : [`<${commands.map(({ name }) => name).join('|')}>`];
  const options = flags.length === 0 && commands.length === 0 ? [] : ['[options]'];
  return [path, ...verbs, ...given.map(argumentName), ...options].join(' ');
}

function argumentName({ name, required, repeatable }: ArgumentInfo): string {
  const text = `${name}${repeatable ? '...' : ''}`;
  return required ? `<${text}>` : `[${text}]`;
}

function exampleBlock(examples: CommandInfo['examples']): string {
  const width = Math.max(...examples.map(({ command }) => command.length));
  return shell(examples.map(({ command, shows }) => `${command.padEnd(width)}  # ${shows}`));
}

function argumentTable(given: readonly ArgumentInfo[]): string {
  const rows = given.map((each) => [code(argumentName(each)), prose(each.description)]);
  return table(['Argument', 'Meaning'], rows);
}

function flagTable(flags: readonly FlagInfo[]): string {
  const rows = flags.map((flag) => [code(flagName(flag)), prose(flag.description), valuesOf(flag)]);
  return table(['Flag', 'Meaning', 'Values and default'], rows);
}

/** `-f, --forward-to <url>`. */
export function flagName({ short, long, value, valueRequired }: FlagInfo): string {
  const names = short === null ? long : `${short}, ${long}`;
  if (value === null) return names;
  return valueRequired ? `${names} <${value}>` : `${names} [${value}]`;
}

/** Allowed values, default, and whether it may be repeated; empty for a switch. */
export function notesOn({ choices, default: given, description, repeatable, value }: FlagInfo): readonly string[] {
  const isList = Array.isArray(given);
  return [
    ...(choices === null ? [] : [choices.join(', ')]),
    ...(value === null || given === null || isList ? [] : [`default: ${given}`]),
    ...(repeatable && !description.includes('repeatable') ? ['repeatable'] : []),
  ];
}

function valuesOf(flag: FlagInfo): string {
  return prose(notesOn(flag).join('; '));
}

/** The list of all commands. */
export function commandIndex({ commands }: CommandTree): string {
  const rows = commands.map(({ name, description }) => [`[${name}](${name}.md)`, prose(description)]);
  return page(
    GENERATED,
    '# Commands',
    table(['Command', 'Purpose'], rows),
    '`storewire help COMMAND` shows the same in a terminal, `storewire commands --json` for programs.',
  );
}
