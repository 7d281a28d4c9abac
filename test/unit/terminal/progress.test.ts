import { expect, test } from 'vitest';
import { createProgressLine, describeProgress, type Progress } from '../../../src/terminal/progress.js';

const HALF: Progress = { payloads: 123_456, elapsedMs: 20_000, bytesDone: 50, bytesTotal: 100 };

test.each<[string, Partial<Progress>, number, string]>([
  ['all parts', {}, 80, '123,456 payloads  6,173/s  50 %  about 20 s left'],
  ['minutes', { bytesDone: 10 }, 80, '123,456 payloads  6,173/s  10 %  about 3 min left'],
  ['hours', { bytesDone: 1, bytesTotal: 1000 }, 80, '123,456 payloads  6,173/s  0 %  about 6 h left'],
  ['a pipe', { bytesTotal: null }, 80, '123,456 payloads  6,173/s'],
  ['just begun', { payloads: 1, elapsedMs: 10, bytesDone: 0 }, 80, '1 payload  0 %'],
  ['done', { bytesDone: 100 }, 80, '123,456 payloads  6,173/s  100 %'],
  ['a file that grew', { bytesDone: 120 }, 80, '123,456 payloads  6,173/s  100 %'],
  ['narrow', {}, 30, '123,456 payloads  6,173/s'],
  ['never as wide as the terminal', {}, 16, ''],
])('%s', (_name, change, columns, expected) => {
  expect(describeProgress({ ...HALF, ...change }, columns)).toBe(expected);
});

const written = (isTty: boolean) => {
  const parts: string[] = [];
  return { isTty, write: (part: string) => void parts.push(part), text: () => parts.join('') };
};

test('the progress line is rewritten in place, and removed once', () => {
  const stream = written(true);
  const line = createProgressLine(stream);
  line.clear();
  line.show('1 of 2');
  line.show('2 of 2');
  line.clear();
  line.clear();
  expect(stream.text()).toBe('\r\u001b[2K1 of 2\r\u001b[2K2 of 2\r\u001b[2K');
});

test('the progress line is not written to a pipe', () => {
  const stream = written(false);
  const line = createProgressLine(stream);
  line.show('1 of 2');
  line.clear();
  expect(stream.text()).toBe('');
});
