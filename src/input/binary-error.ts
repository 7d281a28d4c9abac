import { ToolError } from '../errors.js';
import { detectReceipt } from '../format-detection/receipt.js';
import { escapeText } from '../terminal/escape.js';

const TO_UTF_8 =
  'Save it as UTF-8. PowerShell: … | Out-File -Encoding utf8 FILE. Elsewhere: iconv -f UTF-16 -t UTF-8 FILE';

interface Magic {
  readonly is: string;
  readonly starts: readonly (readonly number[])[];
  readonly hint?: string;
  /** Files of a folder that are skipped are named only if they may hold tokens. */
  readonly mayHoldTokens?: boolean;
}

const MAGICS: readonly Magic[] = [
  {
    is: 'gzip data',
    starts: [[0x1f, 0x8b]],
    hint: 'Decompress it first: gunzip -c FILE | storewire verify -',
    mayHoldTokens: true,
  },
  {
    is: 'Zstandard data',
    starts: [[0x28, 0xb5, 0x2f, 0xfd]],
    hint: 'Decompress it first: zstd -dc FILE | storewire verify -',
    mayHoldTokens: true,
  },
  {
    is: 'bzip2 data',
    starts: [[0x42, 0x5a, 0x68]],
    hint: 'Decompress it first: bunzip2 -c FILE | storewire verify -',
    mayHoldTokens: true,
  },
  {
    is: 'a zip archive',
    starts: [
      [0x50, 0x4b, 0x03, 0x04],
      [0x50, 0x4b, 0x05, 0x06],
    ],
    hint: 'Extract it and pass the files in it.',
    mayHoldTokens: true,
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
    is: 'UTF-32 text',
    starts: [
      [0xff, 0xfe, 0, 0],
      [0, 0, 0xfe, 0xff],
    ],
    hint: 'Convert it: iconv -f UTF-32 -t UTF-8 FILE | storewire verify -',
    mayHoldTokens: true,
  },
  {
    is: 'UTF-16 text',
    starts: [
      [0xff, 0xfe],
      [0xfe, 0xff],
    ],
    hint: TO_UTF_8,
    mayHoldTokens: true,
  },
  {
    is: 'a binary property list',
    starts: [[...Buffer.from('bplist')]],
    hint: 'Convert it: plutil -convert json -o - FILE | storewire verify -',
    mayHoldTokens: true,
  },
  {
    is: 'a SQLite database',
    starts: [[...Buffer.from('SQLite format 3')]],
    hint: "Select the column that holds the payload: sqlite3 FILE 'select … from …' | storewire verify -",
    mayHoldTokens: true,
  },
  {
    is: 'xz data',
    starts: [[0xfd, 0x37, 0x7a, 0x58]],
    hint: 'Decompress it first: xz -dc FILE | storewire verify -',
    mayHoldTokens: true,
  },
  {
    is: 'a 7z archive',
    starts: [[0x37, 0x7a, 0xbc, 0xaf]],
    hint: 'Extract it and pass the files in it.',
    mayHoldTokens: true,
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

/** The error of an input that is not text, `ERR_INPUT_BINARY`, and the format where a skipped file of it may hold tokens. */
export interface BinaryInput {
  readonly error: ToolError;
  readonly mayHoldTokens: string | null;
}

/** Names what an input is that is not text. `name`: the input in messages; `bytes`: its beginning. */
export function describeBinary(name: string, bytes: Buffer): BinaryInput {
  if (PEM.test(bytes.toString('latin1', 0, 64))) return { error: pemFound(name), mayHoldTokens: null };
  const receipt = detectReceipt(bytes);
  if (receipt !== null) {
    const facts = receipt.facts.map(({ label, value }) => `${label} ${escapeText(value)}`).join(', ');
    const says = facts === '' ? '' : `: ${facts}`;
    return { error: binary(name, `${receipt.title}${says}`, receipt.hint), mayHoldTokens: null };
  }
  if (PKCS12.test(bytes.toString('latin1', 0, 12))) {
    const hint = 'Pass a payload as text, and keep the key secret.';
    return { error: binary(name, 'a PKCS#12 file (.p12), which holds a private key', hint), mayHoldTokens: null };
  }
  const magic = MAGICS.find(({ starts }) =>
    starts.some((start) => bytes.subarray(0, start.length).equals(Buffer.from(start))),
  );
  if (magic !== undefined) {
    return { error: binary(name, magic.is, magic.hint), mayHoldTokens: magic.mayHoldTokens === true ? magic.is : null };
  }
  return isUtf16(bytes)
    ? { error: binary(name, 'UTF-16 text', TO_UTF_8), mayHoldTokens: 'UTF-16 text' }
    : { error: binary(name, 'binary data'), mayHoldTokens: null };
}

/** SEQUENCE whose version is 3. */
const PKCS12 = /^0(?:\x80|\x82[\s\S]{2}|\x83[\s\S]{3})\x02\x01\x03/;

const PEM = /^(?:\xef\xbb\xbf)?\s*-----BEGIN/;

/** Text of ASCII without a byte order mark: every second byte is NUL. */
function isUtf16(bytes: Buffer): boolean {
  const pairs = bytes.subarray(0, 64);
  if (pairs.length < 8) return false;
  return [0, 1].some((parity) => pairs.every((byte, at) => (byte === 0) === (at % 2 === parity)));
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
