import type { RecordType } from '../encoding.js';
import { IndexDefect } from './index-file.js';
import type { IndexedFiles, Position } from './indexed-files.js';
import { kindNumber, ROW_AT, ROW_BYTES, readRow } from './row.js';

export type Direction = 'oldest' | 'newest';

/** Yields the rows of one kind over several files, in the order of the files or against it. */
export async function* positionsOf(
  files: IndexedFiles,
  numbers: readonly number[],
  kind: RecordType,
  from: Direction,
): AsyncGenerator<Position> {
  for (const number of from === 'oldest' ? numbers : [...numbers].reverse()) {
    yield* positionsIn(files, number, kind, from);
  }
}

/** An index that is built again meanwhile continues at the same place of its file. */
async function* positionsIn(
  files: IndexedFiles,
  file: number,
  kind: RecordType,
  from: Direction,
): AsyncGenerator<Position> {
  const step = from === 'oldest' ? 1 : -1;
  const wanted = kindNumber(kind);
  let { index } = files.list[file]!;
  let rows = await rowsOfFile(files, file);
  ({ index } = files.list[file]!);
  let row = step === 1 ? 0 : index.size - 1;
  while (row >= 0 && row < index.size) {
    if (rows.getUint8(row * ROW_BYTES + ROW_AT.kind) === wanted) {
      const data = readRow(rows, row * ROW_BYTES);
      yield { file, row, data };
      const { index: present } = files.list[file]!;
      if (present !== index) {
        index = present;
        rows = await rowsOfFile(files, file);
        row = placeOf(rows, index.size, data.offset, step);
        continue;
      }
    }
    row += step;
  }
}

/** All rows of a file; its index is built again where it has a defect. */
export async function rowsOfFile(files: IndexedFiles, file: number): Promise<DataView> {
  try {
    return files.list[file]!.index.rows();
  } catch (error) {
    if (!(error instanceof IndexDefect)) throw error;
    await files.rebuild(file, error.message);
    return files.list[file]!.index.rows();
  }
}

/** The next row at this offset or beyond it, in the direction of the step. */
function placeOf(rows: DataView, size: number, offset: number, step: 1 | -1): number {
  let row = step === 1 ? 0 : size - 1;
  while (row >= 0 && row < size && (rows.getFloat64(row * ROW_BYTES) - offset) * step < 0) row += step;
  return row;
}

/** Merges two streams by time: that of the listed order, oldest or newest first. */
export async function* mergeByTime(
  a: AsyncGenerator<Position>,
  b: AsyncGenerator<Position>,
  from: Direction,
): AsyncGenerator<Position> {
  const isBefore = (one: Position, other: Position): boolean =>
    from === 'oldest' ? one.data.atMs <= other.data.atMs : one.data.atMs > other.data.atMs;
  try {
    let [nextA, nextB] = [await a.next(), await b.next()];
    while (nextA.done !== true || nextB.done !== true) {
      const isA = nextB.done === true || (nextA.done !== true && isBefore(nextA.value, nextB.value));
      yield (isA ? nextA.value : nextB.value) as Position;
      if (isA) nextA = await a.next();
      else nextB = await b.next();
    }
  } finally {
    await a.return(undefined);
    await b.return(undefined);
  }
}
