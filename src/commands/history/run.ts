import { EXIT, type Exit } from '../../cli/exit.js';
import { filterFrom } from '../../cli/filter-flags.js';
import { createFilterTally, describeConditions, type FilterTally, reportFiltered } from '../../cli/filter-report.js';
import { createReporter, type Reporter } from '../../cli/reporter.js';
import { addHints, describeHints, type Hints } from '../../document-view/line.js';
import { describeSummary } from '../../document-view/totals.js';
import { ToolError } from '../../errors.js';
import { filterDocument, type PayloadFilter } from '../../notification/payload-filter.js';
import { addToTotals, emptyTotals, type Totals } from '../../notification/totals.js';
import type { VerifiedDocument } from '../../notification/verified-document.js';
import { type HISTORY_REPORT_KINDS, planReports, type ReportPlan, writeReports } from '../../reports/report-files.js';
import type { HistoryBody, SentNotification } from '../../server-api/responses.js';
import { openSentHistory, type SentHistory, type SentHistoryFlags } from '../../session/sent-history.js';
import type { ServerDeps } from '../../session/server.js';
import { countOf, formatMoment } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { describeProgress } from '../../terminal/progress.js';
import { createDeliveryCounts, type DeliveryCounts } from './deliveries.js';
import { recordOf, type SentRecord, summarizeDeliveries } from './delivery-summary.js';
import { describeSentLine } from './view.js';

export interface HistoryOptions extends SentHistoryFlags, Omit<PayloadFilter, 'bundleId' | 'transactionId'> {
  readonly report: readonly (typeof HISTORY_REPORT_KINDS)[number][];
  readonly reportFile: readonly string[];
  readonly limit?: number;
  /** Milliseconds; none by default. */
  readonly timeout?: number;
  readonly failOnUndelivered: boolean;
  readonly watch: boolean;
  /** Milliseconds between the requests of `--watch`. */
  readonly interval: number;
}

/**
 * Runs `history`: streams and verifies every notification. Exit 0 if all are valid (or there are none), 1 if one is invalid, or undelivered
 * with --fail-on-undelivered. Ends quietly if stdout is closed. Throws ToolError (pending) `ERR_HISTORY_DEADLINE` if `--timeout` is reached
 * before the end of the history. With --watch, Ctrl-C and `--timeout` end it with the same codes once the history has been read.
 */
export async function runHistory(options: HistoryOptions, deps: ServerDeps): Promise<Exit> {
  if (options.watch && options.until !== undefined) throw watchUntil();
  const plans = planReports(options).filter((plan): plan is ReportPlan<'html'> => plan.kind === 'html');
  const startedMs = deps.now();
  const notes = createReporter(options, deps);
  const history = await openSentHistory(options, notes, deps);
  const counts = emptyTotals();
  const stream: Stream = {
    ...{ history, notes, counts, deliveries: createDeliveryCounts(), hints: {}, startedMs },
    ...{ filter: localFilter(options), filtered: createFilterTally(), leftOut: new Set(), read: 0 },
    ...{ records: plans.length === 0 ? null : new Map(), isAnswer: plans.every(({ file }) => file !== null) },
  };
  let stopped: string | null = STOPPED;
  try {
    await streamHistory(stream, history.body, options, deps);
    stopped = null;
    if (stream.read === 0) notes.say(describeNothing(history.body));
    if (options.watch) await watchHistory(stream, options, deps);
  } finally {
    notes.clear();
    if (plans.length > 0) await writeReport(plans, stream, { ...options, stopped }, deps);
    writeHints(stream.hints, deps);
    if (stream.filter !== null) reportFiltered(stream.filtered.counts(), deps.stderr, FILTER_WORDS);
    if (counts.total > 1) writeCounts(counts, deps.now() - startedMs, deps);
  }
  const undelivered = options.failOnUndelivered ? stream.deliveries.undelivered() : 0;
  if (undelivered > 0) notes.say(describeUndelivered(undelivered));
  return counts.verdicts.invalid > 0 || undelivered > 0 ? EXIT.no : EXIT.ok;
}

const STOPPED = 'the run ended before the end of the history';

/** Also for a run that was stopped, or failed on a later page: what was read is worth seeing, and the page says so. */
async function writeReport(
  plans: readonly ReportPlan<'html'>[],
  { history, records }: Stream,
  {
    stopped,
    type,
    subtype,
    transactionId,
    onlyFailures,
    ...rest
  }: HistoryOptions & { readonly stopped: string | null },
  deps: ServerDeps,
): Promise<void> {
  const { historyToHtml } = await import('./html.js');
  const conditions = filterFrom({ ...rest, ...(transactionId === undefined ? {} : { transactionId }) });
  const { bundleId: _app, ...shown } = conditions ?? {};
  const filter = [
    ...(type === undefined ? [] : [`--type ${type}`]),
    ...(subtype === undefined ? [] : [`--subtype ${subtype}`]),
    ...(onlyFailures ? ['--only-failures'] : []),
    ...(Object.keys(shown).length === 0 ? [] : [describeConditions(shown)]),
  ];
  const range = { startMs: history.body.startDate, endMs: history.body.endDate };
  const report = {
    summary: summarizeDeliveries([...(records?.values() ?? [])], range),
    environment: history.environment,
    ...range,
    filter: filter.length === 0 ? null : filter.join(' '),
    stopped,
  };
  writeReports(plans, () => historyToHtml(report), deps);
}

/** Apple lists a notification some time after its date: each request of --watch goes back this far. */
const OVERLAP_MS = 60 * 60_000;

/** Prints new notifications, and those whose attempts changed, at each interval. Returns when interrupted or at the deadline. */
async function watchHistory(stream: Stream, options: HistoryOptions, deps: ServerDeps): Promise<void> {
  const { history, notes, counts, startedMs } = stream;
  const { limit = Number.POSITIVE_INFINITY, timeout = Number.POSITIVE_INFINITY, interval } = options;
  const { now, sleep, signal, stdout } = deps;
  const deadlineMs = startedMs + timeout;
  let { endDate } = history.body;
  while (counts.total < limit && !stdout.closed.aborted) {
    try {
      await sleep(Math.min(interval, Math.max(0, deadlineMs - now())), signal);
      if (signal.aborted || now() >= deadlineMs) return;
      const nowMs = now();
      const startDate = Math.max(history.body.startDate, endDate - OVERLAP_MS);
      await streamHistory(stream, { ...history.body, startDate, endDate: nowMs }, options, deps);
      endDate = nowMs;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      if (error.kind === 'interrupted' || error.code === HISTORY_DEADLINE) return;
      if (error.kind !== 'remote') throw error;
      notes.say(`${error.message}. Trying again in ${Math.ceil(interval / 1_000)} s.`);
    }
  }
}

interface Stream {
  readonly history: SentHistory;
  readonly notes: Reporter;
  readonly counts: Totals;
  readonly deliveries: DeliveryCounts;
  hints: Hints;
  /** Conditions that Apple's own filter does not have; null for none. */
  readonly filter: PayloadFilter | null;
  readonly filtered: FilterTally;
  /** Notifications that do not match: --watch reads them again. */
  readonly leftOut: Set<unknown>;
  /** For a report: the last state of each notification; null without one. */
  readonly records: Map<unknown, SentRecord> | null;
  /** The lines go to stdout, where no report does. */
  readonly isAnswer: boolean;
  /** Notifications that Apple listed. */
  read: number;
  readonly startedMs: number;
}

async function streamHistory(
  stream: Stream,
  body: HistoryBody,
  options: HistoryOptions,
  deps: ServerDeps,
): Promise<void> {
  const { history, notes, counts, deliveries, startedMs } = stream;
  const { limit = Number.POSITIVE_INFINITY, timeout = Number.POSITIVE_INFINITY } = options;
  const { stdout, stderr, now } = deps;
  const deadlineMs = startedMs + timeout;
  for await (const page of history.pages(deadlineMs, body)) {
    const verified = page.map((item) => ({ item, document: history.verify(item) }));
    const isRepeated = body !== history.body;
    const fresh = isRepeated ? verified.filter((one) => deliveries.isNew(one.item, one.document)) : verified;
    stream.read += verified.length;
    const wanted: VerifiedItem[] = [];
    for (const one of fresh) {
      if (counts.total + wanted.length >= limit) break;
      if (isSelected(one, stream)) wanted.push(one);
    }
    const lines = wanted.map((one) => showItem(one, stream, options, deps)).join('');
    if (stream.isAnswer) notes.answer(lines);
    await stdout.drained();
    if (counts.total >= limit || stdout.closed.aborted) return;
    if (now() >= deadlineMs) throw deadline(counts.total);
    const progress = { payloads: counts.total, elapsedMs: now() - startedMs, bytesDone: 0, bytesTotal: null };
    notes.progress(describeProgress(progress, stderr.columns));
  }
}

interface VerifiedItem {
  readonly item: SentNotification;
  readonly document: VerifiedDocument;
}

/** A notification that cannot be decoded may be the one that is looked for, so it is shown. */
function isSelected({ item, document }: VerifiedItem, { filter, filtered, leftOut }: Stream): boolean {
  if (filter === null) return true;
  const key = document.notification?.notificationUUID ?? item.signedPayload;
  if (leftOut.has(key)) return false;
  const result = filterDocument(document, filter);
  filtered.add(result);
  if (result === 'other') leftOut.add(key);
  return result !== 'other';
}

/** `--transaction-id` is Apple's own filter, and `--bundle-id` is the app whose history it is. */
function localFilter({ transactionId: _apples, bundleId: _app, ...conditions }: HistoryOptions): PayloadFilter | null {
  return filterFrom(conditions);
}

const FILTER_WORDS = { noun: 'notification', treated: 'shown', treatsUnreadable: true };

function showItem(
  { item, document }: VerifiedItem,
  stream: Stream,
  { json }: HistoryOptions,
  { stdout, now }: ServerDeps,
): string {
  addToTotals(stream.counts, document);
  stream.deliveries.add(item, document);
  stream.records?.set(document.notification?.notificationUUID ?? item.signedPayload, recordOf(item, document));
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

const HISTORY_DEADLINE = 'ERR_HISTORY_DEADLINE';

function deadline(shown: number): ToolError {
  const message = `timed out before the end of the history; ${shown} shown`;
  return new ToolError('pending', HISTORY_DEADLINE, message, { hint: 'Raise or omit --timeout.' });
}

function describeNothing({ startDate, endDate }: HistoryBody): string {
  return `No notifications from ${momentText(startDate)} to ${momentText(endDate)}.`;
}

function describeUndelivered(count: number): string {
  const again = 'storewire replay --from-history --only-failures -f URL';
  return `${countOf(count, 'notification')} undelivered. To send them again: ${again}`;
}

function watchUntil(): ToolError {
  return new ToolError('usage', 'ERR_HISTORY_WATCH', '--watch and --until cannot be combined', {
    hint: 'Omit --until, or limit the run with --timeout.',
  });
}
