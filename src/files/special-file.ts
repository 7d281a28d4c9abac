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
  const done = new AbortController();
  const aborted = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true, signal: done.signal });
  });
  const fd = await Promise.race([opening, aborted]);
  done.abort();
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
  const chunks = createReadStream(path)[Symbol.asyncIterator]();
  const aborted = new Promise<{ done: true }>((resolve) => {
    signal.addEventListener('abort', () => resolve({ done: true }), { once: true });
  });
  for (;;) {
    const next = await Promise.race([chunks.next(), aborted]);
    if (next.done) return;
    yield next.value as Uint8Array;
  }
}
