import { type Command, InvalidArgumentError } from 'commander';
import { completes, listOf } from '../../cli/completion.js';
import { EVENTS, LAST_ENTRY_OR_FILES } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { addForwardOptions } from '../../cli/forward-options.js';
import { durationOption, parseSince, withExamples } from '../../cli/options.js';
import { parseEvents } from '../../notification/event-filter.js';
import { addServerOptions } from '../../session/server.js';
import type { ReplayDeps, ReplayOptions } from './options.js';

/** An app on a laptop keeps up with it, and a thousand notifications take a minute. */
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
    .argument('[id...]', 'ids, their first characters, or last; files, or - for standard input');
  command
    .optionsGroup('What to send:')
    .option('--failed', 'what some target has not accepted', false)
    .option('--all', 'everything in the journal', false)
    .option('--events <types>', 'only these: TYPE[.SUBTYPE],…', parseEvents)
    .option('--since <when>', 'only from then on: 24h, or 2026-03-04', parseSince)
    .option('--from-history', "what Apple's history has", false)
    .option('--environment <name>', 'of the history: sandbox or production')
    .option('--only-failures', 'of the history: what was not delivered yet', false)
    .option('--resume', 'go on with the run that was interrupted', false);
  addForwardOptions(command.optionsGroup('Where to:'));
  command
    .optionsGroup('How:')
    .option('--rate <n>', 'notifications a second, at most', parseRate, DEFAULT_RATE)
    .option('--dry-run', 'say what would be sent where, and send nothing', false)
    .option('--timeout <duration>', 'deadline of the command', durationOption);
  addServerOptions(command.optionsGroup('Settings and output:'))
    .helpOption('-h, --help', 'show help')
    .action(async (args: readonly string[], flags: Omit<ReplayOptions, 'args'>) =>
      finish(await run({ args, ...flags }, deps)),
    );
  completes(command, { id: LAST_ENTRY_OR_FILES, '--events': listOf(EVENTS) });
  withExamples(command, [
    ['storewire replay last -f http://localhost:3000/apple', 'the last, to your app'],
    ['storewire replay --failed', 'what is still owed'],
    ['storewire replay --since 24h --events REFUND --dry-run', 'what would be sent'],
    ['storewire replay sent.ndjson -f http://localhost:3000', 'what history wrote'],
  ]);
}

/** What it takes to send is loaded here, so that other commands do not pay for it. */
async function runReplay(options: ReplayOptions, deps: ReplayDeps): Promise<Exit> {
  const { runReplay: run } = await import('./run.js');
  return run(options, deps);
}

const FASTEST = 10_000;

function parseRate(text: string): number {
  const rate = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && rate > 0 && rate <= FASTEST) return rate;
  throw new InvalidArgumentError(`It must be a number above 0, at most ${FASTEST}.`);
}
