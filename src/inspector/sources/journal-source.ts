import { documentOf } from '../../journal/document.js';
import type { ContextForRoot } from '../../journal/query.js';
import { type JournalEntry, recordedRoot } from '../../journal/record.js';
import type { PayloadDocument } from '../../notification/document.js';
import type { InspectorRow } from '../wire.js';
import { FollowedJournal } from './followed-journal.js';
import { rowOfEntry } from './rows.js';
import { parseQuery } from './search.js';
import { SearchTexts } from './search-texts.js';
import {
  MAX_PURCHASE_DOCUMENTS,
  NO_CHANGES,
  type NotificationSource,
  type OpenedNotification,
  type RowRange,
  type SourceChanges,
} from './source.js';

export interface JournalSourceOptions {
  /** State folder with the journal; null as long as there is none. */
  findFolder(): string | null;
  contextFor(folder: string): ContextForRoot;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The journal as it was opened last, with what its entries are verified and searched with. */
interface OpenJournal {
  readonly journal: FollowedJournal;
  readonly contextFor: ContextForRoot;
  readonly texts: SearchTexts;
}

/** Notifications of the journal, also while it does not exist yet and while another process writes it. */
export function followJournal(options: JournalSourceOptions): NotificationSource {
  const pause = (): Promise<void> => options.sleep(0);
  let open: OpenJournal | null = null;

  const load = async (): Promise<SourceChanges> => {
    const folder = options.findFolder();
    if (folder === null) return NO_CHANGES;
    const journal = await FollowedJournal.open(folder, pause);
    const before = open;
    before?.texts.close();
    open = { journal, contextFor: options.contextFor(folder), texts: new SearchTexts(journal, pause) };
    await before?.journal.close();
    return { ids: [], isReset: true };
  };
  return {
    get total() {
      return open?.journal.size ?? 0;
    },
    async refresh() {
      if (open === null) return load();
      const { journal, texts } = open;
      const ids = await journal.refresh();
      if (ids === null) return load();
      for (const id of ids) {
        const position = journal.positionOf(id);
        if (position !== undefined) texts.set(position, journal.entryAt(position));
      }
      return { ids, isReset: false };
    },
    async list(query, range) {
      const test = parseQuery(query);
      if (open !== null && test === null) return listAll(open.journal, range);
      // Again where the journal was opened again meanwhile.
      while (open !== null && test !== null) {
        const from: OpenJournal = open;
        const found = await from.texts.search(query, test);
        if (found === null || open !== from) continue;
        const { offset, limit } = range;
        const rows = found.slice(offset, offset + limit).map((position) => rowAt(from.journal, position));
        return { total: found.length, rows };
      }
      return { total: 0, rows: [] };
    },
    rowOf(id) {
      const position = open?.journal.positionOf(id);
      return open === null || position === undefined ? null : findRow(open.journal, position);
    },
    open: (id) => (open === null ? null : openEntry(open, id)),
    purchaseDocuments: (id) => (open === null ? [] : purchaseDocumentsOf(open, id)),
    prepareSearch: () => open?.texts.prepare(),
    async close() {
      const before = open;
      open = null;
      before?.texts.close();
      await before?.journal.close();
    },
  };
}

/** Rows without a filter, newest first. */
function listAll(
  journal: FollowedJournal,
  { offset, limit }: RowRange,
): { readonly total: number; readonly rows: readonly InspectorRow[] } {
  const { size } = journal;
  const length = Math.max(0, Math.min(limit, size - offset));
  return { total: size, rows: Array.from({ length }, (_, at) => rowAt(journal, size - 1 - offset - at)) };
}

/** Null where the record is damaged or was removed. */
function findRow(journal: FollowedJournal, position: number): InspectorRow | null {
  const entry = journal.entryAt(position);
  return entry === null ? null : rowOfEntry(entry, position);
}

function rowAt(journal: FollowedJournal, position: number): InspectorRow {
  return findRow(journal, position) ?? missingRow(journal.idAt(position), position);
}

function openEntry({ journal, contextFor }: OpenJournal, id: string): OpenedNotification | null {
  const position = journal.positionOf(id);
  const entry = position === undefined ? null : journal.entryAt(position);
  const body = entry === null ? null : journal.bodyOf(entry);
  if (position === undefined || entry === null || body === null) return null;
  return {
    row: rowOfEntry(entry, position),
    document: documentOf(entry, body, contextFor(recordedRoot(entry))),
    body,
    canBeSent: entry.type === 'receipt' || body.length === entry.rejected.bytes,
    contentType: entry.type === 'receipt' ? entry.receipt.contentType : entry.rejected.contentType,
    ...variantOf(entry),
    responses: entry.deliveries.map(({ detail }) => detail ?? null),
  };
}

function purchaseDocumentsOf({ journal, contextFor }: OpenJournal, id: string): readonly PayloadDocument[] {
  const position = journal.positionOf(id);
  if (position === undefined) return [];
  return journal.purchaseEntries(position, MAX_PURCHASE_DOCUMENTS).flatMap((entry) => {
    const body = journal.bodyOf(entry);
    return body === null ? [] : [documentOf(entry, body, contextFor(recordedRoot(entry)))];
  });
}

function variantOf(entry: JournalEntry): Pick<OpenedNotification, 'variant'> {
  const variant = entry.type === 'receipt' ? entry.receipt.facts.variant : undefined;
  return variant === undefined ? {} : { variant };
}

/** A record that is damaged, or was removed a moment ago. */
function missingRow(id: string, position: number): InspectorRow {
  return {
    ...{ id, position, atMs: null, type: 'unreadable record' },
    ...{ productId: null, bundleId: null, environment: null, originalTransactionId: null, uuid: null },
    ...{ verdict: null, reason: null, answered: null, isRepeat: false, isSynthetic: false, isRejected: false },
    targets: [],
  };
}
