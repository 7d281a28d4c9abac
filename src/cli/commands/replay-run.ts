import { ToolError } from '../../errors.js';
import { openCompanion } from '../../journal/companion.js';
import type { RunRecord } from '../../journal/record.js';
import { sendParcel } from '../../listener/forward/send.js';
import type { Deps } from '../deps.js';
import { EXIT, type Exit } from '../exit.js';
import { type ForwardFlags, openTargetDispatchers } from '../forward-targets.js';
import { interrupted } from '../interrupted.js';
import { openJournalFolder } from '../journal/place.js';
import { describeError, errorToJson } from '../render/error.js';
import {
  describeDryRun,
  describeElsewhereOwed,
  describeNothing,
  describePlanned,
  describeSent,
  describeTally,
  type ReplayView,
} from '../render/replay.js';
import { plannedToJson, sentToJson } from '../render/replay-json.js';
import { type Order, orderFromElsewhere, orderFromJournal } from '../replay/order.js';
import { exitOf, type Sent } from '../replay/outcome.js';
import { planItems } from '../replay/plan.js';
import { type Sending, sendAll } from '../replay/send-all.js';
import { createUnfitSums, type UnfitSums } from '../replay/unfit.js';
import { readWish, type Wish } from '../replay/wish.js';
import { momentOf } from '../since.js';
import { type Ground, readGround, requireTargets } from './replay-ground.js';
import { openElsewhere } from './replay-sources.js';
import type { SentHistoryFlags } from './sent-history.js';

export interface ReplayOptions
  extends Omit<SentHistoryFlags, 'until' | 'type' | 'subtype' | 'transactionId'>,
    ForwardFlags {
  /** Ids, files, or nothing. */
  readonly args: readonly string[];
  readonly all: boolean;
  readonly failed: boolean;
  readonly events?: readonly string[];
  readonly fromHistory: boolean;
  readonly resume: boolean;
  /** Notifications a second. */
  readonly rate: number;
  readonly dryRun: boolean;
  /** Milliseconds; none where left out. */
  readonly timeout?: number;
}

export type ReplayDeps = Pick<
  Deps,
  | 'stdin'
  | 'stdout'
  | 'stderr'
  | 'env'
  | 'cwd'
  | 'now'
  | 'sleep'
  | 'random'
  | 'http'
  | 'signal'
  | 'suspend'
  | 'platform'
  | 'userId'
>;

/** One run: what flags say, what is known, what is sent. */
interface Run {
  readonly options: ReplayOptions;
  readonly deps: ReplayDeps;
  readonly ground: Ground;
  readonly order: Order;
  readonly unfit: UnfitSums;
  readonly deadlineMs: number;
}

/**
 * Sends again what is asked for. Exit 0 when all of it was accepted or there is nothing to do, 1 where any was refused, 4 where a target
 * could not be reached, 5 where `--timeout` came first. Throws what reading input, journal, settings and history throws.
 */
export async function runReplay(options: ReplayOptions, deps: ReplayDeps): Promise<Exit> {
  const deadlineMs = deps.now() + (options.timeout ?? Number.POSITIVE_INFINITY);
  const isFiltered = options.events !== undefined || options.since !== undefined;
  const wish = readWish(options.args, { ...options, isFiltered }, !deps.stdin.isTty);
  const ground = await readGround(options, deps);
  const { notes, survey, targets } = ground;
  const owed = survey.standings.openByTarget();
  const elsewhere = options.failed ? describeElsewhereOwed(owed, targets) : null;
  if (!options.failed || owed.size > 0) requireTargets(ground);
  const unfit = createUnfitSums();
  const order = await orderOf(wish, { options, deps, ground, unfit, deadlineMs });
  if (wish.kind === 'selection' && order.ids.length === 0) {
    notes.say(describeNothing(wish.failed, owed.size > 0, survey.notifications));
    if (elsewhere !== null) notes.say(elsewhere);
    return EXIT.ok;
  }
  const run = { options, deps, ground, order, unfit, deadlineMs };
  const code = options.dryRun ? await showAll(run) : await sendAndTell(run);
  if (elsewhere !== null) notes.say(elsewhere);
  return code;
}

async function orderOf(wish: Wish, { options, deps, ground, unfit, deadlineMs }: Omit<Run, 'order'>): Promise<Order> {
  const { since, events, failed } = options;
  const { journal, survey, targets, judge, notes } = ground;
  const context = {
    source: journal,
    survey,
    targets,
    filter: {
      sinceMs: since === undefined ? null : momentOf(since, deps.now()),
      events: events ?? null,
      only: failed ? (['failed'] as const) : [],
    },
    newRun: Buffer.from(deps.random(8)).toString('hex'),
  };
  if (wish.kind !== 'inputs' && wish.kind !== 'history') return orderFromJournal(wish, context);
  const items = await openElsewhere(wish, options, { judge, filter: context.filter, unfit, notes, deadlineMs }, deps);
  return orderFromElsewhere(wish, items, context);
}

async function showAll({ options, deps, ground, order, unfit }: Run): Promise<Exit> {
  const { stdout, stderr, signal } = deps;
  const view = viewOf(ground, deps);
  let count = 0;
  for await (const planned of planItems(order, options)) {
    if (signal.aborted || stdout.closed.aborted) break;
    count += 1;
    const json = options.json ? plannedToJson(planned, (await planned.item.load()).document()) : null;
    stdout.write(json ?? describePlanned(planned, view));
    await stdout.drained();
  }
  if (signal.aborted) throw interrupted();
  stderr.write(describeDryRun(count, stderr));
  return tellUnfit(EXIT.ok, unfit, options, deps);
}

async function sendAndTell(run: Run): Promise<Exit> {
  const { options, deps, ground, order, unfit, deadlineMs } = run;
  const companion = await openCompanion(openJournalFolder(ground.open, deps), 'replay', deps);
  try {
    await companion.note(recordRun(run, 'started'));
    const sending: Sending = {
      run: order.run,
      note: companion.note,
      send: sendOf(run),
      onSent: (sent) => tellSent(sent, run),
    };
    const tally = await sendAll(planItems(order, options), { rate: options.rate, deadlineMs }, sending, deps);
    const isOver = tally.stoppedBy === null && tally.givenUp.length === 0;
    if (isOver) await companion.note(recordRun(run, 'finished'));
    deps.stderr.write(describeTally(tally, isOver ? null : resumeCommand(run), deps.stderr));
    if (tally.stoppedBy === 'signal') throw interrupted();
    return tellUnfit(exitOf(tally, unfit.error() !== null), unfit, options, deps);
  } finally {
    await companion.close();
  }
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
      return await sendParcel(target, parcel, attempt, shared);
    } catch (error) {
      if (error instanceof ToolError && error.kind === 'interrupted') return null;
      throw error;
    }
  };
}

async function tellSent(sent: Sent, { options, deps, ground }: Run): Promise<void> {
  ground.notes.answer(options.json ? sentToJson(sent) : describeSent(sent, viewOf(ground, deps)));
  await deps.stdout.drained();
}

function viewOf({ survey }: Ground, { stdout, now }: ReplayDeps): ReplayView {
  return { paint: stdout.paint, columns: stdout.columns, nowMs: now(), shortenId: survey.shortIds.shorten };
}

/** What was read from elsewhere has to be given again, and so have targets that no setting names. */
function resumeCommand({ options: { forwardTo }, order }: Run): string {
  return order.ids.length === 0 || forwardTo !== undefined
    ? 'the same again with --resume'
    : 'storewire replay --resume';
}

/** Where nothing worse happened, that input could not be sent is the error of the run. */
function tellUnfit(code: Exit, unfit: UnfitSums, { json }: ReplayOptions, { stderr }: ReplayDeps): Exit {
  const error = unfit.error();
  if (error === null) return code;
  if (code === EXIT.ok || code === EXIT.usage) throw error;
  stderr.write(json ? errorToJson(error) : describeError(error, stderr.paint));
  return code;
}
