import type { Deps, OutputStream } from '../deps.js';

/** Where text goes that comes faster than a terminal or a reader may take it. */
export interface Outlet {
  write(text: string): void;
  /** Writes what is left; resolves once it has been handed on. */
  end(): Promise<void>;
}

export interface OutletOptions {
  /** What may wait for a slow reader, in characters. */
  readonly mostWaiting: number;
  /** What is written in the place of texts that were too many to keep. */
  readonly onLeftOut: (count: number) => string;
}

/** Nobody sees a delay of this length, and a thousand lines a second become fifty writes. */
const GATHER_MS = 20;

/**
 * Gathers texts and writes them together. While a reader does not read they wait, up to a bound; what is beyond it is left out and told,
 * so that a pager nobody scrolls neither stops the listener nor fills its memory.
 */
export function createOutlet(
  stream: Pick<OutputStream, 'write' | 'drained'>,
  { mostWaiting, onLeftOut }: OutletOptions,
  sleep: Deps['sleep'],
): Outlet {
  let waiting: string[] = [];
  let characters = 0;
  let leftOut = 0;
  let flushing: Promise<void> | null = null;
  const flush = (): void => {
    if (waiting.length > 0) stream.write(waiting.join(''));
    waiting = [];
    characters = 0;
    if (leftOut > 0) stream.write(onLeftOut(leftOut));
    leftOut = 0;
  };
  const flushSoon = async (): Promise<void> => {
    await sleep(GATHER_MS);
    await stream.drained();
    flushing = null;
    flush();
  };
  return {
    write(text) {
      if (text === '') return;
      if (leftOut > 0 || characters + text.length > mostWaiting) {
        leftOut += 1;
      } else {
        waiting.push(text);
        characters += text.length;
      }
      flushing ??= flushSoon();
    },
    async end() {
      await flushing;
      flush();
      await stream.drained();
    },
  };
}
