import { crc32 } from 'node:zlib';
import type { JournalRecord, ReceiptHead, ReceiptRecord } from './record.js';
import { isRecord } from './record-shape.js';

/** A record without the body of a receipt, which a reader leaves unparsed. */
export type RecordHead = Exclude<JournalRecord, ReceiptRecord> | ReceiptHead;

export type RecordType = JournalRecord['type'];

/** A line to be written: its parts in order, with the newline. */
export interface EncodedLine {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

/**
 * Encodes a record as a line. The line begins with the CRC-32 of the rest, so that damage is detected even where the line still parses;
 * `type` comes next, so that a reader can skip lines of other types.
 */
export function encodeRecord(record: Exclude<JournalRecord, ReceiptRecord>): EncodedLine {
  const rest = JSON.stringify(typeFirst(record)).slice(1);
  const line = Buffer.from(`{"crc":"${hex(crc32(rest))}",${rest}\n`);
  return { parts: [line], bytes: line.length };
}

/** Encodes a receipt. `bodyJson` is the body as a JSON string literal in UTF-8, in parts: none is parsed, escaped or copied here. */
export function encodeReceipt(head: ReceiptHead, bodyJson: readonly Uint8Array[]): EncodedLine {
  const rest = `${JSON.stringify(typeFirst(head)).slice(1, -1)},"body":`;
  const crc = crc32(
    CLOSING,
    bodyJson.reduce((sum, part) => crc32(part, sum), crc32(rest)),
  );
  const start = Buffer.from(`{"crc":"${hex(crc)}",${rest}`);
  const bodyBytes = bodyJson.reduce((sum, part) => sum + part.length, 0);
  return { parts: [start, ...bodyJson, CLOSING_LINE], bytes: start.length + bodyBytes + CLOSING_LINE.length };
}

/** Reads the type at the start of a line without parsing it; null where there is none. */
export function peekType(line: Buffer): RecordType | null {
  const at = line.indexOf(TYPE_PREFIX);
  if (at !== TYPE_AT && at !== TYPE_AT_WITHOUT_CHECKSUM) return null;
  return TYPE_OF_START[line.toString('latin1', at + TYPE_PREFIX.length, at + TYPE_PREFIX.length + 3)] ?? null;
}

/** Parses a line without its newline; the body of a receipt is left out. Null for an incomplete or damaged record. */
export function parseHead(line: Buffer): RecordHead | null {
  const text = headText(line);
  if (text === null) return null;
  const value = parseObject(text);
  if (value === null || !isRecord(value)) return null;
  const { crc: _crc, body: _body, ...record } = value;
  return record as unknown as RecordHead;
}

/** Parses the whole record of a line, with or without its newline; null for an incomplete or damaged record. */
export function parseRecord(bytes: Buffer): JournalRecord | null {
  const line = bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
  if (!hasValidChecksum(line) && !hasNoChecksum(line)) return null;
  const value = parseObject(line.toString('utf8'));
  if (value === null || !isRecord(value)) return null;
  const { crc: _crc, ...record } = value;
  return record as unknown as JournalRecord;
}

/**
 * Parses the head of a receipt from the first bytes of its line, as far as they hold it, or a whole line. Its checksum is not compared: for
 * a search over many records, each of which is read in full before it is shown. Null where the bytes do not suffice.
 */
export function peekHead(start: Buffer): RecordHead | null {
  const at = start.indexOf(BODY_KEY);
  const value = parseObject(at === -1 ? start.toString('utf8') : `${start.toString('utf8', 0, at)}}`);
  return value !== null && isRecord(value) ? (value as unknown as RecordHead) : null;
}

const CHECKSUM_START = Buffer.from('{"crc":"');

/** `{"crc":"0a1b2c3d",` */
const CHECKSUM_BYTES = CHECKSUM_START.length + 8 + 2;

const CHECKSUM_END = Buffer.from('",');

const TYPE_PREFIX = Buffer.from('"type":"');

const TYPE_AT = CHECKSUM_BYTES;

/** Lines written by hand, without a checksum, are read too. */
const TYPE_AT_WITHOUT_CHECKSUM = 1;

const START_WITHOUT_CHECKSUM = Buffer.from('{"type":"');

/** Cannot occur inside a JSON string, where its quotes would be escaped. */
export const BODY_KEY = Buffer.from(',"body":"');

const NEWLINE = 0x0a;

const CLOSING = Buffer.from('}');

const CLOSING_LINE = Buffer.from('}\n');

/** Record types by their first three letters, which are unique. */
const TYPE_OF_START: Readonly<Record<string, RecordType>> = {
  rec: 'receipt',
  ans: 'answer',
  del: 'delivery',
  run: 'run',
  rej: 'rejected',
};

/** Puts `type` first, whatever the order of the record's own keys. */
function typeFirst(record: RecordHead): object {
  return Object.assign({ type: record.type }, record);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** JSON text of a record without its body; null where the line is no record. */
function headText(line: Buffer): string | null {
  if (hasValidChecksum(line)) {
    const at = peekType(line) === 'receipt' ? line.indexOf(BODY_KEY) : -1;
    return at === -1 ? line.toString('utf8') : `${line.toString('utf8', 0, at)}}`;
  }
  return hasNoChecksum(line) ? line.toString('utf8') : null;
}

function hasValidChecksum(line: Buffer): boolean {
  if (!line.subarray(0, CHECKSUM_START.length).equals(CHECKSUM_START)) return false;
  if (!line.subarray(CHECKSUM_BYTES - CHECKSUM_END.length, CHECKSUM_BYTES).equals(CHECKSUM_END)) return false;
  return (
    line.toString('latin1', CHECKSUM_START.length, CHECKSUM_BYTES - 2) === hex(crc32(line.subarray(CHECKSUM_BYTES)))
  );
}

function hasNoChecksum(line: Buffer): boolean {
  return line.subarray(0, START_WITHOUT_CHECKSUM.length).equals(START_WITHOUT_CHECKSUM);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
