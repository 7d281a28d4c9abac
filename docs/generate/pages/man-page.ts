import type { CommandInfo, FlagInfo } from '../../../src/cli/command-tree.js';
import { EXIT } from '../../../src/cli/exit.js';
import { TOPICS } from '../../../src/commands/help/topics.js';
import { flagName, notesOn, synopsisOf } from './command-page.js';
import type { CommandTree } from './command-tree.js';

/** `storewire.1`: every command with its flags, exit codes, environment and settings, in the man macros. */
export function manPage({ description, commands, globalFlags }: CommandTree): string {
  return `${[
    '.\\" Made by npm run docs.',
    '.TH STOREWIRE 1 "" storewire "User Commands"',
    '.SH NAME',
    `storewire \\- ${roff(description)}`,
    '.SH SYNOPSIS',
    '.B storewire',
    '.I command',
    '[\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    roff(
      'Decode, verify, receive, forward and simulate App Store Server Notifications V2. The answer is on standard output, everything said about it on standard error. See the command for its flags, and storewire help COMMAND for the same with examples.',
    ),
    '.SH OPTIONS OF EVERY COMMAND',
    ...globalFlags.flatMap(flagEntry),
    '.SH COMMANDS',
    ...commands.flatMap((command) => commandSection(command, `storewire ${command.name}`)),
    '.SH EXIT STATUS',
    ...topicLines('exit-codes'),
    '.SH ENVIRONMENT',
    ...topicLines('environment'),
    '.SH FILES',
    ...topicLines('settings'),
    '.SH BUGS',
    `Exit status ${EXIT.bug} is a bug: https://github.com/storewire/storewire/issues`,
  ].join('\n')}\n`;
}

function commandSection(command: CommandInfo, path: string): readonly string[] {
  const { description, examples, flags, commands } = command;
  return [
    `.SS ${roff(synopsisOf(command, path))}`,
    `${roff(description)}.`,
    ...command.arguments.flatMap(({ name, description: meaning }) => ['.TP', `.I ${roff(name)}`, roff(meaning)]),
    ...flags.flatMap(flagEntry),
    ...(examples.length === 0 ? [] : ['.PP', 'Examples:']),
    ...examples.flatMap(({ command: line, shows }) => ['.TP', `.B ${roff(line)}`, roff(shows)]),
    ...commands.flatMap((each) => commandSection(each, `${path} ${each.name}`)),
  ];
}

function flagEntry(flag: FlagInfo): readonly string[] {
  const notes = notesOn(flag);
  const about = notes.length === 0 ? flag.description : `${flag.description} (${notes.join('; ')})`;
  return ['.TP', `.B ${roff(flagName(flag))}`, roff(about)];
}

/** A help topic as it is, without its title. */
function topicLines(name: string): readonly string[] {
  const [, ...lines] = (TOPICS[name]?.text ?? '').trimEnd().split('\n');
  return ['.nf', ...lines.slice(1).map(roff), '.fi'];
}

/** Text that roff takes literally: no escapes, requests, or hyphens that a terminal cannot copy. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...').replaceAll('"', '\\(dq');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
