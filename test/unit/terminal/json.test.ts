import { describe, expect, test } from 'vitest';
import { toJsonLine } from '../../../src/terminal/json.js';

describe('toJsonLine', () => {
  test.each([
    ['plain', { a: 1, b: ['x'] }, '{"a":1,"b":["x"]}\n'],
    ['bigint', { id: 9007199254740993n }, '{"id":9007199254740993}\n'],
    ['undefined fields', { a: undefined, b: null }, '{"b":null}\n'],
    ['C0', { a: '\u001b\n' }, '{"a":"\\u001b\\n"}\n'],
    ['DEL alone in ASCII', { a: '\u007f' }, '{"a":"\\u007f"}\n'],
    ['C1', { a: '\u009b' }, '{"a":"\\u009b"}\n'],
    ['bidi and zero-width', { a: '\u202e\u200b' }, '{"a":"\\u202e\\u200b"}\n'],
    ['beyond U+FFFF: a pair', { a: '\u{e0041}' }, '{"a":"\\udb40\\udc41"}\n'],
    ['lone surrogate', { a: '\ud800' }, '{"a":"\\ud800"}\n'],
    ['field names too', { 'a\u202e': 1 }, '{"a\\u202e":1}\n'],
    ['letters of any script', { a: 'Zürich 東京 😀' }, '{"a":"Zürich 東京 😀"}\n'],
  ])('%s', (_name, value, expected) => {
    expect(toJsonLine(value)).toBe(expected);
  });

  test('escaping changes no value', () => {
    const value = { text: 'a\u007f\u009b\u202e\u{e0041}\ud800\ufdd0\\"\u2028' };
    expect(JSON.parse(toJsonLine(value))).toEqual(value);
  });
});
