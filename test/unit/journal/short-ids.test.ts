import { expect, it } from 'vitest';
import type { RecordType } from '../../../src/journal/encoding.js';
import type { IndexedFiles } from '../../../src/journal/index/indexed-files.js';
import { idWords } from '../../../src/journal/index/row.js';
import { buildTable } from '../../../src/journal/index/table.js';
import { openShortIds } from '../../../src/journal/short-ids.js';

type Row = readonly [id: string, kind: RecordType];

/** Files of a journal with these rows, which count the rows that are read and the look-ups of their tables. */
function filesOf(...files: readonly (readonly Row[])[]): { files: IndexedFiles; work(): number } {
  let work = 0;
  const list = files.map((rows) => {
    const table = buildTable(rows.length, (add) => {
      for (const [row, [id]] of rows.entries()) add(idWords(id).idHigh, row);
    });
    const counted = {
      ...table,
      between(from: number, to: number) {
        const found = table.between(from, to);
        work += found.length;
        return found;
      },
    };
    return {
      index: { ids: () => counted, rowAt: (row: number) => ({ ...idWords(rows[row]![0]), kind: rows[row]![1] }) },
    };
  });
  return {
    files: { list, ofKinds: () => list.map((_, number) => number) } as unknown as IndexedFiles,
    work: () => work,
  };
}

const SIZE = 5_000;

it('rows of ids that all begin alike are listed once, however many of them are shortened', () => {
  const ids = Array.from({ length: SIZE }, (_, n) => `aaaaaaaa${n.toString(16).padStart(8, '0')}`);
  const { files, work } = filesOf(ids.map((id) => [id, 'receipt']));
  const { shorten } = openShortIds(files);
  for (const id of ids) expect(shorten(id)).toBe(id);
  expect(work()).toBe(SIZE);
});

it.each<[string, Row[], Row[], string]>([
  [
    'its deliveries',
    [
      ['aaaaaaaa00000001', 'receipt'],
      ['aaaaaaaa00000001', 'delivery'],
    ],
    [],
    'aaaaaaaa',
  ],
  [
    'a delivery of another',
    [
      ['aaaaaaaa00000001', 'receipt'],
      ['aaaaaaaa00000002', 'delivery'],
    ],
    [],
    'aaaaaaaa',
  ],
  [
    'another receipt',
    [
      ['aaaaaaaa00000001', 'receipt'],
      ['aaaaaaaa00000002', 'receipt'],
    ],
    [],
    'aaaaaaaa00000001',
  ],
  ['a rejected body', [['aaaaaaaa00000001', 'receipt']], [['aaaaaaaaffffffff', 'rejected']], 'aaaaaaaa00000001'],
  ['itself in both files', [['aaaaaaaa00000001', 'receipt']], [['aaaaaaaa00000001', 'rejected']], 'aaaaaaaa'],
  ['another one alone', [], [['aaaaaaaa00000000', 'rejected']], 'aaaaaaaa00000001'],
  ['no row', [], [], 'aaaaaaaa'],
])('an id beside %s', (_case, main, rejected, expected) => {
  const { shorten } = openShortIds(filesOf(main, rejected).files);
  expect([shorten('aaaaaaaa00000001'), shorten('aaaaaaaa00000001')]).toEqual([expected, expected]);
});
