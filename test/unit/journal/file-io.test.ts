import { describe, expect, it } from 'vitest';
import { MAX_LINE_BYTES, type ReadAt, readLines } from '../../../src/journal/file-io.js';

/** A file in memory that gives at most `most` bytes at a time. */
function fileOf(text: Buffer, most = Number.POSITIVE_INFINITY): ReadAt {
  return async (buffer, at, length, position) =>
    text.copy(buffer, at, position, Math.min(text.length, position + length, position + most));
}

interface Seen {
  readonly text: string;
  readonly offset: number;
  readonly bytes: number;
  readonly isEnded: boolean;
}

async function linesOf(read: ReadAt, from?: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const lines of readLines(read, from)) {
    for (const line of lines) seen.push({ ...line, text: line.text.toString() });
  }
  return seen;
}

const line = (text: string, offset: number, bytes: number, isEnded = true): Seen => ({ text, offset, bytes, isEnded });

describe('readLines', () => {
  it.each<[string, string, Seen[]]>([
    ['nothing', '', []],
    ['lines', 'a\nbc\n', [line('a', 0, 2), line('bc', 2, 3)]],
    ['empty lines', '\n\na\n\nb\n\n', [line('a', 2, 2), line('b', 5, 2)]],
    ['a last line without its end', 'a\nbc', [line('a', 0, 2), line('bc', 2, 2, false)]],
    ['one line without its end', 'abc', [line('abc', 0, 3, false)]],
    ['letters of several bytes', 'é\n😀\n', [line('é', 0, 3), line('😀', 3, 5)]],
  ])('reads %s, however few bytes come at a time', async (_case, text, expected) => {
    for (const most of [1, 2, 3, Number.POSITIVE_INFINITY]) {
      expect(await linesOf(fileOf(Buffer.from(text), most))).toEqual(expected);
    }
  });

  it('goes on from a line', async () => {
    expect(await linesOf(fileOf(Buffer.from('a\nbc\nd\n')), 2)).toEqual([line('bc', 2, 3), line('d', 5, 2)]);
  });

  it.each([1024 * 1024 - 2, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3 * 1024 * 1024])(
    'reads a line of %i bytes among others',
    async (length) => {
      const long = 'x'.repeat(length);
      const seen = await linesOf(fileOf(Buffer.from(`a\n${long}\nb\nc`)));
      expect(seen.map(({ text }) => text.length)).toEqual([1, length, 1, 1]);
      expect(seen.map(({ offset }) => offset)).toEqual([0, 2, length + 3, length + 5]);
      expect(seen[1]!.text === long).toBe(true);
    },
  );

  it.each([true, false])('passes over a line that is too long to be one (ended: %s)', async (isEnded) => {
    const length = MAX_LINE_BYTES * 2 + 5;
    const text = Buffer.concat([Buffer.from('a\n'), Buffer.alloc(length, 0), Buffer.from(isEnded ? '\nb\n' : '')]);
    const expected = isEnded
      ? [line('a', 0, 2), line('', 2, length + 1), line('b', length + 3, 2)]
      : [line('a', 0, 2), line('', 2, length, false)];
    expect(await linesOf(fileOf(text))).toEqual(expected);
  });
});
