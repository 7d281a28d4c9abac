import type { Command } from 'commander';
import { completes } from '../../cli/completion.js';
import { ENVIRONMENT_VALUES } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { durationOption, parseEnvironment, parseSince, wholeNumber, withExamples } from '../../cli/options.js';
import { PAYLOAD_OPERANDS } from '../../pipeline/payloads.js';
import { addServerOptions } from '../../session/server.js';
import type { TimelineDeps, TimelineOptions } from './options.js';

export function registerTimeline(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runTimeline = runTimeline,
): void {
  const command = parent
    .command('timeline')
    .description('Show the life of each purchase, and what is missing from it')
    .argument(PAYLOAD_OPERANDS[0], `${PAYLOAD_OPERANDS[1]} (default: the journal)`);
  command
    .optionsGroup('Selection:')
    .option('--id <id>', 'Show one: a transaction id or account token, start or …end')
    .option('--environment <name>', 'Show only sandbox or production', parseEnvironment)
    .option('--limit <n>', 'Show the n purchases with the newest events', wholeNumber(1))
    .option('--from-history', "Read notifications from Apple's history", false)
    .option('--since <when>', 'Start the history at this time (default: 30d)', parseSince)
    .option('--until <when>', 'End the history at this time (default: now)', parseSince)
    .option('--timeout <duration>', 'Stop reading the history after this time', durationOption);
  command
    .optionsGroup('Output:')
    .option('--svg <file>', 'Also draw an SVG to this file; - for stdout alone')
    .option('--html <file>', 'Also write a page to this file; - for stdout alone')
    .option('--strict', 'Exit 1 if there are findings', false)
    .option('-v, --verbose', 'Show every purchase in detail', false);
  addServerOptions(command.optionsGroup('Settings and output:'), 'Print one JSON document per line')
    .helpOption('-h, --help', 'Show help')
    .action(async (inputs: readonly string[], flags: Omit<TimelineOptions, 'inputs'>) =>
      finish(await run({ inputs, ...flags }, deps)),
    );
  completes(command, { '--environment': ENVIRONMENT_VALUES });
  withExamples(command, [
    ['storewire timeline', 'every purchase in the journal'],
    ['storewire timeline --id 2000000310631470', 'one purchase in detail'],
    ['storewire timeline received.ndjson --html purchases.html', 'a page to pass on'],
    ['storewire trigger --scenario refund --print | storewire timeline', 'try it'],
  ]);
}

/** Loads the run on first use, so that other commands start without it. */
async function runTimeline(options: TimelineOptions, deps: TimelineDeps): Promise<Exit> {
  const { runTimeline: run } = await import('./run.js');
  return run(options, deps);
}
