import { parseJsonObject } from '../jws/json.js';
import { buildDocument, buildLegacyDocument } from '../notification/build-document.js';
import { openPayload } from '../notification/open.js';
import {
  conditionsOf,
  endOf,
  type FilterField,
  matchesField,
  matchesIds,
  type PayloadFilter,
  type PayloadIds,
  payloadIdsOf,
} from '../notification/payload-filter.js';
import { tokenOfBody } from './document.js';
import { BODY_KEY, type RecordHead } from './encoding.js';
import { IndexDefect } from './index/index-file.js';
import type { IndexedFiles, Position } from './index/indexed-files.js';
import { hashValue } from './index/key.js';
import { type IndexRow, kindNumber, ROW_AT, ROW_BYTES, readRow } from './index/row.js';
import { NO_TEXT } from './index/texts.js';
import type { RecordedFacts } from './record.js';

/**
 * Finds the entries whose payload has these ids, oldest first, through the indexes as far as these can tell: names by their texts, a whole id
 * by its hash. The beginning of an id is looked for in the text of each record. A row that is found is compared with its record.
 * `onUnreadable` is called for each rejected body in which no payload could be read, so that it has no ids.
 */
export async function findByIds(
  filter: PayloadFilter,
  files: IndexedFiles,
  onUnreadable: () => void = () => undefined,
): Promise<readonly Position[]> {
  const numbers = files.ofKinds('main', 'rejected');
  const tests = conditionsOf(filter).map((field) => rowTestOf(field, filter[field]!, files, numbers));
  const found: Position[] = [];
  let unreadable = 0;
  for (const file of numbers) {
    for (;;) {
      const inFile = findInFile(file, filter, tests, files);
      if (inFile !== null) {
        found.push(...inFile.positions);
        unreadable += inFile.unreadable;
        break;
      }
      await files.rebuild(file, 'it does not match the file');
    }
  }
  for (let count = 0; count < unreadable; count++) onUnreadable();
  // Stable: the order of the files is that of receipt.
  return found.sort((one, other) => one.data.atMs - other.data.atMs);
}

interface FoundInFile {
  readonly positions: readonly Position[];
  readonly unreadable: number;
}

/** Null where the index proved wrong and may be built again. */
function findInFile(
  file: number,
  filter: PayloadFilter,
  tests: readonly RowTest[],
  files: IndexedFiles,
): FoundInFile | null {
  const rows = rowsOrNone(files, file);
  if (rows === null) return files.isRebuilt(file) ? { positions: [], unreadable: 0 } : null;
  const positions: Position[] = [];
  let unreadable = 0;
  for (let row = 0, at = 0; at < rows.byteLength; row += 1, at += ROW_BYTES) {
    const kind = rows.getUint8(at + ROW_AT.kind);
    const isRejected = kind === REJECTED;
    if (!isRejected && kind !== RECEIPT) continue;
    if (isRejected && rows.getUint16(at + ROW_AT.type) === NO_TEXT) {
      unreadable += 1;
      continue;
    }
    // A rejected body has its ids in its text only.
    if (!isRejected && !tests.every((test) => test(rows, at, file))) continue;
    const position = { file, row, data: readRow(rows, at) };
    const head = files.headAt(position);
    if (head === null && !files.isRebuilt(file)) return null;
    if (head !== null && matchesIds(idsOfRecord(head), filter)) positions.push(position);
  }
  return { positions, unreadable };
}

const RECEIPT = kindNumber('receipt');

const REJECTED = kindNumber('rejected');

/** Judges a row by its bytes: most rows of a journal are not read further. */
type RowTest = (rows: DataView, at: number, file: number) => boolean;

function rowTestOf(field: FilterField, wanted: string, files: IndexedFiles, numbers: readonly number[]): RowTest {
  if (field === 'productId' || field === 'bundleId') {
    return (rows, at, file) => {
      const text = files.list[file]!.index.texts.textOf(rows.getUint16(at + ROW_AT[field]));
      return text === undefined || (text !== null && matchesField(field, [text], wanted));
    };
  }
  const hashes = [...new Set([wanted, wanted.toLowerCase(), wanted.toUpperCase()].map(hashValue))];
  const offsets = HASHES[field];
  const hasHash: RowTest = (rows, at) => offsets.some((offset) => hashes.includes(rows.getUint32(at + offset)));
  if (isWhole(field, wanted, hasHash, files, numbers)) return hasHash;
  const end = endOf(wanted);
  const quoted = Buffer.from(JSON.stringify(end ?? wanted).slice(1, -1)).toString('latin1');
  const needle = (end === null ? `":"${quoted}` : `${quoted}"`).toLowerCase();
  return (rows, at, file) =>
    offsets.some((offset) => rows.getUint32(at + offset) !== 0) && mayContain(files, file, readRow(rows, at), needle);
}

const HASHES = {
  transactionId: [ROW_AT.originalTransactionId, ROW_AT.transactionId],
  accountToken: [ROW_AT.appAccountToken],
  uuid: [ROW_AT.uuid],
} as const satisfies Partial<Record<FilterField, readonly number[]>>;

/** True where a record has exactly this id: then no other is meant that only begins with it. */
function isWhole(
  field: keyof typeof HASHES,
  wanted: string,
  hasHash: RowTest,
  files: IndexedFiles,
  numbers: readonly number[],
): boolean {
  return numbers.some((file) => {
    const rows = rowsOrNone(files, file);
    for (let row = 0, at = 0; rows !== null && at < rows.byteLength; row += 1, at += ROW_BYTES) {
      if (!hasHash(rows, at, file)) continue;
      const head = files.headAt({ file, row, data: readRow(rows, at) });
      const ids = head === null ? [] : idsOfRecord(head)[field];
      if (ids.some((id) => id.toLowerCase() === wanted.toLowerCase())) return true;
    }
    return false;
  });
}

/** False where the head of a record does not contain this text. Parsing and checking a million records would take ten times as long. */
function mayContain(files: IndexedFiles, file: number, data: IndexRow, needle: string): boolean {
  const start = files.startOf(file, data);
  if (start === null) return true;
  const end = start.indexOf(BODY_KEY);
  return end === -1 || start.toString('latin1', 0, end).toLowerCase().includes(needle);
}

/** Null for an index that proves wrong. */
function rowsOrNone(files: IndexedFiles, file: number): DataView | null {
  try {
    return files.list[file]!.index.rows();
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
