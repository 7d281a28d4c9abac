import { interrupted, ToolError } from '../../errors.js';
import { listEntries, readDocument } from '../../journal/query.js';
import type { JournalReader } from '../../journal/reader.js';
import type { JournalEntry, RecordedFacts } from '../../journal/record.js';
import type { PayloadDocument } from '../../notification/document.js';
import { matchesPurchaseIds } from '../../purchase/match-purchase-id.js';
import { createContextsByRoot, findJournalFolder, noJournalError, openReader } from '../../session/journal.js';
import type { OpenSettings } from '../../settings/open.js';
import type { TrustedRoot } from '../../trust/roots.js';
import type { TimelineDeps, TimelineOptions } from './options.js';

interface JournalContext {
  readonly open: OpenSettings;
  readonly roots: readonly TrustedRoot[];
  readonly onDocument: (document: PayloadDocument) => void;
}

/**
 * Reads every verified notification of the journal, and verifies it again; with an id only those of purchases that may match. Throws usage
 * `ERR_JOURNAL_NONE`.
 */
export async function readJournalDocuments(
  { id, verbose }: TimelineOptions,
  { open, roots, onDocument }: JournalContext,
  deps: TimelineDeps,
): Promise<void> {
  const folder = findJournalFolder(open, deps);
  if (folder === null) throw noJournalError();
  const reader = await openReader(folder, { verbose }, deps);
  try {
    if (reader.isEmpty) throw noJournalError(reader);
    if (reader.notifications === 0) throw nothingVerified();
    const isWanted = id === undefined ? () => true : await purchasesWith(id, reader, deps);
    const contextFor = createContextsByRoot(folder, roots);
    for await (const entry of receipts(reader, deps))
      if (isWanted(entry)) onDocument(readDocument(entry, reader, contextFor));
  } finally {
    await reader.close();
  }
}

async function* receipts(reader: JournalReader, { signal }: TimelineDeps): AsyncGenerator<JournalEntry> {
  for await (const entry of listEntries(reader, { sinceMs: null, events: null, only: ['verified'] }, null)) {
    if (signal.aborted) throw interrupted();
    yield entry;
  }
}

/**
 * Tells by the recorded ids which entries are of a purchase with this id, so that the others are not opened. Records of earlier versions
 * have no ids: they are read.
 */
async function purchasesWith(
  id: string,
  reader: JournalReader,
  deps: TimelineDeps,
): Promise<(entry: JournalEntry) => boolean> {
  const purchases = new Set<string>();
  for await (const entry of receipts(reader, deps)) {
    const facts = factsWithIds(entry);
    if (facts === null) continue;
    const ids = [facts.transactionId, facts.originalTransactionId, facts.appAccountToken];
    if (matchesPurchaseIds(ids, id)) purchases.add(keyOf(facts));
  }
  return (entry) => {
    const facts = factsWithIds(entry);
    return facts === null || purchases.has(keyOf(facts));
  };
}

function factsWithIds(entry: JournalEntry): RecordedFacts | null {
  const facts = entry.type === 'receipt' ? entry.receipt.facts : null;
  return facts?.originalTransactionId === undefined ? null : facts;
}

const keyOf = ({ originalTransactionId, transactionId }: RecordedFacts): string =>
  originalTransactionId ?? transactionId ?? '';

function nothingVerified(): ToolError {
  return new ToolError('usage', 'ERR_JOURNAL_NONE', 'the journal has rejected bodies only, no verified notification', {
    hint: 'List them: storewire journal list --rejected. Test notifications need: storewire listen --trust-authority',
  });
}
