import { type Command, InvalidArgumentError } from 'commander';
import { ToolError } from '../../errors.js';
import { addToCounts, type Counts, emptyCounts } from '../../notification/counts.js';
import { HISTORY_SPACING_MS, readHistory } from '../../server-api/history-pages.js';
import { planHistory, unknownWords } from '../../server-api/history-query.js';
import type { HistoryBody, SentNotification } from '../../server-api/wire.js';
import type { Environment } from '../../settings/setting.js';
import type { Deps } from '../deps.js';
import { durationOption, parseDuration } from '../durations.js';
import { EXIT, type Exit } from '../exit.js';
import { parseMoment, wholeNumber, withExamples } from '../options.js';
import { describeSentLine } from '../render/history-line.js';
import { toJsonLine } from '../render/json.js';
import { formatMoment } from '../render/moment.js';
import { describeProgress } from '../render/progress.js';
import { describeSummary } from '../render/summary.js';
import { createNotes, type Notes } from './notes.js';
import {
  addServerOptions,
  openServer,
  openServerSettings,
  requireEnvironment,
  type Server,
  type ServerDeps,
  type ServerFlags,
} from './server-api.js';

/** A moment, or how long (ms) before now it was. */
export type Since = { readonly atMs: number } | { readonly agoMs: number };

export interface HistoryOptions extends ServerFlags {
  readonly environment?: string;
  /** Seven days where left out. */
  readonly since?: Since;
  readonly until?: Since;
  readonly type?: string;
  readonly subtype?: string;
  readonly transactionId?: string;
  readonly onlyFailures: boolean;
  readonly limit?: number;
  /** Milliseconds; none where left out. */
  readonly timeout?: number;
}

const DEFAULT_SINCE: Since = { agoMs: 7 * 86_400_000 };

export function registerHistory(parent: Command, deps: Deps, finish: (code: Exit) => void, run = runHistory): void {
  const command = addServerOptions(
    parent
      .command('history')
      .description("read Apple's notification history")
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
  const body = planHistory(wishOf(options, startedMs), startedMs);
  const open = openServerSettings(options, options.environment, deps);
  const environment = requireEnvironment(open);
  const server = await openServer(open, [environment], options, deps);
  const notes = createNotes(options, deps);
  for (const word of unknownWords(body)) notes.say(`${word} is not a type this version knows; Apple will say.`);
  const counts = emptyCounts();
  try {
    await streamHistory({ body, environment, server, notes, counts, startedMs }, options, deps);
  } finally {
    notes.clear();
    if (counts.total > 1) tellCounts(counts, deps.now() - startedMs, deps);
  }
  if (counts.total === 0)
    notes.say(`No notification from ${momentText(body.startDate)} to ${momentText(body.endDate)}.`);
  return counts.verdicts.invalid > 0 ? EXIT.no : EXIT.ok;
}

interface Stream {
  readonly body: HistoryBody;
  readonly environment: Environment;
  readonly server: Server;
  readonly notes: Notes;
  readonly counts: Counts;
  readonly startedMs: number;
}

async function streamHistory(stream: Stream, options: HistoryOptions, deps: ServerDeps): Promise<void> {
  const { body, environment, server, notes, counts, startedMs } = stream;
  const { limit = Number.POSITIVE_INFINITY, timeout = Number.POSITIVE_INFINITY } = options;
  const { stdout, stderr, now, sleep, signal } = deps;
  const deadlineMs = startedMs + timeout;
  const pages = readHistory({
    api: server.connect(environment, deadlineMs, notes.waiting),
    body,
    spacingMs: HISTORY_SPACING_MS[environment],
    now,
    sleep,
    signal,
    onRestart: () => notes.say('The page token has expired: reading from the start again, past what was shown.'),
  });
  for await (const page of pages) {
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
  const document = stream.server.judge(item.signedPayload ?? '', stream.environment, 'history', item.sendAttempts);
  addToCounts(stream.counts, document);
  if (json) return toJsonLine(document);
  return describeSentLine(document, { paint: stdout.paint, columns: stdout.columns, nowMs: now() });
}

function tellCounts(counts: Counts, elapsedMs: number, { stderr }: ServerDeps): void {
  stderr.write(`\n${describeSummary(counts, { paint: stderr.paint, elapsedMs })}`);
}

function momentText(ms: number): string {
  return formatMoment(ms) ?? String(ms);
}

function wishOf({ since, until, ...rest }: HistoryOptions, nowMs: number): Parameters<typeof planHistory>[0] {
  const { type, subtype, transactionId, onlyFailures } = rest;
  return {
    startMs: momentOf(since ?? DEFAULT_SINCE, nowMs),
    endMs: until === undefined ? nowMs : momentOf(until, nowMs),
    onlyFailures,
    ...(type === undefined ? {} : { type }),
    ...(subtype === undefined ? {} : { subtype }),
    ...(transactionId === undefined ? {} : { transactionId }),
  };
}

function momentOf(since: Since, nowMs: number): number {
  return 'atMs' in since ? since.atMs : nowMs - since.agoMs;
}

function parseSince(text: string): Since {
  if (/^[\d.]+ ?[a-z]+$/i.test(text.trim())) return { agoMs: parseAgo(text) };
  return { atMs: parseMoment(text) };
}

function parseAgo(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw error instanceof ToolError ? new InvalidArgumentError(error.hint ?? error.message) : error;
  }
}

function deadline(shown: number): ToolError {
  const message = `the deadline came before the end of the history; ${shown} were shown`;
  return new ToolError('pending', 'ERR_HISTORY_DEADLINE', message, { hint: 'Give a longer --timeout, or none.' });
}
