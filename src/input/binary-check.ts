import { isUtf8 } from 'node:buffer';
import { ToolError } from '../errors.js';

/** Inspects the first bytes of an input and throws once they show that it is not text. */
interface BinaryDetector {
  /** Throws `ERR_INPUT_BINARY`. */
  check(chunk: Uint8Array): void;
}

/** Later binary bytes damage one line, not the whole input. */
const SNIFFED_BYTES = 64 * 1024;

const LONGEST_MAGIC = 16;

interface Magic {
  readonly is: string;
  readonly starts: readonly (readonly number[])[];
  readonly hint?: string;
}

const MAGICS: readonly Magic[] = [
  { is: 'gzip data', starts: [[0x1f, 0x8b]], hint: 'Decompress it first: gunzip -c FILE | storewire verify -' },
  {
    is: 'Zstandard data',
    starts: [[0x28, 0xb5, 0x2f, 0xfd]],
    hint: 'Decompress it first: zstd -dc FILE | storewire verify -',
  },
  {
    is: 'bzip2 data',
    starts: [[0x42, 0x5a, 0x68]],
    hint: 'Decompress it first: bunzip2 -c FILE | storewire verify -',
  },
  {
    is: 'a zip archive',
    starts: [
      [0x50, 0x4b, 0x03, 0x04],
      [0x50, 0x4b, 0x05, 0x06],
    ],
    hint: 'Extract it and pass the files in it.',
  },
  {
    is: 'a PNG image',
    starts: [[0x89, 0x50, 0x4e, 0x47]],
    hint: 'A payload cannot be read from an image: copy it as text.',
  },
  {
    is: 'a JPEG image',
    starts: [[0xff, 0xd8, 0xff]],
    hint: 'A payload cannot be read from an image: copy it as text.',
  },
  {
    is: 'a PDF document',
    starts: [[0x25, 0x50, 0x44, 0x46, 0x2d]],
    hint: 'Copy the payload as text and paste it.',
  },
  {
    is: 'UTF-16 text',
    starts: [
      [0xff, 0xfe],
      [0xfe, 0xff],
    ],
    hint: 'Save it as UTF-8. Windows PowerShell: … | Out-File -Encoding utf8 FILE',
  },
  {
    is: 'DER data (a certificate or receipt)',
    starts: [
      [0x30, 0x80],
      [0x30, 0x81],
      [0x30, 0x82],
      [0x30, 0x83],
    ],
    hint: 'To trust a root certificate, pass it with --root.',
  },
];

/** Rejects binary data, and key material, which must not be read or shown. `name`: the input in messages. */
export function createBinaryDetector(name: string): BinaryDetector {
  let head = Buffer.alloc(0);
  let seen = 0;
  let rest = Buffer.alloc(0);
  return {
    check(chunk) {
      if (seen >= SNIFFED_BYTES) return;
      if (head.length < LONGEST_MAGIC) {
        head = Buffer.concat([head, chunk.subarray(0, LONGEST_MAGIC - head.length)]);
        rejectMagic(head, name);
      }
      const text = Buffer.concat([rest, chunk.subarray(0, SNIFFED_BYTES - seen)]);
      seen += chunk.length;
      const whole = wholeCharacters(text);
      if (text.includes(0) || !isUtf8(text.subarray(0, whole))) throw binary(name, 'binary data');
      rest = text.subarray(whole);
    },
  };
}

const PEM = /^(?:\xef\xbb\xbf)?\s*-----BEGIN/;

function rejectMagic(head: Buffer, name: string): void {
  const magic = MAGICS.find(({ starts }) =>
    starts.some((start) => head.subarray(0, start.length).equals(Buffer.from(start))),
  );
  if (magic !== undefined) throw binary(name, magic.is, magic.hint);
  if (PEM.test(head.toString('latin1'))) throw pemFound(name);
}

function binary(
  name: string,
  is: string,
  hint = 'Pass the payload, the JSON body that contains it, or a text file of either.',
): ToolError {
  return new ToolError('usage', 'ERR_INPUT_BINARY', `${name} contains ${is}, not a payload`, { hint });
}

function pemFound(name: string): ToolError {
  return new ToolError('usage', 'ERR_INPUT_BINARY', `${name} contains a key or certificate (PEM), not a payload`, {
    hint: 'It was not read or shown. Pass a root certificate with --root; keys belong in the settings: storewire init',
  });
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
