import { documentOf } from '../../journal/document.js';
import type { JournalEntry } from '../../journal/entry.js';
import { readBody, readEntries } from '../../journal/read.js';
import type { PayloadDocument } from '../../notification/document.js';
import type { EngineFor } from './engines.js';
import { type EntryFilter, passesFilter } from './filter.js';
import type { Survey } from './survey.js';

/** The entries that are wanted, oldest first; with a limit the newest so many of them. Tears were told by the survey. */
export async function* listEntries(
  folder: string,
  filter: EntryFilter,
  limit: number | null,
  { standings }: Pick<Survey, 'standings'>,
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
  engineFor: EngineFor,
): Promise<PayloadDocument> {
  if (entry.type === 'receipt') {
    const body = await readBody(folder, entry.location);
    return documentOf(entry, body, engineFor(entry.receipt.verdict.root));
  }
  const body = Buffer.from(entry.rejected.bodyBase64, 'base64');
  return documentOf(entry, body, engineFor(entry.rejected.verdict?.root ?? null));
}
