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
  /** Milliseconds; none by default. */
  readonly timeout?: number;
}

export function registerHistory(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runHistory): void {
  const command = addServerOptions(
    parent
      .command('history')
      .description("Read Apple's notification history")
      .option('--environment <name>', 'Use sandbox or production')
      .option('--since <when>', 'Start at this time: 7d or 2026-03-04 (default: 7d)', parseSince)
      .option('--until <when>', 'End at this time: 1d or 2026-03-04T12:00:00Z (default: now)', parseSince)
      .option('--type <type>', 'Show only this type, TYPE or TYPE.SUBTYPE')
      .option('--subtype <subtype>', 'Show only this subtype of --type')
      .option('--transaction-id <id>', 'Show only the customer of this transaction')
      .option('--only-failures', 'Show only undelivered notifications', false)
      .option('--limit <n>', 'Stop after this many notifications', wholeNumber(1))
      .option('--timeout <duration>', 'Stop after this time', durationOption),
  ).action(async (options: HistoryOptions) => finish(await run(options, deps)));
  completes(command, { '--type': EVENTS, '--subtype': SUBTYPES });
  withExamples(command, [
    ['storewire history --environment production --only-failures', 'list what your endpoint missed'],
    ['storewire history --environment sandbox --since 30d --json > sent.ndjson', 'export the last 30 days, verified'],
  ]);
}

/**
 * Runs `history`: streams and verifies every notification. Exit 0 if all are valid (or there are none), 1 if one is invalid. Ends quietly
 * if stdout is closed. Throws ToolError (pending) `ERR_HISTORY_DEADLINE` if `--timeout` is reached first.
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
    writeHints(stream.hints, deps);
    if (counts.total > 1) writeCounts(counts, deps.now() - startedMs, deps);
  }
  const { startDate, endDate } = history.body;
  if (counts.total === 0) notes.say(`No notifications from ${momentText(startDate)} to ${momentText(endDate)}.`);
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
  const document = stream.history.verify(item);
  addToTotals(stream.counts, document);
  if (json) return toJsonLine(document);
  stream.hints = addHints(stream.hints, document);
  return describeSentLine(document, { paint: stdout.paint, columns: stdout.columns, nowMs: now() });
}

function writeHints(hints: Hints, { stderr, now }: ServerDeps): void {
  const text = describeHints(hints, { paint: stderr.paint, columns: stderr.columns, nowMs: now() });
  if (text !== '') stderr.write(`\n${text}`);
}

function writeCounts(counts: Totals, elapsedMs: number, { stderr }: ServerDeps): void {
  stderr.write(`\n${describeSummary(counts, { paint: stderr.paint, elapsedMs })}`);
}

function momentText(ms: number): string {
  return formatMoment(ms) ?? String(ms);
}

function deadline(shown: number): ToolError {
  const message = `timed out before the end of the history; ${shown} shown`;
  return new ToolError('pending', 'ERR_HISTORY_DEADLINE', message, { hint: 'Raise or omit --timeout.' });
}
