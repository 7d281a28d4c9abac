import { describe, expect, it } from 'vitest';
import {
  DerError,
  type DerValue,
  parseDer,
  readBitString,
  readBoolean,
  readInteger,
  readOid,
  readSmallInteger,
  readTime,
} from '../../../src/trust/der.js';

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const ascii = (tag: string, text: string): Uint8Array =>
  Buffer.concat([bytes(tag), Buffer.of(text.length), Buffer.from(text)]);
const nested = (levels: number): string =>
  levels === 1 ? '3000' : `30${(2 * levels - 2).toString(16).padStart(2, '0')}${nested(levels - 1)}`;

describe('parseDer', () => {
  it('parses a value and its children as views of the bytes', () => {
    const der = bytes('30 07 02 01 05 a0 02 05 00');
    const value = parseDer(der);
    expect(value.tag).toBe(0x30);
    expect(value.children.map(({ tag, content }) => [tag, content.length])).toEqual([
      [0x02, 1],
      [0xa0, 2],
    ]);
    expect(value.children[1]!.children[0]!.tag).toBe(0x05);
    expect(value.content.buffer).toBe(der.buffer);
  });

  it.each([
    ['a length of 127 in one byte', `047f${'00'.repeat(127)}`, 127],
    ['a length of 128 in two', `048180${'00'.repeat(128)}`, 128],
    ['a length of 256 in three', `04820100${'00'.repeat(256)}`, 256],
    ['no content', '0500', 0],
    ['nesting of 16', nested(16), 30],
  ])('accepts %s', (_what, hex, length) => {
    expect(parseDer(bytes(hex)).content).toHaveLength(length);
  });

  it.each([
    ['a child that ends behind its parent', '30 03 04 02 00 00', 'a value is truncated'],
    ['nothing', '', 'the value is empty'],
    ['a tag alone', '30', 'a length is truncated'],
    ['a length cut short', '04 82 01', 'a length is truncated'],
    ['content cut short', '04 02 00', 'a value is truncated'],
    ['a child that is cut short', '30 03 04 02 00', 'a value is truncated'],
    ['bytes after the value', '05 00 00', 'trailing bytes after the value: 1'],
    ['an indefinite length', '30 80 05 00 00 00', 'a length is indefinite'],
    ['a long length that fits one byte', '04 81 01 00', 'a length is not minimal'],
    ['a length with a leading zero', `04 82 00 80 ${'00'.repeat(128)}`, 'a length is not minimal'],
    ['a length of five bytes', '04 85 01 00 00 00 00', 'a length has more than 4 bytes'],
    ['the reserved length', '04 ff', 'a length has more than 4 bytes'],
    ['a tag number above 30', '1f 21 00', 'a tag number is above 30'],
    ['the end-of-contents tag', '30 02 00 00', 'tag 0x00 is not used in DER'],
    ['the reserved tag 15', '0f 00', 'tag 0x0f is not used in DER'],
    ['a string in pieces', '24 03 04 01 00', 'tag 0x24 is not used in DER'],
    ['a primitive sequence', '10 00', 'tag 0x10 is not used in DER'],
    ['nesting of 17', nested(17), 'nested deeper than 16 levels'],
  ])('refuses %s', (_what, hex, message) => {
    expect(() => parseDer(bytes(hex))).toThrow(new DerError(message));
  });
});

type Reader = (value: DerValue, what: string) => unknown;

/** `undefined` as result: refused. */
const PRIMITIVES: readonly [string, Reader, string, unknown][] = [
  ['true', readBoolean, '01 01 ff', true],
  ['false', readBoolean, '01 01 00', false],
  ['a boolean of 01', readBoolean, '01 01 01', undefined],
  ['a boolean of two bytes', readBoolean, '01 02 ff ff', undefined],
  ['an integer as boolean', readBoolean, '02 01 00', undefined],
  ['zero', readSmallInteger, '02 01 00', 0],
  ['127', readSmallInteger, '02 01 7f', 127],
  ['128', readSmallInteger, '02 02 00 80', 128],
  ['2^31 - 1', readSmallInteger, '02 04 7f ff ff ff', 2_147_483_647],
  ['2^31', readSmallInteger, '02 05 00 80 00 00 00', undefined],
  ['-1', readSmallInteger, '02 01 ff', undefined],
  ['an integer without digits', readInteger, '02 00', undefined],
  ['an integer with a zero too many', readInteger, '02 02 00 7f', undefined],
  ['a negative integer with a byte too many', readInteger, '02 02 ff 80', undefined],
  ['a bit string', readBitString, '03 02 01 fe', { bits: Buffer.of(0xfe), unused: 1 }],
  ['an empty bit string', readBitString, '03 01 00', { bits: Buffer.alloc(0), unused: 0 }],
  ['a bit string without its count', readBitString, '03 00', undefined],
  ['unused bits of nothing', readBitString, '03 01 01', undefined],
  ['8 unused bits', readBitString, '03 02 08 00', undefined],
  ['unused bits that are set', readBitString, '03 02 01 ff', undefined],
  ['an object identifier', readOid, '06 09 2a 86 48 86 f7 63 64 06 0b', '1.2.840.113635.100.6.11'],
  ['an identifier under 2', readOid, '06 03 88 37 03', '2.999.3'],
  ['an identifier under 0', readOid, '06 02 09 01', '0.9.1'],
  ['a UUID as identifier', readOid, `06 14 69 83 ${'ff'.repeat(17)} 7f`, `2.25.${2n ** 128n - 1n}`],
  ['a part over 128 bits', readOid, `06 16 69 ${'ff'.repeat(20)} 7f`, undefined],
  ['an empty identifier', readOid, '06 00', undefined],
  ['an identifier cut short', readOid, '06 02 2a 86', undefined],
  ['a part with a zero too many', readOid, '06 03 2a 80 01', undefined],
];

describe('readers of primitive values', () => {
  it.each(PRIMITIVES)('%s', (_what, read, hex, result) => {
    const value = parseDer(bytes(hex));
    if (result === undefined) expect(() => read(value, 'it')).toThrow(DerError);
    else expect(read(value, 'it')).toEqual(result);
  });

  it('names the missing value', () => {
    expect(() => readBoolean(undefined, 'cA')).toThrow(new DerError('cA is missing'));
  });
});

describe('readTime', () => {
  it.each([
    ['17', '250919123456Z', '2025-09-19T12:34:56.000Z'],
    ['17', '491231235959Z', '2049-12-31T23:59:59.000Z'],
    ['17', '500101000000Z', '1950-01-01T00:00:00.000Z'],
    ['17', '240229000000Z', '2024-02-29T00:00:00.000Z'],
    ['18', '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    ['18', '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  ])('tag %s: %s', (tag, text, iso) => {
    expect(new Date(readTime(parseDer(ascii(tag, text)), 'it')).toISOString()).toBe(iso);
  });

  it.each([
    ['17', '2509191234Z', 'without seconds'],
    ['17', '250919123456', 'without Z'],
    ['17', '250919123456+0000', 'with an offset'],
    ['17', '250230000000Z', '30 February'],
    ['17', '250229000000Z', '29 February of no leap year'],
    ['17', '251301000000Z', 'month 13'],
    ['17', '250919240000Z', 'hour 24'],
    ['17', '250919126000Z', 'minute 60'],
    ['17', '250919123460Z', 'a leap second'],
    ['17', '20250919123456Z', 'a long year in a UTCTime'],
    ['18', '250919123456Z', 'a short year in a GeneralizedTime'],
    ['18', '20250919123456.5Z', 'with a fraction'],
    ['18', '00510919123456Z', 'year 51'],
    ['18', '20250919123456Z00000', 'with something behind'],
    ['0c', '250919123456Z', 'as text'],
    ['17', '', 'empty'],
  ])('refuses tag %s: %s, %s', (tag, text) => {
    expect(() => readTime(parseDer(ascii(tag, text)), 'it')).toThrow(DerError);
  });
});
