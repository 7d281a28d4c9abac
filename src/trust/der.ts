/** Thrown for bytes that are not strict DER; the message names the defect. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** One DER value. All arrays are views of the parsed bytes. */
export interface DerValue {
  /** The identifier octet, class and constructed bit included: 0x30 is SEQUENCE, 0xa0 is [0] constructed. */
  readonly tag: number;
  /** The whole encoding: tag, length and content. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
  /** Values inside a constructed value, in order; empty for a primitive value. */
  readonly children: readonly DerValue[];
}

/** Universal tags used in certificates. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Genuine certificates have a depth of 7; the limit stops input made to exhaust the stack. */
const MAX_DEPTH = 16;

const CONSTRUCTED = 0x20;

/**
 * Parses exactly one DER value, including the values inside constructed values.
 * Throws {@link DerError} on indefinite or non-minimal lengths, trailing or missing bytes, tag numbers above 30,
 * constructed strings, and nesting over 16. The content of primitive values is left to the `read…` functions.
 */
export function parseDer(bytes: Uint8Array): DerValue {
  const value = readValue(bytes, 0, 1);
  if (value.bytes.length !== bytes.length) {
    throw new DerError(`trailing bytes after the value: ${bytes.length - value.bytes.length}`);
  }
  return value;
}

function readValue(bytes: Uint8Array, start: number, depth: number): DerValue {
  if (depth > MAX_DEPTH) throw new DerError(`nested deeper than ${MAX_DEPTH} levels`);
  const tag = readTag(bytes, start);
  const { length, contentStart } = readLength(bytes, start + 1);
  const end = contentStart + length;
  if (end > bytes.length) throw new DerError('a value is truncated');
  const content = bytes.subarray(contentStart, end);
  const children = tag & CONSTRUCTED ? readChildren(content, depth) : [];
  return { tag, bytes: bytes.subarray(start, end), content, children };
}

function readChildren(content: Uint8Array, depth: number): DerValue[] {
  const children: DerValue[] = [];
  for (let at = 0; at < content.length; ) {
    const child = readValue(content, at, depth + 1);
    children.push(child);
    at += child.bytes.length;
  }
  return children;
}

function readTag(bytes: Uint8Array, at: number): number {
  const tag = bytes[at];
  if (tag === undefined) throw new DerError('the value is empty');
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag number is above 30');
  if (tag < 0x40) checkUniversalTag(tag);
  return tag;
}

/** In DER only SEQUENCE and SET are constructed: a constructed string is BER. Tag 0 ends BER's indefinite lengths, 15 is reserved. */
function checkUniversalTag(tag: number): void {
  const isCollection = (tag & 0x1f) === 0x10 || (tag & 0x1f) === 0x11;
  if (tag === 0 || tag === 0x0f || isCollection !== Boolean(tag & CONSTRUCTED)) {
    throw new DerError(`tag 0x${tag.toString(16).padStart(2, '0')} is not used in DER`);
  }
}

function readLength(bytes: Uint8Array, at: number): { length: number; contentStart: number } {
  const first = bytes[at];
  if (first === undefined) throw new DerError('a length is truncated');
  if (first < 0x80) return { length: first, contentStart: at + 1 };
  if (first === 0x80) throw new DerError('a length is indefinite');
  const count = first & 0x7f;
  if (count > 4) throw new DerError('a length has more than 4 bytes');
  let length = 0;
  for (let index = 1; index <= count; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new DerError('a length is truncated');
    length = length * 256 + byte;
  }
  if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError('a length is not minimal');
  return { length, contentStart: at + 1 + count };
}

/** Returns the value if it has this tag; otherwise throws {@link DerError} naming `what`. */
export function expectTag(value: DerValue | undefined, tag: number, what: string): DerValue {
  if (value === undefined) throw new DerError(`${what} is missing`);
  if (value.tag !== tag) throw new DerError(`${what} has the wrong type`);
  return value;
}

/** BOOLEAN. Throws {@link DerError} on any content but 00 and FF. */
export function readBoolean(value: DerValue | undefined, what: string): boolean {
  const { content } = expectTag(value, TAG.boolean, what);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError(`${what} is not a boolean`);
  return content[0] === 0xff;
}

/** Content bytes of an INTEGER, two's complement. Throws {@link DerError} if they are empty or not minimal. */
export function readInteger(value: DerValue | undefined, what: string): Uint8Array {
  const { content } = expectTag(value, TAG.integer, what);
  const [first, second] = content;
  if (first === undefined) throw new DerError(`${what} is an integer without digits`);
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw new DerError(`${what} is an integer that is not minimal`);
  }
  return content;
}

/** A small INTEGER, 0 to 2^31 - 1. Throws {@link DerError} on any other value. */
export function readSmallInteger(value: DerValue | undefined, what: string): number {
  const content = readInteger(value, what);
  if (content.length > 4 || content[0]! >= 0x80) throw new DerError(`${what} is out of range`);
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Bytes of a BIT STRING and the number of unused bits at its end (0 to 7). Throws {@link DerError} if an unused bit is set. */
export function readBitString(value: DerValue | undefined, what: string): { bits: Uint8Array; unused: number } {
  const { content } = expectTag(value, TAG.bitString, what);
  const unused = content[0];
  const bits = content.subarray(1);
  if (unused === undefined || unused > 7 || (bits.length === 0 && unused > 0)) {
    throw new DerError(`${what} is not a bit string`);
  }
  if (bits.length > 0 && bits[bits.length - 1]! & ((1 << unused) - 1)) {
    throw new DerError(`${what} has unused bits that are set`);
  }
  return { bits, unused };
}

/** Maximum length of one arc of an object identifier: 19 bytes for 128 bits, the largest in use (UUIDs under 2.25). */
const MAX_ARC_BYTES = 19;

/** OBJECT IDENTIFIER in dotted form. Throws {@link DerError} if it is empty, truncated or not minimal. */
export function readOid(value: DerValue | undefined, what: string): string {
  const arcs = readArcs(expectTag(value, TAG.oid, what).content, what);
  const first = arcs[0]!;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...arcs.slice(1)].join('.');
}

function readArcs(content: Uint8Array, what: string): bigint[] {
  const arcs: bigint[] = [];
  let arc = 0n;
  let length = 0;
  for (const byte of content) {
    if ((length === 0 && byte === 0x80) || length === MAX_ARC_BYTES)
      throw new DerError(`${what} is not an object identifier`);
    arc = arc * 128n + BigInt(byte & 0x7f);
    length += 1;
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0n;
      length = 0;
    }
  }
  if (arcs.length === 0 || length > 0) throw new DerError(`${what} is not an object identifier`);
  return arcs;
}

/**
 * Parses UTCTime or GeneralizedTime to milliseconds since the epoch. Accepts only the forms of RFC 5280: to the second, in UTC (`Z`),
 * from 1950 on. UTCTime years 50 to 99 are 1950 to 1999. Throws {@link DerError} on anything else, invalid dates included.
 */
export function readTime(value: DerValue | undefined, what: string): number {
  if (value === undefined) throw new DerError(`${what} is missing`);
  const text = String.fromCharCode(...value.content.subarray(0, 16));
  const digits = value.tag === TAG.utcTime ? withCentury(text) : value.tag === TAG.generalizedTime ? text : '';
  const match = /^(19[5-9]\d|[2-9]\d{3})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (match === null) throw new DerError(`${what} is not a UTC time to the second, 1950 or later`);
  const iso = `${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}.000Z`;
  const ms = Date.parse(iso);
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw new DerError(`${what} is not an existing date`);
  return ms;
}

function withCentury(text: string): string {
  return (text < '50' ? '20' : '19') + text;
}

/** Upper-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex').toUpperCase();
}
