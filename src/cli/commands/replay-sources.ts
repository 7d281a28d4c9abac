import { matchesEvents } from '../../listener/forward/events.js';
import type { SentNotification } from '../../server-api/wire.js';
import type { Deps } from '../deps.js';
import type { ReadDeps } from '../input/read.js';
import type { EntryFilter } from '../journal/filter.js';
import type { Notes } from '../notes.js';
import { itemOfToken, type JudgeBody, readItems } from '../replay/from-input.js';
import type { Item } from '../replay/item.js';
import type { UnfitSums } from '../replay/unfit.js';
import type { Wish } from '../replay/wish.js';
import { openSentHistory, type SentHistoryFlags } from './sent-history.js';
import type { ServerDeps } from './server-api.js';

export interface ElsewhereContext {
  readonly judge: JudgeBody;
  readonly filter: EntryFilter;
  readonly unfit: UnfitSums;
  readonly notes: Notes;
  /** Milliseconds since the epoch; Infinity for none. */
  readonly deadlineMs: number;
}

type Elsewhere = Extract<Wish, { kind: 'inputs' | 'history' }>;

/** What does not come from the journal, as it is read. What is not asked for yet is not read yet, but Apple's side is set up. */
export async function openElsewhere(
  wish: Elsewhere,
  flags: SentHistoryFlags,
  context: ElsewhereContext,
  deps: ServerDeps & ReadDeps & Pick<Deps, 'stdin'>,
): Promise<AsyncIterable<Item>> {
  if (wish.kind === 'inputs') {
    return filterItems(readItems(wish.inputs, context.judge, context.unfit.add, deps), context.filter);
  }
  const history = await openSentHistory(flags, context.notes, deps);
  // Apple has filtered by date.
  return filterItems(itemsOfPages(history.pages(context.deadlineMs), context), { ...context.filter, sinceMs: null });
}

async function* itemsOfPages(
  pages: AsyncIterable<readonly SentNotification[]>,
  { judge, unfit }: ElsewhereContext,
): AsyncGenerator<Item> {
  for await (const page of pages) {
    for (const { signedPayload, sendAttempts } of page) {
      const origin = { source: 'history', repaired: [], context: { sendAttempts } };
      const item = itemOfToken(signedPayload ?? '', origin, judge);
      if ('code' in item) unfit.add(item);
      else yield item;
    }
  }
}

async function* filterItems(items: AsyncIterable<Item>, { sinceMs, events }: EntryFilter): AsyncGenerator<Item> {
  for await (const item of items) {
    const atMs = item.receivedAtMs ?? item.facts.signedAtMs ?? 0;
    if (sinceMs !== null && atMs < sinceMs) continue;
    if (events === null || matchesEvents(item.facts.type, events)) yield item;
  }
}
