import { type Command, Option } from 'commander';
import { completes, words } from '../../cli/completion.js';
import { EVENT_VALUES, SUBTYPES } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import type { Exit } from '../../cli/exit.js';
import { ID_FLAGS } from '../../cli/filter-flags.js';
import { addFlags, InvalidArgumentError } from '../../cli/flags.js';
import { collect, durationOption, parseSince, wholeNumber, withExamples } from '../../cli/options.js';
import { HISTORY_REPORT_KINDS } from '../../reports/report-files.js';
import { addServerOptions } from '../../session/server.js';
import { type HistoryOptions, runHistory } from './run.js';

const WATCH_INTERVAL_MS = 5 * 60_000;

export function registerHistory(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runHistory): void {
  const command = parent
    .command('history')
    .description("Read Apple's notification history")
    .option('--environment <name>', 'Use sandbox or production')
    .option('--since <when>', 'Start at this time: 7d or 2026-03-04 (default: 7d)', parseSince)
    .option('--until <when>', 'End at this time: 1d or 2026-03-04T12:00:00Z (default: now)', parseSince)
    .option('--type <type>', 'Show only this type, TYPE or TYPE.SUBTYPE')
    .option('--subtype <subtype>', 'Show only this subtype of --type')
    .option('--transaction-id <id>', 'Show only the customer of this transaction (whole id)');
  addFlags(
    command,
    ID_FLAGS.filter(({ name }) => name !== 'transaction-id'),
  );
  addServerOptions(
    command
      .option('--only-failures', 'Show only undelivered notifications', false)
      .option('--fail-on-undelivered', 'Exit 1 if a notification is undelivered', false)
      .option('--watch', 'Continue with new notifications until Ctrl-C', false)
      .addOption(
        new Option('--interval <duration>', 'Wait this long between requests of --watch')
          .argParser(durationOption)
          .default(WATCH_INTERVAL_MS, '5m'),
      )
      .option('--limit <n>', 'Stop after this many notifications', wholeNumber(1))
      .option('--timeout <duration>', 'Stop after this time', durationOption)
      .addOption(new Option('--report <kind>', 'Write a report: html').argParser(collectReport).default([]))
      .addOption(
        new Option('--report-file <file>', 'Write the report to this file (default: stdout)')
          .argParser(collect)
          .default([]),
      ),
    'Print one JSON document per line',
  ).action(async (options: HistoryOptions) => finish(await run(options, deps)));
  completes(command, {
    ...{ '--type': EVENT_VALUES, '--subtype': SUBTYPES, '--report': words(...HISTORY_REPORT_KINDS) },
  });
  withExamples(command, [
    ['storewire history --environment production --only-failures', 'list what your endpoint missed'],
    ['storewire history --environment production --fail-on-undelivered', 'for CI: exit 1 if one was not delivered'],
    ['storewire history --environment production --watch --interval 1m', 'follow the deliveries'],
    [
      'storewire history --environment production --report html > deliveries.html',
      'deliveries by day and result, as a page',
    ],
    ['storewire history --environment sandbox --since 30d --json > sent.ndjson', 'export the last 30 days, verified'],
  ]);
}

function collectReport(text: string, before: HistoryOptions['report']): HistoryOptions['report'] {
  const known = HISTORY_REPORT_KINDS.find((kind) => kind === text.toLowerCase());
  if (known === undefined) throw new InvalidArgumentError(`Choose from ${HISTORY_REPORT_KINDS.join(', ')}.`);
  return [...before, known];
}
