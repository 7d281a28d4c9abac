import { EXIT, type Exit } from '../../cli/exit.js';
import { momentOf } from '../../cli/options.js';
import { openReplayContext, requireTargets } from './context.js';
import type { ReplayDeps, ReplayOptions } from './options.js';
import { planFromInputs, planFromJournal, type ReplayPlan } from './plan.js';
import { parseSelection, type ReplaySelection } from './selection.js';
import { type Run, sendPlan, showPlan } from './send.js';
import { createSkippedInputs, openInputs } from './sources.js';
import { describeNothing, describePendingElsewhere, describeTargets } from './view.js';

/**
 * Sends again what is asked for. Exit 0 when all of it was accepted or there is nothing to do, 1 where any was refused, 4 where a target
 * could not be reached, 5 where `--timeout` came first. Throws what reading input, journal, settings and history throws.
 */
export async function runReplay(options: ReplayOptions, deps: ReplayDeps): Promise<Exit> {
  const { timeout } = options;
  if (timeout === undefined) return replay(options, Number.POSITIVE_INFINITY, deps);
  const timeUp = new AbortController();
  const end = new AbortController();
  const deadlineMs = deps.now() + timeout;
  void deps.sleep(timeout, end.signal).then(() => timeUp.abort('timeout'));
  try {
    return await replay(options, deadlineMs, { ...deps, signal: AbortSignal.any([deps.signal, timeUp.signal]) });
  } finally {
    end.abort();
  }
}

async function replay(options: ReplayOptions, deadlineMs: number, deps: ReplayDeps): Promise<Exit> {
  const isFiltered = options.events !== undefined || options.since !== undefined;
  const wish = parseSelection(options.args, { ...options, isFiltered }, !deps.stdin.isTty);
  const ground = await openReplayContext(options, deps);
  const { notes, summary, targets } = ground;
  const owed = summary.statuses.pendingByTarget();
  const elsewhere = options.failed ? describePendingElsewhere(owed, targets) : null;
  if (!options.failed || owed.size > 0) requireTargets(ground);
  const skipped = createSkippedInputs();
  const order = await orderOf(wish, { options, deps, ground, skipped, deadlineMs });
  if (wish.kind === 'selection' && order.ids.length === 0) {
    notes.say(describeNothing(wish.failed, owed.size > 0, summary.notifications));
    if (elsewhere !== null) notes.say(elsewhere);
    return EXIT.ok;
  }
  const run = { options, deps, ground, order, skipped, deadlineMs };
  notes.say(describeTargets(order.targets));
  const code = options.dryRun ? await showPlan(run) : await sendPlan(run);
  if (elsewhere !== null) notes.say(elsewhere);
  return code;
}

async function orderOf(
  wish: ReplaySelection,
  { options, deps, ground, skipped, deadlineMs }: Omit<Run, 'order'>,
): Promise<ReplayPlan> {
  const { since, events, failed } = options;
  const { journal, summary, targets, judge, notes } = ground;
  const context = {
    source: journal,
    summary,
    targets,
    filter: {
      sinceMs: since === undefined ? null : momentOf(since, deps.now()),
      events: events ?? null,
      only: failed ? (['failed'] as const) : [],
    },
    newRun: Buffer.from(deps.random(8)).toString('hex'),
  };
  if (wish.kind !== 'inputs' && wish.kind !== 'history') return planFromJournal(wish, context);
  const items = await openInputs(wish, options, { judge, filter: context.filter, skipped, notes, deadlineMs }, deps);
  return planFromInputs(wish, items, context);
}
