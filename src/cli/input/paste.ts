import { ToolError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { type KeyEvent, NO_KEYS, parseKeys } from './keys.js';
import { createPastePrompt, type PastePrompt } from './paste-prompt.js';
import { createPastedText, isWholePaste, type PastedText } from './pasted-text.js';

export type PasteDeps = Pick<Deps, 'stdin' | 'stderr' | 'signal' | 'suspend'>;

/**
 * Asks for a paste on the terminal and resolves with its text, line ends as LF. It ends at the terminal's closing bracket, at Enter after
 * something whole ({@link isWholePaste}) or at Ctrl-D. Reads byte by byte in raw mode, since a line typed at a terminal holds 4,096 bytes
 * (1,024 on macOS) and a notification has 18,800. The terminal is put back on every way out, and while suspended by Ctrl-Z.
 *
 * Throws `ERR_INPUT_EMPTY` when nothing was pasted, `ERR_INTERRUPTED` on Ctrl-C and when the signal aborts.
 */
export async function readPaste(deps: PasteDeps): Promise<string> {
  if (deps.signal.aborted) throw interrupted();
  const pasted = createPastedText();
  const prompt = createPastePrompt(deps);
  const reading = new AbortController();
  const stop = (): void => {
    // In this order: a stream that was closed can no longer put the terminal back.
    prompt.close();
    reading.abort();
  };
  deps.signal.addEventListener('abort', stop, { once: true });
  try {
    prompt.open();
    prompt.show(0, false);
    await gather(pasted, prompt, deps, reading.signal);
  } finally {
    deps.signal.removeEventListener('abort', stop);
    stop();
  }
  if (deps.signal.aborted) throw interrupted();
  if (isEmpty(pasted)) throw nothingPasted();
  prompt.tellReceived(pasted.characters());
  return pasted.text();
}

/** Returns with the stream still open where the paste ended before it: `for await` would close it before the terminal is put back. */
async function gather(pasted: PastedText, prompt: PastePrompt, deps: PasteDeps, reading: AbortSignal): Promise<void> {
  const chunks = deps.stdin.chunks(reading)[Symbol.asyncIterator]();
  let state = NO_KEYS;
  let coming = chunks.next();
  for (let next = await coming; !next.done && !reading.aborted; next = await coming) {
    const keys = parseKeys(state, next.value);
    state = keys.state;
    if (keys.events.some((event) => takeEvent(event, pasted) === 'done')) return;
    coming = chunks.next();
    const last = keys.events.at(-1)?.type;
    if (last === 'suspend') await suspend(prompt, coming, deps);
    prompt.show(pasted.characters(), last === 'enter' && !isEmpty(pasted));
  }
}

function takeEvent(event: KeyEvent, pasted: PastedText): 'done' | 'more' {
  switch (event.type) {
    case 'text':
      pasted.add(event.bytes);
      return 'more';
    case 'erase':
      pasted.erase();
      return 'more';
    case 'erase-all':
    case 'paste-start':
      // Keys hit before a paste are no part of it.
      pasted.clear();
      return 'more';
    case 'enter':
      return isWholePaste(pasted.text()) ? 'done' : 'more';
    case 'paste-end':
      return isEmpty(pasted) ? 'more' : 'done';
    case 'end':
      return 'done';
    case 'interrupt':
      throw interrupted();
    case 'suspend':
      return 'more';
  }
}

/**
 * Stops as Ctrl-Z does elsewhere, until continued. `coming` is the read under way: Node, once continued, would end without one. That
 * it brings something means that nobody stopped us, as in a container, where no shell could continue what it stops.
 */
async function suspend(prompt: PastePrompt, coming: Promise<unknown>, { suspend, signal }: PasteDeps): Promise<void> {
  prompt.close();
  await Promise.race([suspend(), coming, aborted(signal)]);
  if (!signal.aborted) prompt.open();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function isEmpty(pasted: PastedText): boolean {
  return pasted.characters() === 0 || pasted.text().trim() === '';
}

function interrupted(): ToolError {
  return new ToolError('interrupted', 'ERR_INTERRUPTED', 'stopped before anything was pasted');
}

function nothingPasted(): ToolError {
  return new ToolError('usage', 'ERR_INPUT_EMPTY', 'nothing was pasted', {
    hint: 'Give a file, or pipe the payload in: pbpaste | storewire decode',
  });
}
