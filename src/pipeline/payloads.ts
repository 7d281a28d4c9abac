import type { Deps } from '../cli/deps.js';
import { filterFrom, ID_FLAGS } from '../cli/filter-flags.js';
import type { Flag } from '../cli/flags.js';
import { wholeNumber } from '../cli/options.js';
import { interrupted, ToolError } from '../errors.js';
import { inputSize, readInput } from '../input/read.js';
import type { PayloadFilter } from '../notification/payload-filter.js';
import { escapeText } from '../terminal/escape.js';
import { toJsonLine } from '../terminal/json.js';
import { wrapText } from '../terminal/width.js';
import type { TrustedRoot } from '../trust/roots.js';
import type { Job, Unreadable } from './job.js';
import { type RunResult, runPipeline } from './run.js';

/** The flags that `decode` and `verify` share. */
export interface PayloadFlags extends Omit<PayloadFilter, 'bundleId'> {
  readonly json: boolean;
  readonly raw: boolean;
  readonly verbose: boolean;
  readonly summary: boolean;
  readonly jobs?: number;
}

export type PayloadDeps = Pick<
  Deps,
  | 'stdin'
  | 'stdout'
  | 'stderr'
  | 'cwd'
  | 'now'
  | 'sleep'
  | 'random'
  | 'http'
  | 'signal'
  | 'suspend'
  | 'startWorker'
  | 'cores'
>;

/** More threads gain nothing: they share one disk and one pipe. */
export const MAX_JOBS = 8;

/** Flags of `decode` and `verify`. */
export const PAYLOAD_FLAGS: readonly Flag[] = [
  { name: 'json', about: 'Print one JSON document per line' },
  { name: 'raw', about: 'Include every JWS and full certificates (JSON)' },
  { name: 'verbose', short: 'v', about: 'Show every field and check' },
  { name: 'summary', about: 'Print only totals' },
  { name: 'jobs', value: 'n', about: 'Use n worker threads', parse: wholeNumber(1) },
  ...ID_FLAGS,
];

/** The operands of both commands, for their help. */
export const PAYLOAD_OPERANDS = ['[input...]', 'Payload, file, directory, or - for standard input'] as const;

/** The filter of a job, for its spread: absent where no flag sets a condition. */
export function jobFilter(flags: PayloadFilter): Pick<Job, 'filter'> {
  const filter = filterFrom(flags);
  return filter === null ? {} : { filter };
}

export function outputOf(flags: PayloadFlags): Job['output'] {
  if (flags.summary) return 'none';
  if (flags.json) return 'json';
  return flags.verbose ? 'full' : 'lines';
}

export function jobViewOf({ stdout, now }: PayloadDeps): Job['view'] {
  return { columns: stdout.columns, level: stdout.paint.level, nowMs: now() };
}

/**
 * Runs a job over the inputs and prints its results. Throws `ERR_INPUT_NO_PAYLOAD` where no part of the input claims to be a payload; see
 * {@link unreadableError} for payloads that could not be decoded.
 */
export async function runPayloads(
  inputs: readonly string[],
  job: Job,
  roots: readonly TrustedRoot[],
  flags: PayloadFlags,
  deps: PayloadDeps,
): Promise<RunResult> {
  const startedMs = deps.now();
  const batches = readInput(inputs, deps);
  // Progress is shown on a terminal only, so that only then the sizes are read beforehand.
  const totalBytes = deps.stderr.isTty ? await inputSize(inputs, deps) : null;
  const progress = deps.stderr.isTty
    ? (await import('./progress.js')).createProgress(totalBytes, startedMs, deps)
    : { show: () => undefined, clear: () => undefined };
  const jobs = flags.jobs ?? Math.min(MAX_JOBS, deps.cores);
  const result = await runPipeline(batches, job, { roots, jobs, onProgress: progress.show }, deps).finally(
    progress.clear,
  );
  if (deps.signal.aborted && result.counts.total === 0) throw interrupted();
  const { filter } = job;
  if (result.counts.total === 0 && result.filtered.others > 0 && filter !== undefined && !result.stopped) {
    throw (await import('../cli/filter-report.js')).noMatch(filter, result.filtered.others);
  }
  if (result.counts.total === 0 && !result.stopped) {
    // Loaded on use: only the error needs it.
    const { noPayload } = await import('./no-payload.js');
    throw noPayload(inputs, result.unreadable, deps);
  }
  if (result.bugs.first !== null) {
    const { reportBugs } = await import('./report-bugs.js');
    reportBugs(result.bugs, flags, deps.stderr);
  }
  // A reader that left after `head -1` wants no totals.
  if (!deps.stdout.closed.aborted) {
    await printRest(result, flags, deps.now() - startedMs, deps);
    if (filter !== undefined) (await import('../cli/filter-report.js')).reportFilteredRun(result, deps.stderr);
  }
  if (deps.signal.aborted) throw interrupted();
  return result;
}

/** Runs of fewer payloads fit a screen: their totals say nothing that the lines do not. */
const MIN_SUMMARY_PAYLOADS = 10;

const MIN_SUMMARY_MS = 1_000;

/** Prints the hints of a run and its totals: on stdout with `--summary`, else on stderr where the run was long. */
async function printRest(
  { counts, hints, unreadable }: RunResult,
  flags: PayloadFlags,
  elapsedMs: number,
  { stdout, stderr, signal, now }: PayloadDeps,
): Promise<void> {
  reportUnread(unreadable, stderr);
  const isLong = counts.total >= MIN_SUMMARY_PAYLOADS || elapsedMs >= MIN_SUMMARY_MS;
  const hasHints = Object.keys(hints).length > 0;
  if (!flags.summary && (counts.total === 1 || (!isLong && !signal.aborted)) && !hasHints) return;
  const [{ describeSummary, summaryToJson }, { describeHints }] = await Promise.all([
    import('../document-view/totals.js'),
    import('../document-view/line.js'),
  ]);
  const { paint, columns } = stderr;
  if (hasHints) stderr.write(`\n${describeHints(hints, { paint, columns, nowMs: now() })}`);
  if (signal.aborted) {
    // Totals of a part are no answer, so they never go to stdout.
    stderr.write(`\nStopped before the end of the input. So far:\n\n${describeSummary(counts, { paint, elapsedMs })}`);
  } else if (flags.summary) {
    stdout.write(
      flags.json
        ? toJsonLine(summaryToJson(counts, elapsedMs))
        : describeSummary(counts, { paint: stdout.paint, elapsedMs }),
    );
  } else if (isLong) {
    stderr.write(`\n${describeSummary(counts, { paint, elapsedMs })}`);
  }
}

/** Reports text with signs of a token on stderr: nothing that may hold one is skipped in silence. */
export function reportUnread(
  { unread, firstUnread, foreign, foreignAlg }: Unreadable,
  { write, columns }: PayloadDeps['stderr'],
): void {
  if (foreign > 0) write(`${foreign} other JWT${foreign === 1 ? '' : 's'} skipped: not Apple's (alg ${foreignAlg})\n`);
  if (unread === 0) return;
  const lines = unread === 1 ? '1 line has signs of a token' : `${unread} lines have signs of a token`;
  write(
    wrapText(`${lines} in which none could be read (first: ${escapeText(firstUnread ?? '')}).`, columns).join('\n') +
      '\n',
  );
}

/**
 * The error of unreadable input, to be reported after the output; null where all was read. Where the output is text it has the problems
 * already, so that the error only counts them.
 */
export function unreadableError({ unreadable, counts }: RunResult, flags: PayloadFlags): ToolError | null {
  const { malformed, withoutJws, first } = unreadable;
  if (first === null) return null;
  const code = malformed > 0 ? 'ERR_INPUT_MALFORMED' : 'ERR_INPUT_NO_JWS';
  const share = `${malformed + withoutJws} of ${counts.total} payloads`;
  if (withoutJws === 0 && !flags.json && !flags.summary) {
    const payloads = counts.total > 1 ? share : 'the payload';
    return new ToolError('usage', code, `${payloads} could not be decoded`);
  }
  const prefix = counts.total > 1 ? `${share}: ` : '';
  return new ToolError('usage', code, `${prefix}${first.source}: ${first.message}`, { hint: first.hint });
}
