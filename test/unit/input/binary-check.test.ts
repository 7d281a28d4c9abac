import { describe, expect, it } from 'vitest';
import { createBinaryDetector } from '../../../src/input/binary-check.js';
import { describeBinary } from '../../../src/input/binary-error.js';

function isBinary(bytes: Uint8Array, chunkBytes: number): boolean {
  const detector = createBinaryDetector();
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    if (detector.check(bytes.subarray(at, at + chunkBytes)) !== null) return true;
  }
  return false;
}

const CHUNK_SIZES = [1, 2, 3, 5, 1000];

describe('the first bytes of an input', () => {
  it.each([
    'plain',
    'Ann\u00e9e',
    '\u20ac\u20ac\u20ac',
    '\u{1f600}\u{1f600}',
    '\uFEFF{"a":1}',
    '%P',
    '-----',
    '0',
    'BZ',
  ])('are text: %s', (text) => {
    for (const size of CHUNK_SIZES) expect(isBinary(Buffer.from(text), size)).toBe(false);
  });

  it.each<[string, readonly number[] | string]>([
    ['a NUL', 'abc\0'],
    ['a broken character', [0x61, 0xc3, 0x28]],
    ['a character that goes on without a beginning', [0x61, 0x80]],
    ['gzip', [0x1f, 0x8b, 8]],
    ['PDF', '%PDF-1.7'],
    ['a key', '-----BEGIN EC PRIVATE KEY-----'],
    ['a key after a line end', '\r\n-----BEGIN X'],
  ])('are not: %s', (_name, content) => {
    for (const size of CHUNK_SIZES) expect(isBinary(Buffer.from(content as string), size)).toBe(true);
  });

  it('are 64 KiB', () => {
    const broken = Buffer.from([0xff, 0x00]);
    expect(isBinary(Buffer.concat([Buffer.alloc(65_536, 'a'), broken]), 1000)).toBe(false);
    expect(isBinary(Buffer.concat([Buffer.alloc(65_534, 'a'), broken]), 1000)).toBe(true);
  });
});

describe('the error of an input that is not text', () => {
  const utf16 = Buffer.from('{"signedPayload":"x"}', 'utf16le');

  it.each<[string, Buffer, string, boolean]>([
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'contains gzip data', true],
    ['UTF-16 of PowerShell', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'contains UTF-16 text', true],
    ['UTF-16 without a byte order mark', utf16, 'contains UTF-16 text', true],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), 'contains UTF-32 text', true],
    ['a database', Buffer.from('SQLite format 3\0'), 'contains a SQLite database', true],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d]), 'contains a PNG image', false],
    ['a P12', Buffer.from([0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03]), 'a PKCS#12 file (.p12)', false],
    ['a certificate', Buffer.from([0x30, 0x82, 0x02, 0x43, 0x30, 0x82]), 'contains DER data', false],
    ['an app receipt', Buffer.from('308006092a864886f70d010702a080', 'hex'), 'an app receipt (PKCS#7)', false],
    ['a key', Buffer.from('-----BEGIN PRIVATE KEY-----'), 'a key or certificate (PEM)', false],
    ['anything else', Buffer.from([0, 1, 2, 3]), 'contains binary data', false],
  ])('names %s', (_case, bytes, expected, mayHoldTokens) => {
    const { error, mayHoldTokens: held } = describeBinary('x', bytes);
    expect({ code: error.code, holds: held !== null }).toEqual({ code: 'ERR_INPUT_BINARY', holds: mayHoldTokens });
    expect(error.message).toContain(expected);
  });
});
