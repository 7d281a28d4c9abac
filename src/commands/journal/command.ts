import { type Command, Option } from 'commander';
import { completes, listOf } from '../../cli/completion.js';
import { EVENT_VALUES, LAST_ENTRY } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { BUNDLE_ID_FLAG, ID_FLAGS } from '../../cli/filter-flags.js';
import { addFlags } from '../../cli/flags.js';
import { collect, durationOption, parseSince, wholeNumber, withExamples } from '../../cli/options.js';
import { parseEvents } from '../../notification/event-filter.js';
import type {
  JournalDeps,
  JournalExportOptions,
  JournalListOptions,
  JournalPruneOptions,
  JournalShowOptions,
} from './options.js';

/** Run functions of the subcommands. */
export interface JournalRuns {
  list(options: JournalListOptions, deps: JournalDeps): Promise<Exit>;
  show(options: JournalShowOptions, deps: JournalDeps): Promise<Exit>;
  export(options: JournalExportOptions, deps: JournalDeps): Promise<Exit>;
  prune(options: JournalPruneOptions, deps: JournalDeps): Promise<Exit>;
}

const MONTH_MS = 30 * 86_400_000;

export function registerJournal(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  runs: JournalRuns = RUNS,
): void {
  const command = parent
    .command('journal')
    .description('List, show, export or delete recorded notifications')
    .helpCommand(false);
  withExamples(command, [
    ['storewire journal list', 'every entry, the newest last'],
    ['storewire journal show last', 'one entry in full'],
    ['storewire journal list --failed', 'pending deliveries'],
    ['storewire journal export --since 24h > day.ndjson', 'input for verify and replay'],
  ]);
  const list = addFilters(command.command('list').description('List recorded notifications, one line each'))
    .option('--json', 'Print one JSON document per line', false)
    .option('--profile <name>', 'Use this settings profile')
    .action(async (options: JournalListOptions) => finish(await runs.list(options, deps)));
  const exporting = addFilters(
    command.command('export').description('Export recorded notifications with their JWS, one JSON document per line'),
  )
    .option('-o, --output <file>', 'Write to this file')
    .option('--profile <name>', 'Use this settings profile')
    .action(async (options: JournalExportOptions) => finish(await runs.export(options, deps)));
  for (const each of [list, exporting]) completes(each, { '--events': listOf(EVENT_VALUES) });
  addShow(command, deps, finish, runs);
  addPrune(command, deps, finish, runs);
}

function addFilters(command: Command): Command {
  command
    .option('--since <when>', 'Select those since this time: 24h or 2026-03-04', parseSince)
    .option('--events <types>', 'Select these types: TYPE[.SUBTYPE],…', parseEvents);
  return addFlags(command, [...ID_FLAGS, BUNDLE_ID_FLAG])
    .option('--failed', 'Select those with pending deliveries', false)
    .option('--repeats', 'Select repeats of an earlier notification', false)
    .option('--rejected', 'Select rejected bodies', false)
    .option('--limit <n>', 'Select the newest n', wholeNumber(1))
    .option('-v, --verbose', 'Also report each index that is built again', false);
}

function addShow(command: Command, deps: Deps, finish: (code: Exit) => void, runs: JournalRuns): void {
  const show = command
    .command('show')
    .description('Show one notification: verification, receipt and every delivery')
    .argument('<id>', 'Id, its first characters, or last')
    .option('-v, --verbose', 'Show every check of every token', false)
    .option('--root <file>', 'Also trust this root, PEM or DER (repeatable)', collect)
    .option('--json', 'Print one JSON document', false)
    .option('--profile <name>', 'Use this settings profile')
    .action(async (id: string, options: Omit<JournalShowOptions, 'id'>) =>
      finish(await runs.show({ id, ...options }, deps)),
    );
  completes(show, { id: LAST_ENTRY });
}

function addPrune(command: Command, deps: Deps, finish: (code: Exit) => void, runs: JournalRuns): void {
  command
    .command('prune')
    .description('Delete old notifications from the journal')
    .addOption(
      new Option('--older-than <duration>', 'Delete records older than this')
        .argParser(durationOption)
        .default(MONTH_MS, '30d'),
    )
    .option('--dry-run', 'Show what would be deleted; delete nothing', false)
    .option('--yes', 'Delete without asking', false)
    .option('--json', 'Print one JSON document', false)
    .option('--profile <name>', 'Use this settings profile')
    .action(async (options: JournalPruneOptions) => finish(await runs.prune(options, deps)));
}

/** Each subcommand is loaded on first use. */
const RUNS: JournalRuns = {
  list: async (options, deps) => (await import('./list.js')).runList(options, deps),
  show: async (options, deps) => (await import('./show.js')).runJournalShow(options, deps),
  export: async (options, deps) => (await import('./list.js')).runExport(options, deps),
  prune: async (options, deps) => (await import('./prune.js')).runPrune(options, deps),
};
