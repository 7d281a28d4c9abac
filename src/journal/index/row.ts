import type { RecordHead, RecordType } from '../encoding.js';
import type { RecordedFacts } from '../record.js';
import { hashKey, hashValue, keyText, keyTextOf } from './key.js';
import type { TextTable } from './texts.js';

/** Bytes of a row: one for each record of a file, in the order of the file. */
export const ROW_BYTES = 64;

/** One record as the index knows it. A text is its number in the text table of the file. */
export interface IndexRow {
  readonly offset: number;
  readonly atMs: number;
  readonly idHigh: number;
  readonly idLow: number;
  readonly keyHigh: number;
  readonly keyLow: number;
  readonly bytes: number;
  readonly kind: RecordType;
  readonly flags: number;
  readonly type: number;
  readonly bundleId: number;
  readonly productId: number;
  readonly environment: number;
  readonly target: number;
  /** Hashes of values; 0 where the record does not have the value. */
  readonly originalTransactionId: number;
  readonly transactionId: number;
  readonly appAccountToken: number;
  readonly uuid: number;
}

export const FLAG = { repeat: 1, accepted: 2, synthetic: 4, first: 8 } as const;

const KINDS: readonly RecordType[] = ['receipt', 'answer', 'delivery', 'run', 'rejected'];

/** Writes the row of a record at a position, which is zero so far. Nothing is built in between: an index may have millions of rows. */
export function writeRow(
  view: DataView,
  at: number,
  record: RecordHead,
  { offset, bytes }: { readonly offset: number; readonly bytes: number },
  texts: TextTable,
): void {
  view.setFloat64(at, offset);
  view.setFloat64(at + 8, record.atMs);
  writeId(view, at + 16, record.type === 'run' ? record.run : record.id);
  const { high, low } = hashKey(keyTextOfRecord(record));
  view.setUint32(at + 24, high);
  view.setUint32(at + 28, low);
  view.setUint32(at + 32, bytes);
  view.setUint8(at + 36, KINDS.indexOf(record.type));
  if (record.type === 'delivery') {
    view.setUint8(at + 37, record.outcome === 'accepted' ? FLAG.accepted : 0);
    view.setUint16(at + 46, texts.add(record.target));
  } else if (record.type === 'receipt') {
    const isFirst = (record.repeatOf ?? null) === null;
    view.setUint8(at + 37, (isFirst ? FLAG.first : FLAG.repeat) | (record.synthetic ? FLAG.synthetic : 0));
    writeFacts(view, at, record.facts, texts);
  } else if (record.type === 'rejected' && record.facts !== null) writeFacts(view, at, record.facts, texts);
}

function writeFacts(view: DataView, at: number, facts: RecordedFacts, texts: TextTable): void {
  view.setUint16(at + 38, texts.add(facts.type));
  view.setUint16(at + 40, texts.add(facts.bundleId));
  view.setUint16(at + 42, texts.add(facts.productId));
  view.setUint16(at + 44, texts.add(facts.environment));
  view.setUint32(at + 48, hashValue(facts.originalTransactionId));
  view.setUint32(at + 52, hashValue(facts.transactionId));
  view.setUint32(at + 56, hashValue(facts.appAccountToken));
  view.setUint32(at + 60, hashValue(facts.uuid));
}

/** Key that a record shares with the others of its notification. */
export function keyTextOfRecord(record: RecordHead): string {
  if (record.type === 'receipt') return keyTextOf(record);
  if (record.type === 'delivery') return keyText(record.uuid, record.id);
  return keyText(null, record.type === 'run' ? record.run : record.id);
}

export function readRow(view: DataView, at: number): IndexRow {
  return {
    offset: view.getFloat64(at),
    atMs: view.getFloat64(at + 8),
    idHigh: view.getUint32(at + 16),
    idLow: view.getUint32(at + 20),
    keyHigh: view.getUint32(at + 24),
    keyLow: view.getUint32(at + 28),
    bytes: view.getUint32(at + 32),
    kind: KINDS[view.getUint8(at + 36)] ?? 'run',
    flags: view.getUint8(at + 37),
    type: view.getUint16(at + 38),
    bundleId: view.getUint16(at + 40),
    productId: view.getUint16(at + 42),
    environment: view.getUint16(at + 44),
    target: view.getUint16(at + 46),
    originalTransactionId: view.getUint32(at + 48),
    transactionId: view.getUint32(at + 52),
    appAccountToken: view.getUint32(at + 56),
    uuid: view.getUint32(at + 60),
  };
}

/** Fields of a row that a scan over all rows reads without decoding the others. */
export const ROW_AT = {
  ...{ atMs: 8, idHigh: 16, idLow: 20, keyHigh: 24, bytes: 32, kind: 36, flags: 37 },
  ...{ type: 38, bundleId: 40, productId: 42 },
  ...{ originalTransactionId: 48, transactionId: 52, appAccountToken: 56, uuid: 60 },
} as const;

/** Number of a record type in a row. */
export function kindNumber(kind: RecordType): number {
  return KINDS.indexOf(kind);
}

const ID = /^[0-9a-f]{16}$/;

function writeId(view: DataView, at: number, id: string): void {
  const { idHigh, idLow } = idWords(id);
  view.setUint32(at, idHigh);
  view.setUint32(at + 4, idLow);
}

/** The two halves of an id; of the id of a run by an earlier version, which may be any text, its hash. */
export function idWords(id: string): { readonly idHigh: number; readonly idLow: number } {
  if (ID.test(id)) return { idHigh: Number.parseInt(id.slice(0, 8), 16), idLow: Number.parseInt(id.slice(8), 16) };
  const { high, low } = hashKey(id);
  return { idHigh: high, idLow: low };
}

export function idText({ idHigh, idLow }: Pick<IndexRow, 'idHigh' | 'idLow'>): string {
  return idHigh.toString(16).padStart(8, '0') + idLow.toString(16).padStart(8, '0');
}
