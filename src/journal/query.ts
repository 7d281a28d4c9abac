import type { PayloadDocument } from '../notification/document.js';
import { matchesEvents } from '../notification/event-filter.js';
import type { PayloadFilter } from '../notification/payload-filter.js';
import type { VerificationContext } from '../notification/verification-context.js';
import { type DeliveryStatuses, type PendingNotification, pendingTargets } from './delivery-status.js';
import { documentOf } from './document.js';
import { findByIds } from './id-filter.js';
import { hasFlag } from './index/file-index.js';
import type { IndexRow } from './index/row.js';
import type { EntryRange, JournalReader, RowFilter } from './reader.js';
import { type JournalEntry, type RecordedFacts, recordedRoot } from './record.js';

/** Selects entries of the journal. */
export interface EntryFilter {
  /** Time of receipt (ms) of the oldest entry; null for no limit. */
  readonly sinceMs: number | null;
  /** Types as `--events` gives them; null for all. */
  readonly events: readonly string[] | null;
  /** Entries must have at least one of these; empty for no condition. */
  readonly only: readonly EntryTrait[];
  /** Conditions on the ids of the payload; none where left out. */
  readonly ids?: PayloadFilter;
  /** Called for each rejected body in which no payload could be read, where there are conditions on ids. */
  readonly onUnreadable?: () => void;
}

/** `failed`: one of its targets has accepted neither it nor any of its repeats. */
type EntryTrait = 'verified' | 'failed' | 'repeats' | 'rejected';

export function passesFilter(entry: JournalEntry, filter: EntryFilter, statuses: DeliveryStatuses): boolean {
  const { sinceMs, events, only } = filter;
  if (sinceMs !== null && receivedAtMs(entry) < sinceMs) return false;
  if (events !== null && !matchesEvents(factsOfEntry(entry)?.type ?? '', events)) return false;
  return only.length === 0 || only.some((trait) => hasTrait(entry, trait, statuses));
}

export function receivedAtMs(entry: JournalEntry): number {
  return entry.type === 'receipt' ? entry.receipt.atMs : entry.rejected.atMs;
}

export function idOfEntry(entry: JournalEntry): string {
  return entry.type === 'receipt' ? entry.receipt.id : entry.rejected.id;
}

/** Facts of the payload; null where the body could not be read. */
export function factsOfEntry(entry: JournalEntry): RecordedFacts | null {
  return entry.type === 'receipt' ? entry.receipt.facts : entry.rejected.facts;
}

function hasTrait(entry: JournalEntry, trait: EntryTrait, statuses: DeliveryStatuses): boolean {
  if (entry.type === 'rejected') return trait === 'rejected';
  if (trait === 'verified') return true;
  if (trait === 'repeats') return entry.receipt.repeatOf !== null;
  return trait === 'failed' && pendingTargets(statuses.of(entry.receipt)).length > 0;
}

/** Lists the entries that pass the filter, oldest first; a limit keeps the newest ones. */
export async function* listEntries(
  reader: JournalReader,
  filter: EntryFilter,
  limit: number | null,
): AsyncGenerator<JournalEntry> {
  const { sinceMs } = filter;
  const range = { sinceMs, accepts: rowFilterOf(filter, reader), ...(await positionsFor(filter, reader)) };
  if (limit === null) {
    for await (const entry of reader.entries(range)) if (passesFilter(entry, filter, reader.statuses)) yield entry;
    return;
  }
  const newest: JournalEntry[] = [];
  if (limit > 0) {
    for await (const entry of reader.entries({ ...range, from: 'newest' })) {
      if (passesFilter(entry, filter, reader.statuses) && newest.push(entry) === limit) break;
    }
  }
  yield* newest.reverse();
}

/** The entries that meet the conditions on ids, for a range; nothing where there are none. */
export async function positionsFor(
  { ids, onUnreadable }: EntryFilter,
  { files }: JournalReader,
): Promise<Pick<EntryRange, 'positions'>> {
  return ids === undefined ? {} : { positions: await findByIds(ids, files, onUnreadable) };
}

/** What a filter can tell by the row of an entry; the entry itself is judged by {@link passesFilter}. */
export function rowFilterOf({ events, only }: EntryFilter, { files, pending }: JournalReader): RowFilter {
  const isType = events === null ? () => true : eventFilterOf(events, files);
  const isPending = only.includes('failed') ? pendingRowFilter(pending()) : () => false;
  const hasTraitByRow = ({ kind, flags, keyHigh, keyLow }: IndexRow): boolean =>
    kind === 'rejected'
      ? only.includes('rejected')
      : only.includes('verified') ||
        (only.includes('repeats') && hasFlag({ flags }, 'repeat')) ||
        isPending({ keyHigh, keyLow });
  return (position) => isType(position) && (only.length === 0 || hasTraitByRow(position.data));
}

/** Judges each type of a file once. A type that the index does not have is left to the record. */
function eventFilterOf(events: readonly string[], { list }: JournalReader['files']): RowFilter {
  const known = new Map<string, boolean>();
  return ({ file, data }) => {
    const type = list[file]!.index.texts.textOf(data.type);
    if (type === undefined) return true;
    const text = type ?? '';
    const isMatch = known.get(text) ?? matchesEvents(text, events);
    known.set(text, isMatch);
    return isMatch;
  };
}

type RowKey = Pick<IndexRow, 'keyHigh' | 'keyLow'>;

/** Rows of the notifications with a pending delivery, by their key. */
function pendingRowFilter(pending: Iterable<PendingNotification>): (row: RowKey) => boolean {
  const keys = new Set<string>();
  const textOf = ({ keyHigh, keyLow }: RowKey): string => `${keyHigh}:${keyLow}`;
  for (const { receipts } of pending) for (const { data } of receipts) keys.add(textOf(data));
  return (row) => keys.has(textOf(row));
}

/** Builds the document of an entry, with its body from the journal. Throws usage `ERR_JOURNAL_READ` where the body was removed. */
export function readDocument(entry: JournalEntry, reader: JournalReader, contextFor: ContextForRoot): PayloadDocument {
  return documentOf(entry, reader.bodyOf(entry), contextFor(recordedRoot(entry)));
}

/** Word for the entry received last. */
export const LAST = 'last';

/** An id or its first characters; fewer than four would be ambiguous. */
const ID = /^[0-9a-f]{4,16}$/;

/** True for the id of an entry, at least four of its first characters, or `last`. Lower case. */
export function isEntryId(word: string): boolean {
  return word === LAST || ID.test(word);
}

/** Verification context for the root under which an entry was recorded. */
export type ContextForRoot = (recordedRoot: string | null) => VerificationContext;
