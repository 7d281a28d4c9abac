import { EXIT, type Exit } from '../../cli/exit.js';
import { filterFrom } from '../../cli/filter-flags.js';
import { createFilterTally, ID_MATCHING, reportFiltered } from '../../cli/filter-report.js';
import { momentOf } from '../../cli/options.js';
import { ToolError } from '../../errors.js';
import { countOf } from '../../terminal/format.js';
import { openReplayContext, requireTargets } from './context.js';
import type { ReplayDeps, ReplayOptions } from './options.js';
import { planFromInputs, planFromJournal, type ReplayPlan } from './plan.js';
import { parseSelection, type ReplaySelection } from './selection.js';
import { deadlineError, type Run, sendPlan, showPlan } from './send.js';
import { DEADLINE } from './send-all.js';
import { createSkippedInputs } from './skipped.js';
import { checkInputs, openInputs } from './sources.js';
import { describeNothing, describePendingElsewhere, describeTargets } from './view.js';

/**
 * Sends notifications again. Exit 0 if all were accepted or there is nothing to send, 1 for any refusal, 4 for an unreachable target, 5 if
 * `--timeout` came first. Throws the errors of reading input, journal, settings and history.
 */
export async function runReplay(options: ReplayOptions, deps: ReplayDeps): Promise<Exit> {
  const { timeout } = options;
  if (timeout === undefined) return replay(options, Number.POSITIVE_INFINITY, deps);
  const deadline = new AbortController();
  const timer = new AbortController();
  const deadlineMs = deps.now() + timeout;
  void deps.sleep(timeout, timer.signal).then(() => deadline.abort(DEADLINE));
  try {
    return await replay(options, deadlineMs, { ...deps, signal: AbortSignal.any([deps.signal, deadline.signal]) });
  } catch (error) {
    // Reading Apple's history or the input was cut short: nobody interrupted the run.
    const isDeadline = error instanceof ToolError && error.kind === 'interrupted' && !deps.signal.aborted;
    throw isDeadline ? deadlineError() : error;
  } finally {
    timer.abort();
  }
}

async function replay(options: ReplayOptions, deadlineMs: number, deps: ReplayDeps): Promise<Exit> {
  const { bundleId: _app, ...conditions } = options;
  const isFiltered = options.events !== undefined || options.since !== undefined || filterFrom(conditions) !== null;
  const selection = parseSelection(options.args, { ...options, isFiltered }, !deps.stdin.isTty);
  if (selection.kind === 'inputs') checkInputs(selection.inputs, deps);
  const context = await openReplayContext(options, deps);
  try {
    const counts = { skipped: createSkippedInputs(), filtered: createFilterTally() };
    return await replaySelection(selection, { options, deps, context, ...counts, deadlineMs });
  } finally {
    await context.reader.close();
  }
}

async function replaySelection(selection: ReplaySelection, unplanned: Omit<Run, 'plan'>): Promise<Exit> {
  const { options, context } = unplanned;
  const { notes, reader, targets } = context;
  const pending = options.failed ? reader.statuses.pendingByTarget() : NO_PENDING;
  const elsewhere = options.failed ? describePendingElsewhere(pending, targets) : null;
  const needsTargets = !options.failed || pending.size > 0;
  // A mistyped id is reported first: the user would only find it after adding a target.
  if (needsTargets && selection.kind !== 'ids') requireTargets(context);
  const plan = await planOf(selection, unplanned);
  if (needsTargets) requireTargets(context);
  if (selection.kind === 'selection' && plan.ids.length === 0) {
    notes.say(describeNothing(selection.failed, pending.size > 0, reader.notifications));
    if (reader.notifications > 0 && filterFrom(options) !== null) notes.say(ID_MATCHING);
    if (elsewhere !== null) notes.say(elsewhere);
    return EXIT.ok;
  }
  const run = { ...unplanned, plan };
  notes.say(describeTargets(plan.targets));
  if (selection.kind === 'selection' && filterFrom(options) !== null)
    notes.say(`${plan.ids.length} of ${countOf(reader.notifications, 'notification')} in the journal selected.`);
  const code = options.dryRun ? await showPlan(run) : await sendPlan(run);
  if ((selection.kind === 'inputs' || selection.kind === 'history') && filterFrom(options) !== null)
    reportFiltered(run.filtered.counts(), run.deps.stderr, FILTER_WORDS);
  if (elsewhere !== null) notes.say(elsewhere);
  return code;
}

const FILTER_WORDS = { noun: 'notification', treated: 'sent', treatsUnreadable: false };

const NO_PENDING: ReadonlyMap<string, number> = new Map();

async function planOf(
  selection: ReplaySelection,
  { options, deps, context, skipped, filtered, deadlineMs }: Omit<Run, 'plan'>,
): Promise<ReplayPlan> {
  const { since, events, failed } = options;
  const ids = filterFrom(options);
  const { journal, reader, targets, verify, notes } = context;
  const planContext = {
    source: journal,
    reader,
    onSkipped: skipped.add,
    targets,
    filter: {
      sinceMs: since === undefined ? null : momentOf(since, deps.now()),
      events: events ?? null,
      only: failed ? (['failed'] as const) : [],
      ...(ids === null ? {} : { ids }),
    },
    newRun: Buffer.from(deps.random(8)).toString('hex'),
  };
  if (selection.kind !== 'inputs' && selection.kind !== 'history') return planFromJournal(selection, planContext);
  const inputContext = { verify, filter: planContext.filter, filtered, skipped, notes, deadlineMs };
  // Apple's own filter takes whole ids only, and selects by customer.
  const { transactionId: _own, ...flags } = options;
  return planFromInputs(selection, await openInputs(selection, flags, inputContext, deps), planContext);
}
