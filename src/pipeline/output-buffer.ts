/** Text as UTF-8 bytes in a buffer that can be transferred to another thread and reused afterwards. */
export interface OutputBuffer {
  append(text: string): void;
  take(): Uint8Array;
}

const FIRST_BYTES = 512 * 1024;

/** UTF-8 needs at most three bytes for each UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * Encodes line by line into one buffer: several times as fast as joining a megabyte of strings and encoding the result. `spare`: a buffer
 * to reuse.
 */
export function createOutputBuffer(spare: ArrayBuffer | null): OutputBuffer {
  let buffer = Buffer.from(spare ?? new ArrayBuffer(0));
  let length = 0;
  return {
    append(text) {
      if (text.length === 0) return;
      const needed = length + text.length * MOST_BYTES_PER_UNIT;
      if (needed > buffer.length) buffer = grow(buffer, length, needed);
      length += buffer.write(text, length, 'utf8');
    },
    take: () => new Uint8Array(buffer.buffer, 0, length),
  };
}

function grow(buffer: Buffer<ArrayBuffer>, length: number, needed: number): Buffer<ArrayBuffer> {
  const bigger = Buffer.from(new ArrayBuffer(Math.max(needed, buffer.length * 2, FIRST_BYTES)));
  buffer.copy(bigger, 0, 0, length);
  return bigger;
}
