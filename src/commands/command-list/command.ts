import type { Command } from 'commander';
import packageJson from '../../../package.json' with { type: 'json' };
import { type CommandInfo, describeCommand, flagInfo, type LoadProgram } from '../../cli/command-tree.js';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { DEBUG_BODY } from '../../cli/global-options.js';
import { withExamples } from '../../cli/options.js';
import { layEntries } from '../../terminal/columns.js';
import { toJsonLine } from '../../terminal/json.js';

export interface CommandsOptions {
  readonly json: boolean;
}

export type CommandsRun = (options: CommandsOptions, deps: Deps) => Promise<Exit>;

export function registerCommands(parent: Command, deps: Deps, finish: (code: Exit) => void, run: CommandsRun): void {
  const command = parent
    .command('commands')
    .description('List every command, or describe all of them for programs')
    .option('--json', 'Print one JSON document: commands, arguments, flags, defaults', false)
    .action(async (options: CommandsOptions) => finish(await run(options, deps)));
  withExamples(command, [
    ['storewire commands', 'every command and subcommand'],
    ['storewire commands --json', 'with flags, choices and defaults'],
  ]);
}

/** Prints the command tree, hidden commands left out. */
export function commandsRun(loadProgram: LoadProgram): CommandsRun {
  return async ({ json }, deps) => {
    const { stdout, now } = deps;
    const program = await loadProgram([], deps, () => undefined);
    const { flags: _flags, name, description, commands } = describeCommand(program);
    if (json) {
      const globalFlags = program.options.filter(({ long }) => long !== DEBUG_BODY).map(flagInfo);
      stdout.write(toJsonLine({ name, version: packageJson.version, description, globalFlags, commands }));
      return EXIT.ok;
    }
    const view = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
    const entries = commands.flatMap((command) => entriesOf(command, 0));
    stdout.write(`${layEntries('Commands', entries, view).join('\n')}\n`);
    return EXIT.ok;
  };
}

type Entry = Parameters<typeof layEntries>[1][number];

function entriesOf({ name, description, commands }: CommandInfo, depth: 0 | 1): readonly Entry[] {
  return [{ name, title: description, depth }, ...commands.flatMap((command) => entriesOf(command, 1))];
}
