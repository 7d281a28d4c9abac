import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { describeError, errorToJson } from '../../../src/terminal/error.js';

const paint = new Chalk({ level: 0 });
const pipe = { paint, columns: Number.POSITIVE_INFINITY };
const error = new ToolError('usage', 'ERR_INPUT_NOT_FOUND', 'no file "a\u001b[2J\nb"', { hint: 'Check the path.' });

test('for people: message, then hint, nothing raw', () => {
  expect(describeError(error, pipe)).toBe('error: no file "a\\u{1b}[2J\\u{a}b"\n  hint: Check the path.\n');
});

test('for people: without a hint', () => {
  expect(describeError(new ToolError('remote', 'ERR_X', 'it failed'), pipe)).toBe('error: it failed\n');
});

const long = new ToolError(
  'usage',
  'ERR_X',
  'the file of the key is open to others, at /a/very/long/path/AuthKey_ABC.p8',
  {
    hint: 'Run chmod 600 /a/very/long/path/AuthKey_ABC.p8, then try again.',
  },
);

test('for people: wrapped by words below the text, long paths left whole', () => {
  expect(describeError(long, { paint, columns: 36 })).toBe(
    [
      'error: the file of the key is open',
      '       to others, at',
      '       /a/very/long/path/AuthKey_ABC.p8',
      '  hint: Run chmod 600',
      '        /a/very/long/path/AuthKey_ABC.p8,',
      '        then try again.',
      '',
    ].join('\n'),
  );
});

test('for people: never wrapped in a pipe', () => {
  expect(describeError(long, pipe).split('\n')).toHaveLength(3);
});

test('for programs', () => {
  expect(errorToJson(error)).toBe(
    '{"error":{"code":"ERR_INPUT_NOT_FOUND","message":"no file \\"a\\u001b[2J\\nb\\"","hint":"Check the path."}}\n',
  );
});
