/** One BER value, as far as a receipt needs it. */
export interface BerValue {
  /** Class and constructed bit included: 0x30 is SEQUENCE. */
  readonly tag: number;
  /** Between header and end; of a primitive value its bytes. */
  readonly content: Uint8Array;
  readonly children: readonly BerValue[];
}

const MAX_DEPTH = 24;

/** More than any receipt has; what is larger is not read on. */
const MAX_VALUES = 50_000;

const CONSTRUCTED = 0x20;

/**
 * Reads one BER value, indefinite lengths, trailing bytes and a missing end allowed; null where it is none. Tolerant on purpose: it recognises a format
 * and verifies nothing (trust/der.ts is the strict reader).
 */
export function parseBer(bytes: Uint8Array): BerValue | null {
  try {
    return readValue(bytes, { at: 0, left: MAX_VALUES }, 0);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

interface Cursor {
  at: number;
  left: number;
}

function readValue(bytes: Uint8Array, cursor: Cursor, depth: number): BerValue {
  cursor.left -= 1;
  if (depth > MAX_DEPTH || cursor.left < 0) throw new RangeError('too deep or too many');
  const tag = byteAt(bytes, cursor);
  const length = readLength(bytes, cursor);
  const start = cursor.at;
  if (length === null) {
    const isAtEnd = (): boolean => bytes[cursor.at] === 0 && bytes[cursor.at + 1] === 0;
    const children = readChildren(bytes, cursor, depth, isAtEnd);
    const content = bytes.subarray(start, cursor.at);
    cursor.at += 2;
    return { tag, content, children };
  }
  const end = Math.min(start + length, bytes.length);
  const content = bytes.subarray(start, end);
  const isConstructed = (tag & CONSTRUCTED) !== 0;
  const isAtEnd = (): boolean => cursor.at >= end;
  const children = isConstructed ? readChildren(bytes.subarray(0, end), cursor, depth, isAtEnd) : [];
  cursor.at = end;
  return { tag, content, children };
}

/** What was cut off a copy is missing; the values before it are kept. */
function readChildren(bytes: Uint8Array, cursor: Cursor, depth: number, isAtEnd: () => boolean): readonly BerValue[] {
  const children: BerValue[] = [];
  while (cursor.at < bytes.length && !isAtEnd()) {
    const child = readIfWhole(bytes, cursor, depth + 1);
    if (child === null) break;
    children.push(child);
  }
  return children;
}

function readIfWhole(bytes: Uint8Array, cursor: Cursor, depth: number): BerValue | null {
  try {
    return readValue(bytes, cursor, depth);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    cursor.at = bytes.length;
    return null;
  }
}

/** Null for the indefinite form. */
function readLength(bytes: Uint8Array, cursor: Cursor): number | null {
  const first = byteAt(bytes, cursor);
  if (first === 0x80) return null;
  if (first < 0x80) return first;
  let length = 0;
  for (let count = first & 0x7f; count > 0; count -= 1) length = length * 256 + byteAt(bytes, cursor);
  return length;
}

function byteAt(bytes: Uint8Array, cursor: Cursor): number {
  const byte = bytes[cursor.at];
  if (byte === undefined) throw new RangeError('cut short');
  cursor.at += 1;
  return byte;
}

/** The content of an OCTET STRING, its pieces joined. */
export function octetsOf({ content, children }: BerValue): Uint8Array {
  return children.length === 0 ? content : Buffer.concat(children.map(octetsOf));
}
