import type { JournalEntry } from '../../journal/entry.js';
import type { RecordedFacts } from '../../journal/record.js';
import { matchesEvents } from '../../listener/forward/events.js';
import { openTargets, type Standings } from './standing.js';

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
export type EntryTrait = 'verified' | 'failed' | 'repeats' | 'rejected';

export function passesFilter(entry: JournalEntry, filter: EntryFilter, standings: Standings): boolean {
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

function hasTrait(entry: JournalEntry, trait: EntryTrait, standings: Standings): boolean {
  if (entry.type === 'rejected') return trait === 'rejected';
  if (trait === 'verified') return true;
  if (trait === 'repeats') return entry.receipt.repeatOf !== null;
  return trait === 'failed' && openTargets(standings.of(entry.receipt)).length > 0;
}
