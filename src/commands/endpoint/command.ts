import { type Command, Option } from 'commander';
import { completes, words } from '../../cli/completion.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { InvalidArgumentError } from '../../cli/flags.js';
import { durationOption, withExamples } from '../../cli/options.js';
import type { EndpointDeps, EndpointFlags, EndpointRestoreFlags, EndpointSetFlags } from './options.js';

/** Run functions of the subcommands. */
export interface EndpointRuns {
  show(flags: EndpointFlags, deps: EndpointDeps): Promise<Exit>;
  set(flags: EndpointSetFlags, deps: EndpointDeps): Promise<Exit>;
  restore(flags: EndpointRestoreFlags, deps: EndpointDeps): Promise<Exit>;
}

export function registerEndpoint(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  runs: EndpointRuns = RUNS,
): void {
  const command = parent
    .command('endpoint')
    .description('Show or change the notification URLs in App Store Connect')
    .helpCommand(false);
  withExamples(command, [
    ['storewire endpoint show', 'show both URLs'],
    ['storewire endpoint set --sandbox https://dev.example.com/apple', 'change the sandbox URL'],
    ['storewire endpoint restore', 'restore the previous URL'],
  ]);
  addCommon(
    command.command('show').description('Show both URLs and their versions'),
    "Send the token to a base address that is not Apple's",
  ).action(async (flags: EndpointFlags) => finish(await runs.show(flags, deps)));
  const set = addChanging(
    command
      .command('set')
      .description('Set one URL or both, and save the previous ones')
      .option('--sandbox <url>', 'Set the URL for sandbox and TestFlight; none clears it')
      .option('--production <url>', 'Set the URL for production; none clears it')
      .option('--version <version>', 'Set the version, V2 (default) or V1', parseVersion),
  ).action(async (flags: EndpointSetFlags) => finish(await runs.set(flags, deps)));
  completes(set, { '--version': words('V2', 'V1') });
  addChanging(command.command('restore').description('Restore the URLs from before the last change made here')).action(
    async (flags: EndpointRestoreFlags) => finish(await runs.restore(flags, deps)),
  );
}

function addChanging(command: Command): Command {
  return addCommon(
    command.option('--dry-run', 'Show the change without applying it', false),
    'Apply without confirmation, at any base address',
  );
}

function addCommon(command: Command, yes: string): Command {
  return command
    .option('--bundle-id <id>', 'Use this bundle id')
    .option('--profile <name>', 'Use this settings profile')
    .addOption(
      new Option('--timeout <duration>', 'Give up reading the app after this time')
        .argParser(durationOption)
        .default(30_000, '30s'),
    )
    .option('--yes', yes, false)
    .option('--json', 'Print one JSON document', false);
}

/** Accepts any letter case, with or without the V. */
function parseVersion(text: string): 'V1' | 'V2' {
  const [, digit] = /^v?([12])$/i.exec(text) ?? [];
  if (digit === '1') return 'V1';
  if (digit === '2') return 'V2';
  throw new InvalidArgumentError('Choose V2 or V1.');
}

/** Loaded on use. */
const RUNS: EndpointRuns = {
  show: async (flags, deps) => (await import('./show.js')).runEndpointShow(flags, deps),
  set: async (flags, deps) => (await import('./set.js')).runSet(flags, deps),
  restore: async (flags, deps) => (await import('./restore.js')).runRestore(flags, deps),
};
