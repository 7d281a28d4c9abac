import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { describeError, errorToJson } from '../../../src/terminal/error.js';

const paint = new Chalk({ level: 0 });
const error = new ToolError('usage', 'ERR_INPUT_NOT_FOUND', 'no file "a\u001b[2J\nb"', { hint: 'Check the path.' });

test('for people: message, then hint, nothing raw', () => {
  expect(describeError(error, paint)).toBe('error: no file "a\\u{1b}[2J\\u{a}b"\n  hint: Check the path.\n');
});

test('for people: without a hint', () => {
  expect(describeError(new ToolError('remote', 'ERR_X', 'it failed'), paint)).toBe('error: it failed\n');
});

test('for programs', () => {
  expect(errorToJson(error)).toBe(
    '{"error":{"code":"ERR_INPUT_NOT_FOUND","message":"no file \\"a\\u001b[2J\\nb\\"","hint":"Check the path."}}\n',
  );
});
