import type { PayloadDocument } from '../../notification/document.js';
import type { InspectorRow } from '../wire.js';

/** Notifications that the page shows: of a journal, or of an input. */
export interface NotificationSource {
  /** Reads what was added since the last call. Throws the errors of the journal. */
  refresh(): Promise<SourceChanges>;
  readonly total: number;
  /** Rows that match the words of `query`, newest first. */
  list(query: string, range: RowRange): Promise<{ readonly total: number; readonly rows: readonly InspectorRow[] }>;
  /** Reads what a search needs in the background, so that the first one is answered as fast as the next; nothing where that was done. */
  prepareSearch(): void;
  /** Null for an unknown id. */
  rowOf(id: string): InspectorRow | null;
  /** Opens a notification; null for an unknown id, or a record that was removed. */
  open(id: string): OpenedNotification | null;
  /** Documents of the same purchase, at most the newest {@link MAX_PURCHASE_DOCUMENTS}, in the order of arrival. */
  purchaseDocuments(id: string): readonly PayloadDocument[];
  close(): Promise<void>;
}

export interface RowRange {
  readonly offset: number;
  readonly limit: number;
}

/** Ids of new and changed rows, in the order they were read; `isReset`: rows have gone or moved. */
export interface SourceChanges {
  readonly ids: readonly string[];
  readonly isReset: boolean;
}

export const NO_CHANGES: SourceChanges = { ids: [], isReset: false };

export interface OpenedNotification {
  readonly row: InspectorRow;
  readonly document: PayloadDocument;
  /** As received; of an input, `{"signedPayload":…}`. Null where there is no token. */
  readonly body: Uint8Array | null;
  /** False for a rejected body of which only the start is stored, and for a payload that is no notification. */
  readonly canBeSent: boolean;
  /** As received; null where it is not known. */
  readonly contentType: string | null;
  /** See `notificationKey`; absent for most. */
  readonly variant?: string;
  /** Texts of targets, in the order of `document.deliveries`. */
  readonly responses: readonly (string | null)[];
}

/** A purchase has one notification a period, and few beside them. */
export const MAX_PURCHASE_DOCUMENTS = 500;
