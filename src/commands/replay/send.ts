import { writeError } from '../../cli/error-output.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import type { FilterTally } from '../../cli/filter-report.js';
import { openTargetDispatchers } from '../../cli/forward-options.js';
import { interrupted, ToolError } from '../../errors.js';
import { forwardOnce } from '../../forwarding/send.js';
import { openCommandJournal } from '../../journal/appender.js';
import { pendingTargets } from '../../journal/delivery-status.js';
import type { RunRecord } from '../../journal/record.js';
import { openJournalFolder } from '../../session/journal.js';
import { createSaidOnce } from '../../terminal/once.js';
import type { ReplayContext } from './context.js';
import { exitOfReplay, type SentItem } from './item.js';
import type { ReplayDeps, ReplayOptions } from './options.js';
import { planItems, type ReplayPlan } from './plan.js';
import { DEADLINE, type Sending, sendItems } from './send-all.js';
import type { SkippedInputs } from './skipped.js';
import {
  describeDryRun,
  describePlanned,
  describeReplayTally,
  describeSent,
  plannedToJson,
  type ReplayView,
  sentToJson,
} from './view.js';

/** One run with its options, context and plan. */
export interface Run {
  readonly options: ReplayOptions;
  readonly deps: ReplayDeps;
  readonly context: ReplayContext;
  readonly plan: ReplayPlan;
  readonly skipped: SkippedInputs;
  /** Of inputs and the history, by the filter on ids. */
  readonly filtered: FilterTally;
  readonly deadlineMs: number;
}

/** Prints the plan for `--dry-run`, and sends nothing. */
export async function showPlan({ options, deps, context, plan, skipped, deadlineMs }: Run): Promise<Exit> {
  const { stdout, stderr, signal } = deps;
  const view = viewOf(context, deps);
  let count = 0;
  for await (const planned of planItems(plan, options)) {
    if (signal.aborted || stdout.closed.aborted) break;
    if (planned.isAlreadyDelivered) continue;
    count += 1;
    const json = options.json ? plannedToJson(planned, (await planned.item.load()).document()) : null;
    stdout.write(json ?? describePlanned(planned, view));
    await stdout.drained();
  }
  if (signal.aborted) throw deps.now() >= deadlineMs || signal.reason === DEADLINE ? deadlineError() : interrupted();
  stderr.write(describeDryRun(count, stderr));
  return reportSkipped(EXIT.ok, skipped, options, deps);
}

/** Sends the plan, prints each result and the totals, and records the run. */
export async function sendPlan(run: Run): Promise<Exit> {
  const { options, deps, context, plan, skipped, deadlineMs } = run;
  const commandJournal = await openCommandJournal(openJournalFolder(context.open, deps), 'replay', deps);
  const view = viewOf(context, deps);
  let hasPending = false;
  try {
    await commandJournal.note(recordRun(run, 'started'));
    const sending: Sending = {
      run: plan.run,
      targets: plan.targets,
      note: commandJournal.note,
      send: sendOf(run),
      onSent: async (sent) => {
        context.notes.answer(options.json ? sentToJson(sent) : describeSent(sent, view));
        hasPending ||= isStillPending(sent, context);
        await deps.stdout.drained();
      },
    };
    const tally = await sendItems(planItems(plan, options), { rate: options.rate, deadlineMs }, sending, deps);
    // A run that failed before its first notification, as on a misspelt file, must not hide an earlier one that can be resumed.
    const hasFailedEarly = tally.stoppedBy === 'error' && tally.notifications === 0 && !options.resume;
    const isComplete = hasFailedEarly || (tally.stoppedBy === null && tally.givenUp.length === 0);
    if (isComplete) await commandJournal.note(recordRun(run, 'finished'));
    const next = isComplete ? (hasPending ? SEND_PENDING : null) : `To resume: ${resumeCommand(run)}`;
    if (!hasFailedEarly) deps.stderr.write(describeReplayTally(tally, next, deps.stderr));
    if (tally.stoppedBy === 'signal') throw interrupted();
    if (tally.error !== null) throw tally.error;
    return reportSkipped(exitOfReplay(tally, skipped.error() !== null), skipped, options, deps);
  } finally {
    await commandJournal.close();
  }
}

const SEND_PENDING = 'To send pending deliveries again: storewire replay --failed';

/** True if `--failed` would send it again: an intended target has not accepted it in this run either. */
function isStillPending({ item, deliveries }: SentItem, { reader }: ReplayContext): boolean {
  const pending = pendingTargets(reader.statuses.of(item));
  return deliveries.some(({ target, outcome }) => outcome !== 'accepted' && pending.includes(target));
}

function recordRun({ deps, plan }: Run, state: RunRecord['state']): RunRecord {
  const { run, ids, targets, failed } = plan;
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

function sendOf({ options, deps, context, plan }: Run): Sending['send'] {
  const { now, sleep, env, platform, signal } = deps;
  const http = openTargetDispatchers(deps.http);
  const shared = {
    http,
    timeoutMs: options.forwardTimeout,
    runId: plan.run,
    onOutput: (target: string, line: string) => context.notes.say(`${target}: ${line}`),
    ...{ now, sleep, env, platform, signal },
  };
  const reported = createSaidOnce();
  return async (target, notification, attempt) => {
    try {
      const result = await forwardOnce(target, notification, attempt, shared);
      const { finding } = result;
      if (finding !== undefined && reported.isNew(`${target.name} ${finding.code}`, finding.message))
        context.notes.say(finding.message);
      return result;
    } catch (error) {
      if (error instanceof ToolError && error.kind === 'interrupted') return null;
      throw error;
    }
  };
}

function viewOf({ reader }: ReplayContext, { stdout, now }: ReplayDeps): ReplayView {
  return {
    paint: stdout.paint,
    columns: stdout.columns,
    nowMs: now(),
    shortenId: reader.shortIds.shorten,
    reportedReasons: createSaidOnce(),
  };
}

/** Command that resumes the run. Inputs, and targets given by flags, must be given again. */
function resumeCommand({ options: { forwardTo }, plan }: Run): string {
  if (plan.ids.length === 0) return 'the same command with --resume';
  return `storewire replay --resume${forwardTo === undefined ? '' : ', with the same --forward-to'}`;
}

/** Reports inputs that could not be sent: as the error of the run where the exit code is 0 or 2, else beside its result. */
function reportSkipped(code: Exit, skipped: SkippedInputs, { json }: ReplayOptions, { stderr }: ReplayDeps): Exit {
  const error = skipped.error();
  if (error === null) return code;
  if (code === EXIT.ok || code === EXIT.usage) throw error;
  writeError(error, { json }, stderr);
  return code;
}

export function deadlineError(): ToolError {
  return new ToolError('pending', 'ERR_REPLAY_DEADLINE', 'timed out before everything was sent', {
    hint: 'Pass a longer --timeout, or none.',
  });
}
