import { createHash } from 'node:crypto';
import { parseJson, stringifyJson } from '../../jws/json.js';
import type { Origin } from '../../notification/build-document.js';
import type { PayloadDocument } from '../../notification/document.js';
import type { InspectorRow } from '../wire.js';
import { purchaseIdOf, rowOfDocument, textField } from './rows.js';
import { parseQuery, type SearchText, searchTextOf } from './search.js';
import { MAX_PURCHASE_DOCUMENTS, type NotificationSource } from './source.js';
import { createTextStore, type TextStore } from './text-store.js';

/** Payloads of files and pipes, which are added while they are read. */
export interface InputSource extends NotificationSource {
  /** Adds the document of a token. `jws` and `origin` give it again. */
  addToken(document: PayloadDocument, jws: string, origin: Origin): void;
  /** Adds a document without a token. */
  addDocument(document: PayloadDocument): void;
}

/** What stays in memory of a payload. */
interface Held {
  readonly row: InspectorRow;
  readonly text: SearchText;
  /** Environment and id of its purchase. */
  readonly purchase: string | null;
  /** Null for a document that is stored as such. */
  readonly origin: Origin | null;
}

/** `verify`: builds the document of a token, as when it was added. */
export function createInputSource(
  verify: (jws: string, origin: Origin) => PayloadDocument,
  store: TextStore = createTextStore(),
): InputSource {
  const held: Held[] = [];
  const numbers = new Map<string, number>();
  let added: string[] = [];

  const add = (document: PayloadDocument, text: string, origin: Origin | null): void => {
    const position = store.add(text);
    const id = freeId(document, text, position, numbers);
    const row = rowOfDocument(document, id, position);
    const ids = {
      transactionId: textField(document.transaction, 'transactionId') ?? undefined,
      appAccountToken: textField(document.transaction ?? document.renewalInfo, 'appAccountToken') ?? undefined,
    };
    const purchaseId = purchaseIdOf(document);
    const purchase = purchaseId === null ? null : `${row.environment} ${purchaseId}`;
    held.push({ row, text: searchTextOf(row, ids), purchase, origin });
    numbers.set(id, position);
    added.push(id);
  };
  const documentAt = (position: number): PayloadDocument => {
    const { origin } = held[position]!;
    const text = store.read(position);
    if (origin === null) return parseJson(text) as unknown as PayloadDocument;
    return verify(text, origin);
  };

  return {
    addToken: add,
    addDocument: (document) => add(document, stringifyJson(document), null),
    get total() {
      return held.length;
    },
    refresh() {
      const ids = added;
      added = [];
      return Promise.resolve({ ids, isReset: false });
    },
    list(query, { offset, limit }) {
      const test = parseQuery(query);
      const found = test === null ? held : held.filter(({ text }) => test(text));
      const end = Math.max(0, found.length - offset);
      const rows = found
        .slice(Math.max(0, end - limit), end)
        .map(({ row }) => row)
        .reverse();
      return Promise.resolve({ total: found.length, rows });
    },
    // Each payload has its text since it was added.
    prepareSearch() {},
    rowOf: (id) => held[numbers.get(id) ?? -1]?.row ?? null,
    open(id) {
      const position = numbers.get(id);
      if (position === undefined) return null;
      const document = documentAt(position);
      const { row, origin } = held[position]!;
      const body = origin === null ? null : Buffer.from(JSON.stringify({ signedPayload: store.read(position) }));
      const isNotification = document.kind === 'notification';
      return {
        row,
        document,
        body,
        canBeSent: isNotification,
        contentType: null,
        responses: (document.deliveries ?? []).map(() => null),
      };
    },
    purchaseDocuments(id) {
      const position = numbers.get(id);
      if (position === undefined) return [];
      const { purchase } = held[position]!;
      if (purchase === null) return [documentAt(position)];
      const positions = held.flatMap((other, at) => (other.purchase === purchase ? [at] : []));
      return positions.slice(-MAX_PURCHASE_DOCUMENTS).map(documentAt);
    },
    close() {
      store.close();
      return Promise.resolve();
    },
  };
}

const ID = /^[0-9a-f]{16}$/;

const ID_DIGITS = 16;

/** The id of a journal entry where it has one, else one of the content; of a repeated one, of the position too. */
function freeId(
  { received }: PayloadDocument,
  text: string,
  position: number,
  taken: ReadonlyMap<string, number>,
): string {
  const own = received?.id ?? '';
  if (ID.test(own) && !taken.has(own)) return own;
  const idOf = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, ID_DIGITS);
  const id = idOf(text);
  return taken.has(id) ? idOf(`${position} ${text}`) : id;
}
