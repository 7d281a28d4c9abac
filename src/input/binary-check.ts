import { isUtf8 } from 'node:buffer';
import { ToolError } from '../errors.js';

/** Watches the first bytes of an input and throws as soon as they show that it is no text with payloads. */
interface BinaryDetector {
  /** Throws `ERR_INPUT_BINARY`. */
  check(chunk: Uint8Array): void;
}

/** What is not text within this many bytes is no text at all; a stray byte later spoils one line only. */
const SNIFFED_BYTES = 64 * 1024;

const LONGEST_MAGIC = 16;

interface Magic {
  readonly is: string;
  readonly starts: readonly (readonly number[])[];
  readonly hint?: string;
}

const MAGICS: readonly Magic[] = [
  { is: 'gzip data', starts: [[0x1f, 0x8b]], hint: 'Unpack it on the way in: gunzip -c FILE | storewire verify -' },
  {
    is: 'Zstandard data',
    starts: [[0x28, 0xb5, 0x2f, 0xfd]],
    hint: 'Unpack it on the way in: zstd -dc FILE | storewire verify -',
  },
  {
    is: 'bzip2 data',
    starts: [[0x42, 0x5a, 0x68]],
    hint: 'Unpack it on the way in: bunzip2 -c FILE | storewire verify -',
  },
  {
    is: 'a zip archive',
    starts: [
      [0x50, 0x4b, 0x03, 0x04],
      [0x50, 0x4b, 0x05, 0x06],
    ],
    hint: 'Unpack it and give the files in it.',
  },
  {
    is: 'a PNG image',
    starts: [[0x89, 0x50, 0x4e, 0x47]],
    hint: 'A payload cannot be read off a picture: copy it as text.',
  },
  {
    is: 'a JPEG image',
    starts: [[0xff, 0xd8, 0xff]],
    hint: 'A payload cannot be read off a picture: copy it as text.',
  },
  {
    is: 'a PDF document',
    starts: [[0x25, 0x50, 0x44, 0x46, 0x2d]],
    hint: 'Copy the payload out of it and paste that.',
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
    is: 'DER, as certificates and receipts are',
    starts: [
      [0x30, 0x80],
      [0x30, 0x81],
      [0x30, 0x82],
      [0x30, 0x83],
    ],
    hint: 'To trust a root certificate, pass it with --root.',
  },
];

/** Binary data, or key material that is not to be read, let alone shown. `name` is how the input is called in the message. */
export function createBinaryDetector(name: string): BinaryDetector {
  let head = Buffer.alloc(0);
  let seen = 0;
  let rest = Buffer.alloc(0);
  return {
    check(chunk) {
      if (seen >= SNIFFED_BYTES) return;
      if (head.length < LONGEST_MAGIC) {
        head = Buffer.concat([head, chunk.subarray(0, LONGEST_MAGIC - head.length)]);
        refuseMagic(head, name);
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

function refuseMagic(head: Buffer, name: string): void {
  const magic = MAGICS.find(({ starts }) =>
    starts.some((start) => head.subarray(0, start.length).equals(Buffer.from(start))),
  );
  if (magic !== undefined) throw binary(name, magic.is, magic.hint);
  if (PEM.test(head.toString('latin1'))) throw pemFound(name);
}

function binary(
  name: string,
  is: string,
  hint = 'Give the payload itself, the JSON body that holds it, or a text file of either.',
): ToolError {
  return new ToolError('usage', 'ERR_INPUT_BINARY', `${name} holds ${is}, not payloads`, { hint });
}

function pemFound(name: string): ToolError {
  return new ToolError('usage', 'ERR_INPUT_BINARY', `${name} holds a key or certificate (PEM), not a payload`, {
    hint: 'Nothing of it was read or shown. A root certificate goes with --root; keys belong in the settings: storewire config.',
  });
}

/** Bytes before a character whose end has not arrived yet. */
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
