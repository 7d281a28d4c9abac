import { describe, expect, test } from 'vitest';
import { groupDigits } from '../../../src/terminal/format.js';
import { keepEnd, keepStart, padTo, widthOf, wrapText, wrapWords } from '../../../src/terminal/width.js';

test.each([
  ['abc', 3],
  ['', 0],
  ['Zürich', 6],
  ['Zu\u0308rich', 6],
  ['東京', 4],
  ['😀', 2],
])('widthOf %j is %i', (text, cells) => {
  expect(widthOf(text)).toBe(cells);
  expect(widthOf(padTo(text, 10))).toBe(10);
});

describe('wrapText', () => {
  test.each<[string, number, readonly string[]]>([
    ['one two three', 20, ['one two three']],
    ['one two three', 8, ['one two', 'three']],
    ['one two three', Number.POSITIVE_INFINITY, ['one two three']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['ab cdefghij', 4, ['ab', 'cdef', 'ghij']],
    ['東京東京', 5, ['東京', '東京']],
    ['', 5, ['']],
  ])('%j at %s', (text, width, expected) => {
    expect(wrapText(text, width)).toEqual(expected);
  });
});

test.each([
  ['payloads.ndjson:17', 20, 'payloads.ndjson:17'],
  ['payloads.ndjson:17', 8, '…json:17'],
])('keepEnd %s at %i', (text, width, expected) => {
  expect(keepEnd(text, width)).toBe(expected);
});

test.each([
  ['one two three', 20, 'one two three'],
  ['one two three', 9, 'one two…'],
])('keepStart %s at %i', (text, width, expected) => {
  expect(keepStart(text, width)).toBe(expected);
});

test.each<[number | bigint, string]>([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [-1234567, '-1,234,567'],
  [10n ** 18n, '1,000,000,000,000,000,000'],
])('groupDigits %s', (value, expected) => {
  expect(groupDigits(value)).toBe(expected);
});

test.each([
  ['a short one', 20, ['a short one']],
  ['one two three', 8, ['one two', 'three']],
  ['see https://example.com/long/path now', 10, ['see', 'https://example.com/long/path', 'now']],
  ['https://example.com/long/path', 10, ['https://example.com/long/path']],
])('wrapWords %s at %i', (text, width, expected) => {
  expect(wrapWords(text, width)).toEqual(expected);
});
