import { closeSync, constants, createReadStream, open, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

/**
 * The chunks of a named pipe, until its writer closes it or `signal` aborts. Nothing blocks: a file read would wait for the writer in a
 * thread that cannot be stopped, and Node waits for its threads at the exit. Throws Node's error where the pipe cannot be read.
 */
export async function* readPipe(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal.aborted) return;
  const fd = await openPipe(path, signal);
  if (fd === null) return;
  const socket = new Socket({ fd, readable: true, writable: false });
  // The signal may have come between the opening and this line.
  if (signal.aborted) return void socket.destroy();
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of socket) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** Opens a pipe once it has a writer; null where the signal aborts first. */
async function openPipe(path: string, signal: AbortSignal): Promise<number | null> {
  const opening = promisify(open)(path, constants.O_RDONLY);
  const fd = await untilAborted(opening, signal);
  if (fd !== null) return fd;
  const writer = wakeReader(path);
  const closeBoth = (reader: number | null): void => {
    for (const each of [reader, writer]) if (each !== null) closeSync(each);
  };
  void opening.then(closeBoth, () => closeBoth(null));
  return null;
}

/** Ends the wait of a reader in `open` by being its writer. Null without permission to write: the signal ends the process all the same. */
function wakeReader(path: string): number | null {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}

/**
 * The chunks of a device, or of a virtual file whose size is unknown, until its end or until `signal` aborts. A read that is under way is
 * given up: that of a terminal ends with the next line typed. Throws Node's error where it cannot be read.
 */
export async function* readDevice(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal.aborted) return;
  const stream = createReadStream(path);
  const chunks = stream[Symbol.asyncIterator]();
  try {
    while (!signal.aborted) {
      const next = await untilAborted(chunks.next(), signal);
      if (next === null || next.done) return;
      yield next.value as Uint8Array;
    }
  } finally {
    stream.destroy();
  }
}

/** Null where the signal aborts first. A promise of its own for each call: one for all of them would keep every result. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  let stop = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    stop = () => resolve(null);
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
