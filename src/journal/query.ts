import type { PayloadDocument } from '../notification/document.js';
import { matchesEvents } from '../notification/event-filter.js';
import type { VerificationContext } from '../notification/verification-context.js';
import { documentOf } from './document.js';
import { readBody, readEntries } from './read.js';
import type { JournalEntry, RecordedFacts } from './record.js';
import { type DeliveryStatuses, type JournalSummary, pendingTargets } from './summary.js';

/** Which entries are wanted. */
export interface EntryFilter {
  /** Null: since ever. */
  readonly sinceMs: number | null;
  /** As `--events` gives them; null: all. */
  readonly events: readonly string[] | null;
  /** Only what is at least one of these; empty: everything. */
  readonly only: readonly EntryTrait[];
}

/** `failed`: some target it was meant for has not accepted it, nor any of its repeats. */
type EntryTrait = 'verified' | 'failed' | 'repeats' | 'rejected';

export function passesFilter(entry: JournalEntry, filter: EntryFilter, standings: DeliveryStatuses): boolean {
  const { sinceMs, events, only } = filter;
  if (sinceMs !== null && receivedAtMs(entry) < sinceMs) return false;
  if (events !== null && !matchesEvents(factsOfEntry(entry)?.type ?? '', events)) return false;
  return only.length === 0 || only.some((trait) => hasTrait(entry, trait, standings));
}

export function receivedAtMs(entry: JournalEntry): number {
  return entry.type === 'receipt' ? entry.receipt.atMs : entry.rejected.atMs;
}

export function idOfEntry(entry: JournalEntry): string {
  return entry.type === 'receipt' ? entry.receipt.id : entry.rejected.id;
}

/** Null where the body could not be read. */
export function factsOfEntry(entry: JournalEntry): RecordedFacts | null {
  return entry.type === 'receipt' ? entry.receipt.facts : entry.rejected.facts;
}

function hasTrait(entry: JournalEntry, trait: EntryTrait, standings: DeliveryStatuses): boolean {
  if (entry.type === 'rejected') return trait === 'rejected';
  if (trait === 'verified') return true;
  if (trait === 'repeats') return entry.receipt.repeatOf !== null;
  return trait === 'failed' && pendingTargets(standings.of(entry.receipt)).length > 0;
}

/** The entries that are wanted, oldest first; with a limit the newest so many of them. Tears were told by the survey. */
export async function* listEntries(
  folder: string,
  filter: EntryFilter,
  limit: number | null,
  { standings }: Pick<JournalSummary, 'standings'>,
): AsyncGenerator<JournalEntry> {
  const { sinceMs } = filter;
  const newest: JournalEntry[] = [];
  const all = readEntries(folder, { onTear: () => undefined, ...(sinceMs === null ? {} : { sinceMs }) });
  for await (const entry of all) {
    if (!passesFilter(entry, filter, standings)) continue;
    if (limit === null) yield entry;
    else if (newest.push(entry) > 2 * limit) newest.splice(0, newest.length - limit);
  }
  if (limit !== null) yield* newest.slice(-limit);
}

/** The document of an entry, its body read from the journal. Throws usage `ERR_JOURNAL_READ` where it is gone by now. */
export async function readDocument(
  entry: JournalEntry,
  folder: string,
  engineFor: ContextForRoot,
): Promise<PayloadDocument> {
  if (entry.type === 'receipt') {
    const body = await readBody(folder, entry.location);
    return documentOf(entry, body, engineFor(entry.receipt.verdict.root));
  }
  const body = Buffer.from(entry.rejected.bodyBase64, 'base64');
  return documentOf(entry, body, engineFor(entry.rejected.verdict?.root ?? null));
}

/** Names the entry that came last. */
export const LAST = 'last';

/** Fewer characters name too much; more there are not. */
const ID = /^[0-9a-f]{4,16}$/;

/** Whether a word is the id of an entry, enough of its first characters, or `last`. Lower case. */
export function isEntryId(word: string): boolean {
  return word === LAST || ID.test(word);
}

/** Judges what was recorded under the root that it was recorded under. */
export type ContextForRoot = (recordedRoot: string | null) => VerificationContext;
