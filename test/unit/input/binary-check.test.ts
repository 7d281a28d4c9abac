import { describe, expect, it } from 'vitest';
import { createBinaryDetector } from '../../../src/input/binary-check.js';

function sniff(bytes: Uint8Array, chunkBytes: number): void {
  const sniffer = createBinaryDetector('x');
  for (let at = 0; at < bytes.length; at += chunkBytes) sniffer.check(bytes.subarray(at, at + chunkBytes));
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
    for (const size of CHUNK_SIZES) expect(() => sniff(Buffer.from(text), size)).not.toThrow();
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
    for (const size of CHUNK_SIZES) {
      expect(() => sniff(Buffer.from(content as string), size)).toThrow(
        expect.objectContaining({ code: 'ERR_INPUT_BINARY' }),
      );
    }
  });

  it('are 64 KiB', () => {
    const broken = Buffer.from([0xff, 0x00]);
    expect(() => sniff(Buffer.concat([Buffer.alloc(65_536, 'a'), broken]), 1000)).not.toThrow();
    expect(() => sniff(Buffer.concat([Buffer.alloc(65_534, 'a'), broken]), 1000)).toThrow();
  });
});
