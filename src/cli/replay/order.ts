import { ToolError } from '../../errors.js';
import { findEntry } from '../../journal/read.js';
import type { Target } from '../../listener/forward/target.js';
import { LAST } from '../journal/entry-name.js';
import type { EntryFilter } from '../journal/filter.js';
import { noJournal } from '../journal/place.js';
import { openTargets } from '../journal/standing.js';
import type { Survey } from '../journal/survey.js';
import { itemOfEntry, itemsWithIds, type JournalSource, selectIds } from './from-journal.js';
import type { Item } from './item.js';
import { checkTargets, readDone, requireInterrupted } from './resume.js';
import type { Wish } from './wish.js';

/** What a run sends, and what is written down of it so that it can be resumed. */
export interface Order {
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

export interface OrderContext {
  readonly source: JournalSource | null;
  readonly survey: Survey;
  readonly targets: readonly Target[];
  readonly filter: EntryFilter;
  /** Names a new run. */
  readonly newRun: string;
}

type Elsewhere = Extract<Wish, { kind: 'inputs' | 'history' }>;

/** An order of what the journal holds. Throws usage errors: `ERR_JOURNAL_*`, `ERR_REPLAY_*`. */
export async function orderFromJournal(wish: Exclude<Wish, Elsewhere>, context: OrderContext): Promise<Order> {
  const { source, survey, targets, newRun } = context;
  if (wish.kind === 'selection') return orderSelection(wish.failed, context);
  if (source === null) throw noJournal();
  if (wish.kind === 'ids') {
    const items = await findItems(wish.ids, source);
    const ids = items.map(({ id }) => id);
    return { run: newRun, ids, failed: false, targets, items, isWanted: () => true };
  }
  const { run, ids, targets: names, failed = false } = requireInterrupted(survey.runs);
  if (ids.length === 0) throw fromElsewhere();
  checkTargets(names, targets);
  const done = await readDone(source.folder, run);
  return {
    run,
    ids,
    failed,
    targets: targets.filter(({ name }) => names.includes(name)),
    items: itemsWithIds(ids, source),
    isWanted: (item, target) => !done.has(item.id, target) && (!failed || isOpen(item, target, survey)),
  };
}

async function orderSelection(failed: boolean, context: OrderContext): Promise<Order> {
  const { source, survey, targets, filter, newRun } = context;
  const owedTo = failed ? targets.map(({ name }) => name) : null;
  const ids = source === null ? [] : await selectIds(source.folder, { filter, owedTo }, survey.standings);
  return {
    run: newRun,
    ids,
    failed,
    targets,
    items: source === null ? [] : itemsWithIds(ids, source),
    isWanted: (item, target) => !failed || isOpen(item, target, survey),
  };
}

/** An order of what comes from elsewhere; nothing is read of `items` yet. */
export async function orderFromElsewhere(
  wish: Elsewhere,
  items: AsyncIterable<Item>,
  { source, survey, targets, newRun }: OrderContext,
): Promise<Order> {
  const skipsAccepted = wish.kind === 'history' && !wish.again;
  const hasAccepted = (item: Item, target: string): boolean => survey.standings.of(item).accepted.includes(target);
  const order = { ids: [], failed: false, items };
  if (!wish.resume) {
    return {
      ...order,
      run: newRun,
      targets,
      isWanted: (item, target) => !(skipsAccepted && hasAccepted(item, target)),
    };
  }
  const { run, ids, targets: names } = requireInterrupted(survey.runs);
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

function isOpen(item: Item, target: string, { standings }: Survey): boolean {
  return openTargets(standings.of(item)).includes(target);
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
