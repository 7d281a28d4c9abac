import { ToolError } from '../../errors.js';
import { chooseTargets } from '../../forwarding/choose-targets.js';
import type { Target } from '../../forwarding/target.js';
import { type EntryFilter, LAST } from '../../journal/query.js';
import { findEntry, readJournal } from '../../journal/read.js';
import type { DeliveryRecord, RunRecord } from '../../journal/record.js';
import { type JournalSummary, pendingTargets } from '../../journal/summary.js';
import { noJournalError } from '../../session/journal.js';
import type { Item, Planned } from './item.js';
import { itemOfEntry, itemsWithIds, type JournalSource, selectIds } from './journal-source.js';
import type { ReplaySelection } from './selection.js';

/** What a run sends, and what is written down of it so that it can be resumed. */
export interface ReplayPlan {
  readonly run: string;
  /** Ids in the order they are sent; empty where they come from elsewhere, one by one. */
  readonly ids: readonly string[];
  /** `--failed`, or the resumption of it. */
  readonly failed: boolean;
  readonly targets: readonly Target[];
  readonly items: AsyncIterable<Item> | Iterable<Item>;
  /** Whether a target shall have it at all. */
  isWanted(item: Item, target: string): boolean;
}

interface ReplayPlanContext {
  readonly source: JournalSource | null;
  readonly summary: JournalSummary;
  readonly targets: readonly Target[];
  readonly filter: EntryFilter;
  /** Names a new run. */
  readonly newRun: string;
}

type Elsewhere = Extract<ReplaySelection, { kind: 'inputs' | 'history' }>;

/** An order of what the journal holds. Throws usage errors: `ERR_JOURNAL_*`, `ERR_REPLAY_*`. */
export async function planFromJournal(
  wish: Exclude<ReplaySelection, Elsewhere>,
  context: ReplayPlanContext,
): Promise<ReplayPlan> {
  const { source, summary, targets, newRun } = context;
  if (wish.kind === 'selection') return orderSelection(wish.failed, context);
  if (source === null) throw noJournalError();
  if (wish.kind === 'ids') {
    const items = await findItems(wish.ids, source);
    const ids = items.map(({ id }) => id);
    return { run: newRun, ids, failed: false, targets, items, isWanted: () => true };
  }
  const { run, ids, targets: names, failed = false } = requireInterrupted(summary.runs);
  if (ids.length === 0) throw fromElsewhere();
  checkTargets(names, targets);
  const done = await readDone(source.folder, run);
  return {
    run,
    ids,
    failed,
    targets: targets.filter(({ name }) => names.includes(name)),
    items: itemsWithIds(ids, source),
    isWanted: (item, target) => !done.has(item.id, target) && (!failed || isOpen(item, target, summary)),
  };
}

async function orderSelection(failed: boolean, context: ReplayPlanContext): Promise<ReplayPlan> {
  const { source, summary, targets, filter, newRun } = context;
  const owedTo = failed ? targets.map(({ name }) => name) : null;
  const ids = source === null ? [] : await selectIds(source.folder, { filter, owedTo }, summary.statuses);
  return {
    run: newRun,
    ids,
    failed,
    targets,
    items: source === null ? [] : itemsWithIds(ids, source),
    isWanted: (item, target) => !failed || isOpen(item, target, summary),
  };
}

/** An order of what comes from elsewhere; nothing is read of `items` yet. */
export async function planFromInputs(
  wish: Elsewhere,
  items: AsyncIterable<Item>,
  { source, summary, targets, newRun }: ReplayPlanContext,
): Promise<ReplayPlan> {
  const skipsAccepted = wish.kind === 'history' && !wish.again;
  const hasAccepted = (item: Item, target: string): boolean => summary.statuses.of(item).accepted.includes(target);
  const order = { ids: [], failed: false, items };
  if (!wish.resume) {
    return {
      ...order,
      run: newRun,
      targets,
      isWanted: (item, target) => !(skipsAccepted && hasAccepted(item, target)),
    };
  }
  const { run, ids, targets: names } = requireInterrupted(summary.runs);
  if (ids.length > 0) throw fromTheJournal();
  checkTargets(names, targets);
  const done = await readDone(source!.folder, run);
  return {
    ...order,
    run,
    targets: targets.filter(({ name }) => names.includes(name)),
    isWanted: (item, target) => !done.has(item.id, target) && !(skipsAccepted && hasAccepted(item, target)),
  };
}

/** In the order they were given, each once. */
async function findItems(ids: readonly string[], source: JournalSource): Promise<readonly Item[]> {
  const items = new Map<string, Item>();
  for (const id of ids) {
    // The last one that came may be anybody's; what nobody verified is sent only where it is named.
    const entry = await findEntry(source.folder, id, { of: id === LAST ? 'receipts' : 'all' });
    const item = itemOfEntry(entry, source);
    items.set(item.id, item);
  }
  return [...items.values()];
}

function isOpen(item: Item, target: string, { statuses }: JournalSummary): boolean {
  return pendingTargets(statuses.of(item)).includes(target);
}

function fromElsewhere(): ToolError {
  const message = 'the run that was interrupted read files, standard input or the history, which are not written down';
  return new ToolError('usage', 'ERR_REPLAY_RESUME', message, {
    hint: 'Give the same again: storewire replay FILE --resume, or --from-history --resume',
  });
}

function fromTheJournal(): ToolError {
  const message = 'the run that was interrupted was of the journal';
  return new ToolError('usage', 'ERR_REPLAY_RESUME', message, { hint: 'Without files: storewire replay --resume' });
}

interface PlanOptions {
  readonly forwardSynthetic: boolean;
}

/** Where each item goes. */
export async function* planItems(
  { items, targets, isWanted }: Pick<ReplayPlan, 'items' | 'targets' | 'isWanted'>,
  options: PlanOptions,
): AsyncGenerator<Planned> {
  for await (const item of items) {
    const wanted = targets.filter(({ name }) => isWanted(item, name));
    yield wanted.length > 0
      ? planItem(item, wanted, options)
      : { item, send: [], withheld: [], isAlreadyDelivered: true };
  }
}

/** What nobody proved to be Apple's goes no further than what the test authority signed. */
function planItem(item: Item, wanted: readonly Target[], { forwardSynthetic }: PlanOptions): Planned {
  const { facts, verdict } = item;
  const isVerified = verdict.verdict === 'valid';
  const synthetic = item.synthetic || !isVerified;
  const { send, withheld } = chooseTargets(facts, { synthetic, forwardSynthetic }, wanted);
  const isForeign = !item.synthetic && !isVerified;
  return {
    item,
    send,
    isAlreadyDelivered: false,
    withheld: isForeign ? withheld.map(({ target }) => ({ target, why: NOT_VERIFIED })) : withheld,
  };
}

const NOT_VERIFIED = 'not verified, so it stays on this machine and in private networks: --forward-synthetic sends it';

/** The last run that was begun and not finished; null where there is none. Records in any order. */
export function findInterrupted(runs: readonly RunRecord[]): RunRecord | null {
  const finished = new Set(runs.filter(({ state }) => state === 'finished').map(({ run }) => run));
  const open = runs.filter(({ state, run }) => state === 'started' && !finished.has(run));
  return open.reduce<RunRecord | null>((last, run) => (last === null || run.atMs >= last.atMs ? run : last), null);
}

/** What a run has done: to which target which notification went. */
interface Done {
  has(id: string, target: string): boolean;
}

/** Reads what a run did before it was interrupted. */
async function readDone(folder: string, run: string): Promise<Done> {
  const done = new Set<string>();
  for await (const { record } of readJournal(folder, { onDamagedLine: () => undefined })) {
    if (record.type === 'delivery' && record.run === run && isDone(record)) done.add(`${record.id} ${record.target}`);
  }
  return { has: (id, target) => done.has(`${id} ${target}`) };
}

/** Throws usage `ERR_REPLAY_NOT_INTERRUPTED` where nothing was. */
export function requireInterrupted(runs: readonly RunRecord[]): RunRecord {
  const run = findInterrupted(runs);
  if (run !== null) return run;
  throw new ToolError('usage', 'ERR_REPLAY_NOT_INTERRUPTED', 'no run was interrupted, so there is none to go on with', {
    hint: 'What some target has not accepted: storewire replay --failed',
  });
}

/** Throws usage `ERR_REPLAY_TARGET_MISSING` where one the run was for has no address now: addresses are not written down. */
export function checkTargets(wanted: readonly string[], targets: readonly Pick<Target, 'name'>[]): void {
  const missing = wanted.filter((name) => targets.every((target) => target.name !== name));
  if (missing.length === 0) return;
  const flags = missing.map((name) => `--forward-to ${name}=URL`).join(' ');
  const message = `the run that was interrupted was for ${wanted.join(', ')}; not among the targets here: ${missing.join(', ')}`;
  throw new ToolError('usage', 'ERR_REPLAY_TARGET_MISSING', message, { hint: `Give it again: --resume ${flags}` });
}

/** An answer, whatever it was, is done; a target that could not be reached is asked again. */
function isDone({ outcome }: DeliveryRecord): boolean {
  return outcome === 'accepted' || outcome === 'refused';
}
