import { PLAIN_PAINT } from '../terminal/paint.js';
import type { OutputStream } from './deps.js';
import { openDirectWriter } from './direct-writer.js';

/** For a terminal that does not report its width. */
const DEFAULT_COLUMNS = 80;

/**
 * An output of this process. `open` gives Node's stream, which is only asked for where the descriptor cannot be written directly. `stop`: the run
 * is to end, and a reader that does not read is no longer waited for.
 */
export function systemOutput(descriptor: 1 | 2, open: () => NodeJS.WriteStream, stop: AbortSignal): OutputStream {
  const closed = new AbortController();
  const direct = openDirectWriter(descriptor, process.platform);
  let opened: NodeJS.WriteStream | null = null;
  const stream = (): NodeJS.WriteStream => {
    opened ??= open().on('error', onError);
    return opened;
  };
  const isTty = direct === null && open().isTTY === true;
  // A terminal that was closed takes nothing more either, and says EIO.
  const onError = (error: NodeJS.ErrnoException): void =>
    closed.abort(error.code === 'EPIPE' || (isTty && error.code === 'EIO') ? 'EPIPE' : error);
  const tracked = trackWrites(stream, closed.signal, stop);
  return {
    ...tracked,
    write(data) {
      if (closed.signal.aborted) return;
      if (direct === null || opened !== null) return tracked.write(data);
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      try {
        const rest = direct.write(bytes);
        if (rest.length > 0) tracked.write(rest);
      } catch (error) {
        onError(error as NodeJS.ErrnoException);
      }
    },
    isTty,
    get columns() {
      return isTty ? stream().columns || DEFAULT_COLUMNS : Number.POSITIVE_INFINITY;
    },
    paint: PLAIN_PAINT,
    closed: closed.signal,
  };
}

/** Longest wait of a stopped run for a reader that does not read, for example a pager that is not scrolled. */
const LAST_WORDS_MS = 1_000;

/** Counts writes that the system has not taken yet, so that a buffer may be reused once there are none. */
function trackWrites(
  stream: () => NodeJS.WriteStream,
  closed: AbortSignal,
  stop: AbortSignal,
): Pick<OutputStream, 'write' | 'drained'> {
  let pending = 0;
  let isUnread = false;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const giveUp = (): void => {
    isUnread = pending > 0;
    wake();
  };
  const limitWait = (): void => void setTimeout(giveUp, LAST_WORDS_MS).unref();
  closed.addEventListener('abort', giveUp, { once: true });
  stop.addEventListener('abort', limitWait, { once: true });
  return {
    write(data) {
      if (closed.aborted) return;
      pending += 1;
      stream().write(data, () => {
        pending -= 1;
        isUnread = false;
        if (pending === 0) wake();
      });
    },
    drained() {
      if (pending === 0 || isUnread || closed.aborted) return Promise.resolve();
      if (stop.aborted) limitWait();
      return new Promise((resolve) => void waiting.push(resolve));
    },
  };
}
