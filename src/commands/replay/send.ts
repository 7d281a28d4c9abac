import { writeError } from '../../cli/error-output.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { openTargetDispatchers } from '../../cli/forward-options.js';
import { interrupted, ToolError } from '../../errors.js';
import { forwardOnce } from '../../forwarding/send.js';
import { openCommandJournal } from '../../journal/appender.js';
import type { RunRecord } from '../../journal/record.js';
import { pendingTargets } from '../../journal/summary.js';
import { openJournalFolder } from '../../session/journal.js';
import { createSaidOnce } from '../../terminal/once.js';
import type { ReplayContext } from './context.js';
import { exitOf, type Sent } from './item.js';
import type { ReplayDeps, ReplayOptions } from './options.js';
import { planItems, type ReplayPlan } from './plan.js';
import { type Sending, sendAll } from './send-all.js';
import type { SkippedInputs } from './sources.js';
import {
  describeDryRun,
  describePlanned,
  describeSent,
  describeTally,
  plannedToJson,
  type ReplayView,
  sentToJson,
} from './view.js';

/** One run: what flags say, what is known, what is sent. */
export interface Run {
  readonly options: ReplayOptions;
  readonly deps: ReplayDeps;
  readonly ground: ReplayContext;
  readonly order: ReplayPlan;
  readonly skipped: SkippedInputs;
  readonly deadlineMs: number;
}

/** Says what would be sent where, and sends nothing. */
export async function showPlan({ options, deps, ground, order, skipped, deadlineMs }: Run): Promise<Exit> {
  const { stdout, stderr, signal } = deps;
  const view = viewOf(ground, deps);
  let count = 0;
  for await (const planned of planItems(order, options)) {
    if (signal.aborted || stdout.closed.aborted) break;
    if (planned.isAlreadyDelivered) continue;
    count += 1;
    const json = options.json ? plannedToJson(planned, (await planned.item.load()).document()) : null;
    stdout.write(json ?? describePlanned(planned, view));
    await stdout.drained();
  }
  if (signal.aborted) throw deps.now() >= deadlineMs ? deadlineError() : interrupted();
  stderr.write(describeDryRun(count, stderr));
  return reportSkipped(EXIT.ok, skipped, options, deps);
}

/** Sends, tells of each as it goes and of all in the end, and writes down what was done. */
export async function sendPlan(run: Run): Promise<Exit> {
  const { options, deps, ground, order, skipped, deadlineMs } = run;
  const commandJournal = await openCommandJournal(openJournalFolder(ground.open, deps), 'replay', deps);
  const view = viewOf(ground, deps);
  let hasPending = false;
  try {
    await commandJournal.note(recordRun(run, 'started'));
    const sending: Sending = {
      run: order.run,
      targets: order.targets,
      note: commandJournal.note,
      send: sendOf(run),
      onSent: async (sent) => {
        ground.notes.answer(options.json ? sentToJson(sent) : describeSent(sent, view));
        hasPending ||= isStillPending(sent, ground);
        await deps.stdout.drained();
      },
    };
    const tally = await sendAll(planItems(order, options), { rate: options.rate, deadlineMs }, sending, deps);
    // A slip of the pen is no run: it is not to be resumed, and hides none that is.
    const hasFailedEarly = tally.stoppedBy === 'error' && tally.notifications === 0 && !options.resume;
    const isOver = hasFailedEarly || (tally.stoppedBy === null && tally.givenUp.length === 0);
    if (isOver) await commandJournal.note(recordRun(run, 'finished'));
    const next = isOver ? (hasPending ? SEND_PENDING : null) : `To go on: ${resumeCommand(run)}`;
    if (!hasFailedEarly) deps.stderr.write(describeTally(tally, next, deps.stderr));
    if (tally.stoppedBy === 'signal') throw interrupted();
    if (tally.error !== null) throw tally.error;
    return reportSkipped(exitOf(tally, skipped.error() !== null), skipped, options, deps);
  } finally {
    await commandJournal.close();
  }
}

const SEND_PENDING = 'What is still owed, once the targets take it: storewire replay --failed';

/** Whether `--failed` would send it again: a target that was to have it has not taken it now either. */
function isStillPending({ item, deliveries }: Sent, { summary }: ReplayContext): boolean {
  const open = pendingTargets(summary.statuses.of(item));
  return deliveries.some(({ target, outcome }) => outcome !== 'accepted' && open.includes(target));
}

function recordRun({ deps, order }: Run, state: RunRecord['state']): RunRecord {
  const { run, ids, targets, failed } = order;
  return {
    type: 'run',
    run,
    atMs: deps.now(),
    state,
    ids: state === 'started' ? ids : [],
    targets: targets.map(({ name }) => name),
    ...(failed ? { failed } : {}),
  };
}

function sendOf({ options, deps, ground, order }: Run): Sending['send'] {
  const { now, sleep, env, platform, signal } = deps;
  const http = openTargetDispatchers(deps.http);
  const shared = {
    http,
    timeoutMs: options.forwardTimeout,
    runId: order.run,
    onOutput: (target: string, line: string) => ground.notes.say(`${target}: ${line}`),
    ...{ now, sleep, env, platform, signal },
  };
  return async (target, parcel, attempt) => {
    try {
      return await forwardOnce(target, parcel, attempt, shared);
    } catch (error) {
      if (error instanceof ToolError && error.kind === 'interrupted') return null;
      throw error;
    }
  };
}

function viewOf({ summary }: ReplayContext, { stdout, now }: ReplayDeps): ReplayView {
  return {
    paint: stdout.paint,
    columns: stdout.columns,
    nowMs: now(),
    shortenId: summary.shortIds.shorten,
    told: createSaidOnce(),
  };
}

/** What was read from elsewhere has to be given again, and so have targets that no setting names. */
function resumeCommand({ options: { forwardTo }, order }: Run): string {
  if (order.ids.length === 0) return 'the same again with --resume';
  return `storewire replay --resume${forwardTo === undefined ? '' : ', with the same --forward-to'}`;
}

/** Where nothing worse happened, that input could not be sent is the error of the run. */
function reportSkipped(code: Exit, skipped: SkippedInputs, { json }: ReplayOptions, { stderr }: ReplayDeps): Exit {
  const error = skipped.error();
  if (error === null) return code;
  if (code === EXIT.ok || code === EXIT.usage) throw error;
  writeError(error, { json }, stderr);
  return code;
}

function deadlineError(): ToolError {
  return new ToolError('pending', 'ERR_REPLAY_DEADLINE', 'the deadline came before the end', {
    hint: 'Give a longer --timeout, or none.',
  });
}
