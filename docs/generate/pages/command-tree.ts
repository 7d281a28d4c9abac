import type { Command, Option } from 'commander';
import { type CommandInfo, describeCommand, type FlagInfo, flagInfo } from '../../../src/cli/command-tree.js';
import type { Deps } from '../../../src/cli/deps.js';
import { buildProgram } from '../../../src/program.js';

/** What the generated pages are made from: the same data as `storewire commands --json`. */
export interface CommandTree {
  readonly description: string;
  readonly globalFlags: readonly FlagInfo[];
  readonly commands: readonly CommandInfo[];
}

/** Builds every command, runs none. */
export async function readCommandTree(): Promise<CommandTree> {
  const root = await build([]);
  const commands: CommandInfo[] = [];
  for (const each of root.commands) commands.push(await describeNamed(each.name()));
  const isShown = (option: Option): boolean => option.long !== '--version';
  return { description: root.description(), globalFlags: root.options.filter(isShown).map(flagInfo), commands };
}

async function describeNamed(name: string): Promise<CommandInfo> {
  const [command] = (await build([name])).commands;
  if (command === undefined) throw new Error(`the command ${name} registers nothing`);
  return describeCommand(command);
}

/** Registering a command defines flags and actions; no action runs, so none of its dependencies is used. */
function build(argv: readonly string[]): Promise<Command> {
  return buildProgram(argv, {} as Deps, () => undefined);
}
