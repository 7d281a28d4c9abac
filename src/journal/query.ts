import type { PayloadDocument } from '../notification/document.js';
import { matchesEvents } from '../notification/event-filter.js';
import type { VerificationContext } from '../notification/verification-context.js';
import { documentOf } from './document.js';
import { readEntries, readRecordedBody } from './read.js';
import type { JournalEntry, RecordedFacts } from './record.js';
import { type DeliveryStatuses, type JournalSummary, pendingTargets } from './summary.js';

/** Selects entries of the journal. */
export interface EntryFilter {
  /** Time of receipt (ms) of the oldest entry; null for no limit. */
  readonly sinceMs: number | null;
  /** Types as `--events` gives them; null for all. */
  readonly events: readonly string[] | null;
  /** Entries must have at least one of these; empty for no condition. */
  readonly only: readonly EntryTrait[];
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

/** Lists the entries that pass the filter, oldest first; a limit keeps the newest ones. Damaged lines are reported by the summary. */
export async function* listEntries(
  folder: string,
  filter: EntryFilter,
  limit: number | null,
  { statuses }: Pick<JournalSummary, 'statuses'>,
): AsyncGenerator<JournalEntry> {
  const { sinceMs } = filter;
  const newest: JournalEntry[] = [];
  const all = readEntries(folder, { onDamagedLine: () => undefined, ...(sinceMs === null ? {} : { sinceMs }) });
  for await (const entry of all) {
    if (!passesFilter(entry, filter, statuses)) continue;
    if (limit === null) yield entry;
    else if (newest.push(entry) > 2 * limit) newest.splice(0, newest.length - limit);
  }
  if (limit !== null) yield* newest.slice(-limit);
}

/** Builds the document of an entry, with its body from the journal. Throws usage `ERR_JOURNAL_READ` where the body was removed. */
export async function readDocument(
  entry: JournalEntry,
  folder: string,
  contextFor: ContextForRoot,
): Promise<PayloadDocument> {
  if (entry.type === 'receipt') {
    const body = await readRecordedBody(folder, entry.location);
    return documentOf(entry, body, contextFor(entry.receipt.verdict.root));
  }
  const body = Buffer.from(entry.rejected.bodyBase64, 'base64');
  return documentOf(entry, body, contextFor(entry.rejected.verdict?.root ?? null));
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
