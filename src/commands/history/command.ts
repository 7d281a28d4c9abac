import type { Command } from 'commander';
import { completes } from '../../cli/completion.js';
import { EVENTS, SUBTYPES } from '../../cli/completion-values.js';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { durationOption, parseSince, wholeNumber, withExamples } from '../../cli/options.js';
import { createReporter, type Reporter } from '../../cli/reporter.js';
import { addHints, describeHints, type Hints } from '../../document-view/line.js';
import { describeSummary } from '../../document-view/totals.js';
import { ToolError } from '../../errors.js';
import { addToTotals, emptyTotals, type Totals } from '../../notification/totals.js';
import type { SentNotification } from '../../server-api/responses.js';
import { openSentHistory, type SentHistory, type SentHistoryFlags } from '../../session/sent-history.js';
import { addServerOptions, type ServerDeps } from '../../session/server.js';
import { formatMoment } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { describeProgress } from '../../terminal/progress.js';
import { describeSentLine } from './view.js';

export interface HistoryOptions extends SentHistoryFlags {
  readonly limit?: number;
  /** Milliseconds; none where left out. */
  readonly timeout?: number;
}

export function registerHistory(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runHistory): void {
  const command = addServerOptions(
    parent
      .command('history')
      .description("Read Apple's notification history")
      .option('--environment <name>', 'sandbox or production')
      .option('--since <when>', 'from then on: 7d, or 2026-03-04 (default: 7d)', parseSince)
      .option('--until <when>', 'up to then: 1d, or 2026-03-04T12:00:00Z (default: now)', parseSince)
      .option('--type <type>', 'only this type, as DID_RENEW or DID_RENEW.BILLING_RECOVERY')
      .option('--subtype <subtype>', 'only this subtype of the type')
      .option('--transaction-id <id>', 'only of the customer with this transaction')
      .option('--only-failures', 'only what was not delivered yet', false)
      .option('--limit <n>', 'stop after so many', wholeNumber(1))
      .option('--timeout <duration>', 'deadline of the command', durationOption),
  ).action(async (options: HistoryOptions) => finish(await run(options, deps)));
  completes(command, { '--type': EVENTS, '--subtype': SUBTYPES });
  withExamples(command, [
    ['storewire history --environment production --only-failures', 'what your endpoint has missed'],
    ['storewire history --environment sandbox --since 30d --json > sent.ndjson', 'all of a month, verified'],
  ]);
}

/**
 * Streams the history, each notification judged. Exit 0 when all of them are Apple's (or there are none), 1 when one is not. Stops
 * quietly where nobody reads stdout any more. Throws `ERR_HISTORY_DEADLINE` (pending) when `--timeout` comes before the end.
 */
export async function runHistory(options: HistoryOptions, deps: ServerDeps): Promise<Exit> {
  const startedMs = deps.now();
  const notes = createReporter(options, deps);
  const history = await openSentHistory(options, notes, deps);
  const counts = emptyTotals();
  const stream: Stream = { history, notes, counts, hints: {}, startedMs };
  try {
    await streamHistory(stream, options, deps);
  } finally {
    notes.clear();
    tellHints(stream.hints, deps);
    if (counts.total > 1) tellCounts(counts, deps.now() - startedMs, deps);
  }
  const { startDate, endDate } = history.body;
  if (counts.total === 0) notes.say(`No notification from ${momentText(startDate)} to ${momentText(endDate)}.`);
  return counts.verdicts.invalid > 0 ? EXIT.no : EXIT.ok;
}

interface Stream {
  readonly history: SentHistory;
  readonly notes: Reporter;
  readonly counts: Totals;
  hints: Hints;
  readonly startedMs: number;
}

async function streamHistory(stream: Stream, options: HistoryOptions, deps: ServerDeps): Promise<void> {
  const { history, notes, counts, startedMs } = stream;
  const { limit = Number.POSITIVE_INFINITY, timeout = Number.POSITIVE_INFINITY } = options;
  const { stdout, stderr, now } = deps;
  const deadlineMs = startedMs + timeout;
  for await (const page of history.pages(deadlineMs)) {
    const wanted = page.slice(0, limit - counts.total);
    notes.answer(wanted.map((item) => showItem(item, stream, options, deps)).join(''));
    await stdout.drained();
    if (counts.total >= limit || stdout.closed.aborted) return;
    if (now() >= deadlineMs) throw deadline(counts.total);
    const progress = { payloads: counts.total, elapsedMs: now() - startedMs, bytesDone: 0, bytesTotal: null };
    notes.progress(describeProgress(progress, stderr.columns));
  }
}

function showItem(
  item: SentNotification,
  stream: Stream,
  { json }: HistoryOptions,
  { stdout, now }: ServerDeps,
): string {
  const document = stream.history.judge(item);
  addToTotals(stream.counts, document);
  if (json) return toJsonLine(document);
  stream.hints = addHints(stream.hints, document);
  return describeSentLine(document, { paint: stdout.paint, columns: stdout.columns, nowMs: now() });
}

function tellHints(hints: Hints, { stderr, now }: ServerDeps): void {
  const text = describeHints(hints, { paint: stderr.paint, columns: stderr.columns, nowMs: now() });
  if (text !== '') stderr.write(`\n${text}`);
}

function tellCounts(counts: Totals, elapsedMs: number, { stderr }: ServerDeps): void {
  stderr.write(`\n${describeSummary(counts, { paint: stderr.paint, elapsedMs })}`);
}

function momentText(ms: number): string {
  return formatMoment(ms) ?? String(ms);
}

function deadline(shown: number): ToolError {
  const message = `the deadline came before the end of the history; ${shown} were shown`;
  return new ToolError('pending', 'ERR_HISTORY_DEADLINE', message, { hint: 'Give a longer --timeout, or none.' });
}
