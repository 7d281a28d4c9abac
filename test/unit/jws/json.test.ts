import { describe, expect, it } from 'vitest';
import { MAX_NESTING, NestingError, parseJson, stringifyJson } from '../../../src/jws/json.js';

describe('parseJson', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['{"a":9007199254740991}', { a: 9007199254740991 }],
    ['{"a":9007199254740993}', { a: 9007199254740993n }],
    ['{"a":-9007199254740993}', { a: -9007199254740993n }],
    ['[12345678901234567890]', [12345678901234567890n]],
    ['12345678901234567890', 12345678901234567890n],
    ['{"id":"2000000000842607","n":9223372036854775807}', { id: '2000000000842607', n: 9223372036854775807n }],
    ['{"a":1.2345678901234567890}', { a: Number('1.2345678901234567890') }],
    ['{"a":1234567890123456.5}', { a: 1234567890123456.5 }],
    ['{"a":1e30}', { a: 1e30 }],
    ['{"a":12345678901234567890e2}', { a: Number('12345678901234567890e2') }],
    [
      '{"a":"\\": 12345678901234567890","b":12345678901234567891}',
      { a: '": 12345678901234567890', b: 12345678901234567891n },
    ],
    ['{"a":"\uFDD05","b":12345678901234567890}', { a: '\uFDD05', b: 12345678901234567890n }],
    ['{"a":"\\ufdd0\\ufdd05","b":12345678901234567890}', { a: '\uFDD0\uFDD05', b: 12345678901234567890n }],
  ])('reads %s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it.each(['', '{', '{"a":0123456789012345678}', '{"a":12345678901234567890,}', "{'a':1}"])('refuses %s', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it.each([
    ['arrays', '['.repeat(MAX_NESTING) + ']'.repeat(MAX_NESTING)],
    ['brackets in strings', JSON.stringify({ a: '['.repeat(500), b: '\\"{'.repeat(500) })],
    ['many siblings', `[${'{},'.repeat(500)}{}]`],
  ])('accepts %s up to the limit', (_name, text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['arrays', '['.repeat(MAX_NESTING + 1) + ']'.repeat(MAX_NESTING + 1)],
    ['objects', `${'{"a":'.repeat(MAX_NESTING + 1)}1${'}'.repeat(MAX_NESTING + 1)}`],
    ['a hundred thousand open brackets', '['.repeat(100_000)],
  ])('refuses %s beyond the limit before parsing', (_name, text) => {
    expect(() => parseJson(text)).toThrow(NestingError);
  });
});

describe('stringifyJson', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['{"a":12345678901234567890}', { a: 12345678901234567890n }],
    ['[-9007199254740993,"x"]', [-9007199254740993n, 'x']],
    ['{"a":"\uFDD012","b":9007199254740993}', { a: '\uFDD012', b: 9007199254740993n }],
    ['{"a":"x\\"\uFDD012","b":9007199254740993}', { a: 'x"\uFDD012', b: 9007199254740993n }],
    ['{"b":null}', { a: undefined, b: null }],
  ] as const)('writes %s', (text, value) => {
    expect(stringifyJson(value)).toBe(text);
  });

  it('round-trips every value', () => {
    const text = '{"data":{"appAppleId":9223372036854775807,"price":9990,"name":"\uFDD0 1"}}';
    expect(stringifyJson(parseJson(text))).toBe(text);
  });
});
