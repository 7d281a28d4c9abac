import type { Command } from 'commander';
import { completes, listOf } from '../../cli/completion.js';
import { EVENT_VALUES, LAST_ENTRY_OR_FILES } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { ID_FLAGS } from '../../cli/filter-flags.js';
import { addFlags, InvalidArgumentError } from '../../cli/flags.js';
import { addForwardOptions } from '../../cli/forward-options.js';
import { durationOption, parseSince, withExamples } from '../../cli/options.js';
import { parseEvents } from '../../notification/event-filter.js';
import { addServerOptions } from '../../session/server.js';
import type { ReplayDeps, ReplayOptions } from './options.js';

/** Notifications a second: an app on a laptop keeps up, and a thousand take a minute. */
const DEFAULT_RATE = 20;

export function registerReplay(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runReplay = runReplay,
): void {
  const command = parent
    .command('replay')
    .description('Send recorded notifications again')
    .argument('[id...]', 'Ids, their first characters, or last; files, or - for stdin');
  command
    .optionsGroup('Selection:')
    .option('--failed', 'Select those with pending deliveries', false)
    .option('--all', 'Select everything in the journal', false)
    .option('--events <types>', 'Select these types: TYPE[.SUBTYPE],…', parseEvents)
    .option('--since <when>', 'Select those since this time: 24h or 2026-03-04', parseSince);
  addFlags(command, ID_FLAGS)
    .option('--from-history', "Read notifications from Apple's history", false)
    .option('--environment <name>', 'Read the history of sandbox or production')
    .option('--only-failures', 'Read only undelivered ones from the history', false)
    .option('--resume', 'Continue the interrupted run', false);
  addForwardOptions(command.optionsGroup('Targets:'));
  command
    .optionsGroup('Sending:')
    .option('--rate <n>', 'Send at most n per second', parseRate, DEFAULT_RATE)
    .option('--dry-run', 'Show what would be sent; send nothing', false)
    .option('-v, --verbose', 'Also report each index that is built again', false)
    .option('--timeout <duration>', 'Stop after this time', durationOption);
  addServerOptions(
    command.optionsGroup('Settings and output:'),
    'Print one JSON document per line',
    'Use this bundle id, and send only its notifications',
  )
    .helpOption('-h, --help', 'Show help')
    .action(async (args: readonly string[], flags: Omit<ReplayOptions, 'args'>) =>
      finish(await run({ args, ...flags }, deps)),
    );
  completes(command, { id: LAST_ENTRY_OR_FILES, '--events': listOf(EVENT_VALUES) });
  withExamples(command, [
    ['storewire replay last -f http://localhost:3000/apple', 'the last one, to your app'],
    ['storewire replay --failed', 'pending deliveries'],
    ['storewire replay --since 24h --events REFUND --dry-run', 'preview only'],
    ['storewire replay sent.ndjson -f http://localhost:3000', 'from a file'],
  ]);
}

/** Loads the run on first use, so that other commands start without it. */
async function runReplay(options: ReplayOptions, deps: ReplayDeps): Promise<Exit> {
  const { runReplay: run } = await import('./run.js');
  return run(options, deps);
}

const MAX_RATE = 10_000;

function parseRate(text: string): number {
  const rate = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && rate > 0 && rate <= MAX_RATE) return rate;
  throw new InvalidArgumentError(`It must be a number above 0, at most ${MAX_RATE}.`);
}
