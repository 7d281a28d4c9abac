import { closeSync, createReadStream, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { unreadable } from './folder.js';

const CHUNK_BYTES = 512 * 1024;

const readAsync = promisify(read);

export interface ReadPlace {
  readonly name: string;
  readonly path: string;
  /** null where it is no regular file: a pipe or a device gives what it has when it has it. */
  readonly size: number | null;
}

/** The bytes of a file. A chunk is good until the next one is asked for. Throws `ERR_INPUT_UNREADABLE`; ends when `signal` aborts. */
export async function* readChunks(place: ReadPlace, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* isKnown(place.size) ? readRegular(place.path, place.size, signal) : readPipe(place.path, signal);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unreadable(place.name, error);
  }
}

/** Files that the system makes up as they are read (/proc) say that they are empty. */
function isKnown(size: number | null): size is number {
  return size !== null && size > 0;
}

/** The first chunk at once, since most files have one and a thread pool takes its time to start; the rest without blocking this thread. */
async function* readRegular(path: string, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size + 1));
    let count = readSync(file, buffer);
    while (count > 0 && !signal.aborted) {
      yield buffer.subarray(0, count);
      // A regular file gives less than was asked for at its end only.
      if (count < buffer.length) return;
      count = (await readAsync(file, buffer, 0, buffer.length, null)).bytesRead;
    }
  } finally {
    closeSync(file);
  }
}

async function* readPipe(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
