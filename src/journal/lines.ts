import type { Tear } from './entry.js';

/** One line as it stands in a file. `text` is a view that holds until the next lines are asked for, without the newline. */
export interface Line {
  readonly text: Buffer;
  /** Of its first byte. */
  readonly offset: number;
  /** With its newline. */
  readonly bytes: number;
  /** False for the rest of a file that does not end in a newline. */
  readonly isEnded: boolean;
}

/** Reads into `buffer` from `position` of a file on; returns how many bytes, 0 at its end. */
export type ReadAt = (buffer: Buffer, at: number, length: number, position: number) => Promise<number>;

/**
 * The lines of a file from `from` on, a block at a time, empty ones left out. Memory is bounded: a line longer than {@link MAX_LINE_BYTES}
 * comes without its text. `expectedBytes`: about how much there is, so that a small file takes little.
 */
export async function* readLines(read: ReadAt, from = 0, expectedBytes = BLOCK_BYTES): AsyncGenerator<readonly Line[]> {
  let buffer = Buffer.allocUnsafe(Math.min(Math.max(expectedBytes, LEAST_BYTES), BLOCK_BYTES));
  let start = from;
  let held = 0;
  let skipped = 0;
  for (;;) {
    const count = await read(buffer, held, buffer.length - held, start + skipped + held);
    if (count === 0) break;
    const filled = buffer.subarray(0, held + count);
    const lines: Line[] = [];
    let at = 0;
    for (let end = filled.indexOf(NEWLINE, held); end !== -1; end = filled.indexOf(NEWLINE, at)) {
      const bytes = skipped + end + 1 - at;
      if (bytes > 1) lines.push({ text: textOf(filled, at, end, skipped), offset: start, bytes, isEnded: true });
      start += bytes;
      at = end + 1;
      skipped = 0;
    }
    if (lines.length > 0) yield lines;
    held = filled.length - at;
    buffer.copyWithin(0, at, filled.length);
    if (held === buffer.length) {
      if (held >= MAX_LINE_BYTES) {
        skipped += held;
        held = 0;
      } else buffer = Buffer.concat([buffer], buffer.length * 2);
    }
  }
  if (skipped + held > 0) {
    const text = textOf(buffer, 0, held, skipped);
    yield [{ text, offset: start, bytes: skipped + held, isEnded: false }];
  }
}

/** What is told of a line that holds no record. */
export function tearOf(path: string, { offset, bytes, isEnded }: Line): Tear {
  return { path, offset, bytes, where: isEnded ? 'middle' : 'end' };
}

/** A body of 1 MiB is 2 MiB at most as JSON: whatever is longer than this is no record. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

const BLOCK_BYTES = 1024 * 1024;
const LEAST_BYTES = 4096;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

function textOf(buffer: Buffer, at: number, end: number, skipped: number): Buffer {
  return skipped > 0 ? NOTHING : buffer.subarray(at, end);
}
