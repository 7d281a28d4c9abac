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

/** Notifications of the journal, also while it does not exist yet and while another process writes it. */
export function followJournal(options: JournalSourceOptions): NotificationSource {
  const pause = (): Promise<void> => options.sleep(0);
  let journal: FollowedJournal | null = null;
  let contextFor: ContextForRoot | null = null;
  let texts: SearchTexts | null = null;

  const load = async (): Promise<SourceChanges> => {
    const folder = options.findFolder();
    if (folder === null) return NO_CHANGES;
    const opened = await FollowedJournal.open(folder, pause);
    const before = journal;
    texts?.close();
    journal = opened;
    contextFor = options.contextFor(folder);
    texts = new SearchTexts(opened, pause);
    await before?.close();
    return { ids: [], isReset: true };
  };
  const rowAt = (position: number): InspectorRow | null => {
    const entry = journal?.entryAt(position) ?? null;
    return entry === null ? null : rowOfEntry(entry, position);
  };
  const documentOfEntry = (entry: JournalEntry, body: Uint8Array): PayloadDocument =>
    documentOf(entry, body, contextFor!(recordedRoot(entry)));

  return {
    get total() {
      return journal?.size ?? 0;
    },
    async refresh() {
      if (journal === null) return load();
      const ids = await journal.refresh();
      if (ids === null) return load();
      for (const id of ids) {
        const position = journal.positionOf(id);
        if (position === undefined) continue;
        texts?.set(position, journal.entryAt(position));
      }
      return { ids, isReset: false };
    },
    async list(query, { offset, limit }: RowRange) {
      if (journal === null) return { total: 0, rows: [] };
      const test = parseQuery(query);
      if (test === null) {
        const { size } = journal;
        const positions = Array.from(
          { length: Math.max(0, Math.min(limit, size - offset)) },
          (_, at) => size - 1 - offset - at,
        );
        return { total: size, rows: positions.map((at) => rowAt(at) ?? missingRow(journal!.idAt(at), at)) };
      }
      // Again where the journal was opened again meanwhile.
      while (texts !== null) {
        const from: FollowedJournal = journal;
        const found = await texts.search(query, test);
        if (found === null || journal !== from) continue;
        const rows = found.slice(offset, offset + limit).map((at) => rowAt(at) ?? missingRow(from.idAt(at), at));
        return { total: found.length, rows };
      }
      return { total: 0, rows: [] };
    },
    rowOf(id) {
      const position = journal?.positionOf(id);
      return position === undefined ? null : rowAt(position);
    },
    open(id): OpenedNotification | null {
      const position = journal?.positionOf(id);
      const entry = position === undefined ? null : (journal?.entryAt(position) ?? null);
      const body = entry === null ? null : (journal?.bodyOf(entry) ?? null);
      if (position === undefined || entry === null || body === null) return null;
      return {
        row: rowOfEntry(entry, position),
        document: documentOfEntry(entry, body),
        body,
        canBeSent: entry.type === 'receipt' || body.length === entry.rejected.bytes,
        contentType: entry.type === 'receipt' ? entry.receipt.contentType : entry.rejected.contentType,
        ...variantOf(entry),
        responses: entry.deliveries.map(({ detail }) => detail ?? null),
      };
    },
    purchaseDocuments(id) {
      const position = journal?.positionOf(id);
      if (journal === null || position === undefined) return [];
      const from = journal;
      return from.purchaseEntries(position, MAX_PURCHASE_DOCUMENTS).flatMap((entry) => {
        const body = from.bodyOf(entry);
        return body === null ? [] : [documentOfEntry(entry, body)];
      });
    },
    prepareSearch: () => texts?.prepare(),
    async close() {
      const before = journal;
      texts?.close();
      [journal, texts] = [null, null];
      await before?.close();
    },
  };
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
