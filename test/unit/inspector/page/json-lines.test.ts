import { describe, expect, it } from 'vitest';
import { type JsonLine, layJson } from '../../../../src/inspector/page/model/json-lines.js';

const textOf = ({ depth, key, text }: JsonLine): string =>
  ' '.repeat(2 * depth) + (key === null ? '' : `${key}: `) + text;
const notesOf = (value: unknown): readonly (string | null)[] =>
  layJson(value)
    .lines.map(({ note }) => note)
    .filter((note) => note !== null);

describe('layJson', () => {
  it.each([
    { a: 1, b: [true, null, 'x"<y>'], c: {}, d: [] },
    [[[]], [{ a: [1, 2] }]],
    'text',
    null,
    { '<b>"': '\u0000\u202e' },
  ])('writes %j as JSON.stringify does', (value) =>
    expect(layJson(value).lines.map(textOf).join('\n')).toBe(JSON.stringify(value, null, 2)),
  );

  it('explains dates and amounts, and nothing that only looks like one', () => {
    expect(notesOf({ signedDate: 1_793_610_000_000, price: 9990, currency: 'USD' })).toEqual([
      '2026-11-02T09:00:00Z',
      '9.99 USD',
    ]);
    expect(notesOf({ signedDate: '1793610000000', expiresDate: 1_793_610_000, price: 9990 })).toEqual([]);
  });

  it('cuts a long string and says how long it is', () => {
    const [, line] = layJson({ token: 'x'.repeat(5_320) }).lines;
    expect([line?.text.length, line?.note]).toEqual([51, '5,320 characters']);
  });

  it('cuts an endless value', () => {
    const { lines, isCut } = layJson(Array.from({ length: 50_000 }, (_, n) => [n]));
    expect([lines.length, isCut]).toEqual([2_000, true]);
    expect(layJson([1]).isCut).toBe(false);
  });
});
