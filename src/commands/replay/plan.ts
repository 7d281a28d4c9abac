import { ToolError } from '../../errors.js';
import { chooseTargets } from '../../forwarding/choose-targets.js';
import type { Target } from '../../forwarding/target.js';
import { type DeliveryStatuses, pendingTargets } from '../../journal/delivery-status.js';
import { type EntryFilter, LAST } from '../../journal/query.js';
import type { JournalReader } from '../../journal/reader.js';
import type { DeliveryRecord, RunRecord } from '../../journal/record.js';
import { noJournalError } from '../../session/journal.js';
import type { Item, Planned } from './item.js';
import { itemOfEntry, itemsWithIds, type JournalSource, selectIds } from './journal-source.js';
import type { ReplaySelection } from './selection.js';
import type { OnSkipped } from './skipped.js';

/** Notifications and targets of a run. Id, ids and target names are recorded, so that the run can be resumed. */
export interface ReplayPlan {
  readonly run: string;
  /** Ids in the order of sending; empty where the notifications are read from inputs or the history. */
  readonly ids: readonly string[];
  /** True for `--failed`, and for resuming such a run. */
  readonly failed: boolean;
  readonly targets: readonly Target[];
  readonly items: AsyncIterable<Item> | Iterable<Item>;
  /** True if the notification is to be sent to this target. */
  isSelected(item: Item, target: string): boolean;
}

interface ReplayPlanContext {
  readonly source: JournalSource | null;
  readonly reader: Pick<JournalReader, 'statuses' | 'runs'>;
  readonly onSkipped: OnSkipped;
  readonly targets: readonly Target[];
  readonly filter: EntryFilter;
  /** Id of a new run. */
  readonly newRun: string;
}

type InputSelection = Extract<ReplaySelection, { kind: 'inputs' | 'history' }>;

/** Plans a run of notifications in the journal. Throws usage errors `ERR_JOURNAL_*` and `ERR_REPLAY_*`. */
export async function planFromJournal(
  selection: Exclude<ReplaySelection, InputSelection>,
  context: ReplayPlanContext,
): Promise<ReplayPlan> {
  const { source, reader, targets, newRun, onSkipped } = context;
  if (selection.kind === 'selection') return planSelection(selection.failed, context);
  if (source === null) throw noJournalError();
  if (selection.kind === 'ids') {
    const items = await findItems(selection.ids, source, onSkipped);
    const ids = items.map(({ id }) => id);
    return { run: newRun, ids, failed: false, targets, items, isSelected: () => true };
  }
  const { run, ids, targets: names, failed = false } = requireInterrupted(reader.runs());
  if (ids.length === 0) throw inputsNotRecorded();
  checkTargets(names, targets);
  const completed = await readCompleted(source.reader, run);
  return {
    run,
    ids,
    failed,
    targets: targets.filter(({ name }) => names.includes(name)),
    items: itemsWithIds(ids, source, onSkipped),
    isSelected: (item, target) =>
      !completed.has(item.id, target) && (!failed || isPending(item, target, reader.statuses)),
  };
}

async function planSelection(failed: boolean, context: ReplayPlanContext): Promise<ReplayPlan> {
  const { source, reader, targets, filter, newRun, onSkipped } = context;
  const pendingFor = failed ? targets.map(({ name }) => name) : null;
  const ids = source === null ? [] : await selectIds(source.reader, { filter, pendingFor });
  return {
    run: newRun,
    ids,
    failed,
    targets,
    items: source === null ? [] : itemsWithIds(ids, source, onSkipped),
    isSelected: (item, target) => !failed || isPending(item, target, reader.statuses),
  };
}

/** Plans a run of notifications from inputs or the history; reads none of `items` yet. */
export async function planFromInputs(
  selection: InputSelection,
  items: AsyncIterable<Item>,
  { source, reader, targets, newRun }: ReplayPlanContext,
): Promise<ReplayPlan> {
  const skipsAccepted = selection.kind === 'history' && !selection.again;
  const hasAccepted = (item: Item, target: string): boolean => reader.statuses.of(item).accepted.includes(target);
  const plan = { ids: [], failed: false, items };
  if (!selection.resume) {
    return {
      ...plan,
      run: newRun,
      targets,
      isSelected: (item, target) => !(skipsAccepted && hasAccepted(item, target)),
    };
  }
  const { run, ids, targets: names } = requireInterrupted(reader.runs());
  if (ids.length > 0) throw runOfJournal();
  checkTargets(names, targets);
  const completed = await readCompleted(source!.reader, run);
  return {
    ...plan,
    run,
    targets: targets.filter(({ name }) => names.includes(name)),
    isSelected: (item, target) => !completed.has(item.id, target) && !(skipsAccepted && hasAccepted(item, target)),
  };
}

/** Finds the entries in the order of the arguments, each once. */
async function findItems(
  ids: readonly string[],
  source: JournalSource,
  onSkipped: OnSkipped,
): Promise<readonly Item[]> {
  const items = new Map<string, Item>();
  for (const id of ids) {
    // The last body received may be from any client; an unverified one is sent only by its id.
    const entry = await source.reader.find(id, id === LAST ? 'receipts' : 'all');
    const item = itemOfEntry(entry, source);
    if ('code' in item) onSkipped(item);
    else items.set(item.id, item);
  }
  return [...items.values()];
}

function isPending(item: Item, target: string, statuses: DeliveryStatuses): boolean {
  return pendingTargets(statuses.of(item)).includes(target);
}

function inputsNotRecorded(): ToolError {
  const message = 'the interrupted run read files, stdin or the history, which are not recorded';
  return new ToolError('usage', 'ERR_REPLAY_RESUME', message, {
    hint: 'Pass the same input: storewire replay FILE --resume, or --from-history --resume',
  });
}

function runOfJournal(): ToolError {
  const message = 'the interrupted run was of the journal, not of files or the history';
  return new ToolError('usage', 'ERR_REPLAY_RESUME', message, {
    hint: 'Resume it without inputs: storewire replay --resume',
  });
}

interface PlanOptions {
  readonly forwardSynthetic: boolean;
}

/** Chooses the targets of each item. */
export async function* planItems(
  { items, targets, isSelected }: Pick<ReplayPlan, 'items' | 'targets' | 'isSelected'>,
  options: PlanOptions,
): AsyncGenerator<Planned> {
  for await (const item of items) {
    const selected = targets.filter(({ name }) => isSelected(item, name));
    yield selected.length > 0
      ? planItem(item, selected, options)
      : { item, send: [], withheld: [], isAlreadyDelivered: true };
  }
}

/** Unverified notifications go no further than those that the test authority signed: to loopback and private networks. */
function planItem(item: Item, targets: readonly Target[], { forwardSynthetic }: PlanOptions): Planned {
  const { facts, verdict } = item;
  const isVerified = verdict.verdict === 'valid';
  const synthetic = item.synthetic || !isVerified;
  const { send, withheld } = chooseTargets(facts, { synthetic, forwardSynthetic }, targets);
  const isUnverified = !item.synthetic && !isVerified;
  return {
    item,
    send,
    isAlreadyDelivered: false,
    withheld: isUnverified ? withheld.map(({ target }) => ({ target, why: NOT_VERIFIED })) : withheld,
  };
}

const NOT_VERIFIED = 'not verified, so sent to loopback and private networks only; send it with --forward-synthetic';

/** Finds the last run that was started and not finished; null where there is none. Records in any order. */
export function findInterrupted(runs: readonly RunRecord[]): RunRecord | null {
  const finished = new Set(runs.filter(({ state }) => state === 'finished').map(({ run }) => run));
  const unfinished = runs.filter(({ state, run }) => state === 'started' && !finished.has(run));
  return unfinished.reduce<RunRecord | null>(
    (last, run) => (last === null || run.atMs >= last.atMs ? run : last),
    null,
  );
}

/** Completed deliveries of a run. */
interface CompletedDeliveries {
  has(id: string, target: string): boolean;
}

/** Reads the deliveries that a run completed before it was interrupted. */
async function readCompleted(reader: JournalReader, run: string): Promise<CompletedDeliveries> {
  const completed = new Set<string>();
  for await (const record of reader.deliveriesOfRun(run)) {
    if (isCompleted(record)) completed.add(`${record.id} ${record.target}`);
  }
  return { has: (id, target) => completed.has(`${id} ${target}`) };
}

/** Finds the interrupted run. Throws usage `ERR_REPLAY_NOT_INTERRUPTED` where there is none. */
export function requireInterrupted(runs: readonly RunRecord[]): RunRecord {
  const run = findInterrupted(runs);
  if (run !== null) return run;
  throw new ToolError('usage', 'ERR_REPLAY_NOT_INTERRUPTED', 'no run was interrupted, so there is nothing to resume', {
    hint: 'Send pending deliveries: storewire replay --failed',
  });
}

/** Throws usage `ERR_REPLAY_TARGET_MISSING` where a target of the run has no address now, since addresses are not recorded. */
export function checkTargets(names: readonly string[], targets: readonly Pick<Target, 'name'>[]): void {
  const missing = names.filter((name) => targets.every((target) => target.name !== name));
  if (missing.length === 0) return;
  const flags = missing.map((name) => `--forward-to ${name}=URL`).join(' ');
  const message = `the interrupted run was for ${names.join(', ')}; missing targets: ${missing.join(', ')}`;
  throw new ToolError('usage', 'ERR_REPLAY_TARGET_MISSING', message, {
    hint: `Pass their URLs: storewire replay --resume ${flags}`,
  });
}

/** Any answer completes a delivery; a target that was not reached gets another attempt. */
function isCompleted({ outcome }: DeliveryRecord): boolean {
  return outcome === 'accepted' || outcome === 'refused';
}
