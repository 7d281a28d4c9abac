import type { Command } from 'commander';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { durationOption, withExamples } from '../../cli/options.js';
import { addServerOptions } from '../../session/server.js';
import { type LookupOptions, runLookup } from './run.js';

export function registerLookup(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runLookup): void {
  const command = addServerOptions(
    parent
      .command('lookup')
      .description('Show what Apple says of a purchase now')
      .argument('<id>', 'Transaction id, original transaction id or order id')
      .option('--environment <name>', 'Use sandbox or production (default: production, then sandbox)')
      .option('--via-emulator', "Ask the project's running emulator instead of Apple", false)
      .option('-v, --verbose', 'Show every transaction and every purchase of the customer', false)
      .option('--timeout <duration>', 'Stop after this time', durationOption),
    'Print one JSON document per token',
  ).action(async (id: string, flags: Omit<LookupOptions, 'id'>) => finish(await run({ id, ...flags }, deps)));
  withExamples(command, [
    ['storewire lookup 2000000123456789 --environment sandbox', 'show one purchase and its status'],
    ['storewire lookup MK5TTTVWJH', 'find the purchase of an order id (production)'],
    ['storewire lookup 2000000123456789 -v', 'list every transaction of the customer too'],
    ['storewire lookup 2000000123456789 --via-emulator', 'ask the emulator instead of Apple'],
  ]);
}
