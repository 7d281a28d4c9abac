import { type Command, InvalidArgumentError } from 'commander';
import { completes, words } from '../../cli/completion.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import type { EndpointDeps, EndpointFlags, EndpointRestoreFlags, EndpointSetFlags } from './options.js';

/** What each subcommand does. */
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
    ['storewire endpoint show', 'both URLs, and how they are read'],
    ['storewire endpoint set --sandbox https://dev.example.com/apple', 'change one'],
    ['storewire endpoint restore', 'put back what was there before'],
  ]);
  addCommon(
    command.command('show').description('Show both URLs and their versions'),
    "send the token to a base address that is not Apple's",
  ).action(async (flags: EndpointFlags) => finish(await runs.show(flags, deps)));
  const set = addChanging(
    command
      .command('set')
      .description('Set one URL or both, and save the previous ones')
      .option('--sandbox <url>', 'for the sandbox and TestFlight; none clears it')
      .option('--production <url>', 'for production; none clears it')
      .option('--version <version>', 'V2 (default) or V1', parseVersion),
  ).action(async (flags: EndpointSetFlags) => finish(await runs.set(flags, deps)));
  completes(set, { '--version': words('V2', 'V1') });
  addChanging(command.command('restore').description('Restore the URLs from before the last change made here')).action(
    async (flags: EndpointRestoreFlags) => finish(await runs.restore(flags, deps)),
  );
}

function addChanging(command: Command): Command {
  return addCommon(
    command.option('--dry-run', 'say what would be changed, and change nothing', false),
    'change it without asking, at any base address',
  );
}

function addCommon(command: Command, yes: string): Command {
  return command
    .option('--bundle-id <id>', 'bundle id of the app')
    .option('--profile <name>', 'settings profile')
    .option('--yes', yes, false)
    .option('--json', 'print one JSON document', false);
}

/** In any letter case, with or without the V. */
function parseVersion(text: string): 'V1' | 'V2' {
  const [, digit] = /^v?([12])$/i.exec(text) ?? [];
  if (digit === '1') return 'V1';
  if (digit === '2') return 'V2';
  throw new InvalidArgumentError('It is V2 or V1.');
}

/** Each is loaded on use. */
const RUNS: EndpointRuns = {
  show: async (flags, deps) => (await import('./show.js')).runShow(flags, deps),
  set: async (flags, deps) => (await import('./set.js')).runSet(flags, deps),
  restore: async (flags, deps) => (await import('./restore.js')).runRestore(flags, deps),
};
