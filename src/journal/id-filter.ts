import { parseJsonObject } from '../jws/json.js';
import { buildDocument, buildLegacyDocument } from '../notification/build-document.js';
import { openPayload } from '../notification/open.js';
import {
  conditionsOf,
  type FilterField,
  matchesField,
  matchesIds,
  type PayloadFilter,
  type PayloadIds,
  payloadIdsOf,
} from '../notification/payload-filter.js';
import { tokenOfBody } from './document.js';
import type { RecordHead } from './encoding.js';
import type { FileIndex } from './index/file-index.js';
import { IndexDefect } from './index/index-file.js';
import type { IndexedFiles } from './index/indexed-files.js';
import { hashValue } from './index/key.js';
import { type IndexRow, ROW_BYTES } from './index/row.js';
import { NO_TEXT } from './index/texts.js';
import type { RowFilter } from './reader.js';
import type { RecordedFacts } from './record.js';

/**
 * Answers a filter through the indexes as far as these can: names by their texts, a whole id by its hash. The beginning of an id has to be
 * compared with each record that has such an id. A row that the index accepts is compared with its record, too.
 */
export function openIdFilter(
  filter: PayloadFilter,
  files: IndexedFiles,
  onUnreadable: () => void = () => undefined,
): RowFilter {
  const tests = conditionsOf(filter).map((field) => rowTestOf(field, filter, files));
  return (position) => {
    const { data } = position;
    if (data.kind === 'rejected' && data.type === NO_TEXT) {
      onUnreadable();
      return false;
    }
    // A rejected body has its ids in its text only.
    if (data.kind !== 'rejected' && !tests.every((test) => test(position))) return false;
    const head = files.headAt(position);
    // A row that leads to no record is for the reader, who has its index built again.
    return head === null || matchesIds(idsOfRecord(head), filter);
  };
}

function rowTestOf(field: FilterField, filter: PayloadFilter, files: IndexedFiles): RowFilter {
  const wanted = filter[field]!;
  if (field === 'productId' || field === 'bundleId') {
    return ({ file, data }) => {
      const text = files.list[file]!.index.texts.textOf(data[field]);
      return text === undefined || (text !== null && matchesField(field, [text], wanted));
    };
  }
  const hashes = new Set([wanted, wanted.toLowerCase(), wanted.toUpperCase()].map(hashValue));
  const columns = COLUMNS[field];
  if (isWhole(field, wanted, hashes, files)) return ({ data }) => columns.some((column) => hashes.has(data[column]));
  return ({ data }) => columns.some((column) => data[column] !== 0);
}

const COLUMNS = {
  transactionId: ['originalTransactionId', 'transactionId'],
  accountToken: ['appAccountToken'],
  uuid: ['uuid'],
} as const satisfies Partial<Record<FilterField, readonly (keyof IndexRow)[]>>;

/** Byte of each hash in a row. */
const HASH_AT = { originalTransactionId: 48, transactionId: 52, appAccountToken: 56, uuid: 60 } as const;

/** True where a record has exactly this id: then no other is meant that only begins with it. */
function isWhole(
  field: keyof typeof COLUMNS,
  wanted: string,
  hashes: ReadonlySet<number>,
  files: IndexedFiles,
): boolean {
  return files.ofKinds('main').some((file) => {
    const { index } = files.list[file]!;
    const rows = rowsOrNone(index);
    if (rows === null) return false;
    for (let row = 0; row < index.size; row++) {
      if (!COLUMNS[field].some((column) => hashes.has(rows.getUint32(row * ROW_BYTES + HASH_AT[column])))) continue;
      const head = files.headAt(files.positionOf(file, row));
      const ids = head === null ? [] : idsOfRecord(head)[field];
      if (ids.some((id) => id.toLowerCase() === wanted.toLowerCase())) return true;
    }
    return false;
  });
}

/** Null for an index that proves wrong: it is built again when its entries are listed. */
function rowsOrNone(index: FileIndex): DataView | null {
  try {
    return index.rows();
  } catch (error) {
    if (error instanceof IndexDefect) return null;
    throw error;
  }
}

function idsOfRecord(record: RecordHead): PayloadIds {
  if (record.type === 'receipt') return idsOfFacts(record.facts);
  if (record.type !== 'rejected' || record.facts === null) return NO_IDS;
  return idsInBody(Buffer.from(record.bodyBase64, 'base64')) ?? idsOfFacts(record.facts);
}

function idsOfFacts(facts: RecordedFacts): PayloadIds {
  const { originalTransactionId, transactionId, appAccountToken, productId, uuid, bundleId } = facts;
  return {
    transactionId: textsOf(originalTransactionId, transactionId),
    accountToken: textsOf(appAccountToken),
    productId: textsOf(productId),
    uuid: textsOf(uuid),
    bundleId: textsOf(bundleId),
  };
}

const NO_IDS: PayloadIds = { transactionId: [], accountToken: [], productId: [], uuid: [], bundleId: [] };

function textsOf(...values: readonly (string | null | undefined)[]): readonly string[] {
  return values.filter((value) => typeof value === 'string');
}

/** Ids in a rejected body; null where its stored part is no whole body. */
function idsInBody(bytes: Buffer): PayloadIds | null {
  const body = parseJsonObject(bytes);
  if (body === null) return null;
  const jws = tokenOfBody(body);
  const origin = { source: '', repaired: [] };
  if (jws === null) return payloadIdsOf(buildLegacyDocument(origin, body, null));
  return payloadIdsOf(buildDocument(origin, openPayload(jws), null, { raw: false, headerView: null }));
}
