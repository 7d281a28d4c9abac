import { crc32 } from 'node:zlib';
import type { JournalRecord, ReceiptHead, ReceiptRecord } from './record.js';

/** What a reader gets of a line whose body it leaves unread. */
export type RecordHead = Exclude<JournalRecord, ReceiptRecord> | ReceiptHead;

export type RecordType = JournalRecord['type'];

/** A line ready to be written: its parts in order, the newline included. */
export interface EncodedLine {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

/**
 * A record as a line. Each begins with the CRC-32 of what follows it, so that a line that was damaged anywhere is known for what it is,
 * even where it still parses; `type` comes next, so that a reader can pass over lines it does not want.
 */
export function encodeRecord(record: Exclude<JournalRecord, ReceiptRecord>): EncodedLine {
  const rest = JSON.stringify(typeFirst(record)).slice(1);
  const line = Buffer.from(`{"crc":"${hex(crc32(rest))}",${rest}\n`);
  return { parts: [line], bytes: line.length };
}

/** The same for a receipt. `bodyJson` is the body as a JSON string literal in UTF-8, in parts: none is parsed, escaped or copied here. */
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

/** The type a line begins with, unparsed; null where it begins otherwise. */
export function peekType(line: Buffer): RecordType | null {
  const at = line.indexOf(TYPE_MARK);
  if (at !== TYPE_AT && at !== TYPE_AT_UNSEALED) return null;
  return TYPE_OF_START[line.toString('latin1', at + TYPE_MARK.length, at + TYPE_MARK.length + 3)] ?? null;
}

/** The record of a line without its newline, the body of a receipt unparsed and left out; null for what is no whole record. */
export function parseHead(line: Buffer): RecordHead | null {
  const text = headText(line);
  if (text === null) return null;
  const value = parseObject(text);
  if (value === null || !isRecord(value)) return null;
  const { crc: _crc, body: _body, ...record } = value;
  return record as unknown as RecordHead;
}

/** The whole record of a line, with or without its newline; null for what is none. */
export function parseRecord(bytes: Buffer): JournalRecord | null {
  const line = bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
  if (!isSealed(line) && !isUnsealed(line)) return null;
  const value = parseObject(line.toString('utf8'));
  if (value === null || !isRecord(value)) return null;
  const { crc: _crc, ...record } = value;
  return record as unknown as JournalRecord;
}

const SEAL_START = Buffer.from('{"crc":"');

/** `{"crc":"0a1b2c3d",` */
const SEAL_BYTES = SEAL_START.length + 8 + 2;

const SEAL_END = Buffer.from('",');

const TYPE_MARK = Buffer.from('"type":"');

const TYPE_AT = SEAL_BYTES;

/** A line that was written by hand, without a checksum, is read too. */
const TYPE_AT_UNSEALED = 1;

const UNSEALED_START = Buffer.from('{"type":"');

/** Cannot stand inside a JSON string: its quotes would be escaped there. */
const BODY_MARK = Buffer.from(',"body":"');

const NEWLINE = 0x0a;

const CLOSING = Buffer.from('}');

const CLOSING_LINE = Buffer.from('}\n');

/** Three letters tell them apart. */
const TYPE_OF_START: Readonly<Record<string, RecordType>> = {
  rec: 'receipt',
  ans: 'answer',
  del: 'delivery',
  run: 'run',
  rej: 'rejected',
};

/** However the record was put together. */
function typeFirst(record: RecordHead): object {
  return Object.assign({ type: record.type }, record);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** The JSON text of a head; null where the line cannot be one. */
function headText(line: Buffer): string | null {
  if (isSealed(line)) {
    const at = peekType(line) === 'receipt' ? line.indexOf(BODY_MARK) : -1;
    return at === -1 ? line.toString('utf8') : `${line.toString('utf8', 0, at)}}`;
  }
  return isUnsealed(line) ? line.toString('utf8') : null;
}

function isSealed(line: Buffer): boolean {
  if (!line.subarray(0, SEAL_START.length).equals(SEAL_START)) return false;
  if (!line.subarray(SEAL_BYTES - SEAL_END.length, SEAL_BYTES).equals(SEAL_END)) return false;
  return line.toString('latin1', SEAL_START.length, SEAL_BYTES - 2) === hex(crc32(line.subarray(SEAL_BYTES)));
}

function isUnsealed(line: Buffer): boolean {
  return line.subarray(0, UNSEALED_START.length).equals(UNSEALED_START);
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

const ID = /^[0-9a-f]{16}$/;

/** What every reader relies on; the rest is as it was written. */
function isRecord(value: Readonly<Record<string, unknown>>): boolean {
  const { type, id, atMs, facts, targets } = value;
  if (typeof atMs !== 'number') return false;
  if (type === 'run') return typeof value.run === 'string' && Array.isArray(value.ids);
  if (typeof id !== 'string' || typeof type !== 'string') return false;
  if (type === 'receipt') return ID.test(id) && typeof facts === 'object' && facts !== null && Array.isArray(targets);
  return type === 'answer' || type === 'delivery' || type === 'rejected';
}
