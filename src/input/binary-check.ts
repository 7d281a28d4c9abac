import { isUtf8 } from 'node:buffer';

/** Inspects the first bytes of an input for data that is not text. */
interface BinaryDetector {
  /** The bytes so far once they show that the input is binary or key material, which must not be read or shown; null for text. */
  check(chunk: Uint8Array): Buffer | null;
}

/** Later binary bytes damage one line, not the whole input. */
const SNIFFED_BYTES = 64 * 1024;

/** Names every format. */
const HEAD_BYTES = 64;

/** Formats that begin as text does; the others have a NUL or are not UTF-8. */
const BINARY_START = /^(?:PK[\x03\x05]|%PDF-|BZh\d|bplist0|(?:\xef\xbb\xbf)?\s*-----BEGIN)/;

export function createBinaryDetector(): BinaryDetector {
  let head: Buffer = Buffer.alloc(0);
  let seen = 0;
  let rest: Buffer = Buffer.alloc(0);
  return {
    check(chunk) {
      if (seen >= SNIFFED_BYTES) return null;
      const bytes =
        head.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([head, chunk]);
      const text = Buffer.concat([rest, chunk.subarray(0, SNIFFED_BYTES - seen)]);
      const whole = wholeCharacters(text);
      const isBinary = text.includes(0) || !isUtf8(text.subarray(0, whole));
      if (isBinary || (head.length < HEAD_BYTES && BINARY_START.test(bytes.toString('latin1', 0, HEAD_BYTES))))
        return bytes;
      seen += chunk.length;
      head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
      rest = text.subarray(whole);
      return null;
    },
  };
}

/** Bytes up to the last complete UTF-8 character. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return lengthOfCharacter(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function lengthOfCharacter(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
