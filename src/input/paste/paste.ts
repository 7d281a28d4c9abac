import type { ChalkInstance } from 'chalk';
import type { Deps } from '../../cli/deps.js';
import { interrupted, ToolError } from '../../errors.js';
import { countOf } from '../../terminal/format.js';
import { createKeypressReader, type KeyEvent } from './keypress.js';
import { isWholePaste, PastedText } from './pasted-text.js';

export type PasteDeps = Pick<Deps, 'stdin' | 'stderr' | 'signal' | 'suspend'>;

/**
 * Asks for a paste on the terminal and resolves with its text, line ends as LF. It ends at the terminal's closing bracket, at Enter after
 * a whole payload ({@link isWholePaste}) or at Ctrl-D. Reads in raw mode, since a line typed at a terminal holds 4,096 bytes (1,024 on
 * macOS) and a notification has 18,800. The terminal is restored on every way out, and while suspended by Ctrl-Z.
 *
 * Throws `ERR_INPUT_EMPTY` when nothing was pasted, `ERR_INTERRUPTED` on Ctrl-C and when the signal aborts.
 */
export async function readPaste(deps: PasteDeps): Promise<string> {
  if (deps.signal.aborted) throw interrupted(STOPPED);
  const pasted = new PastedText();
  const prompt = new PastePrompt(deps);
  const reading = new AbortController();
  const stop = (): void => {
    // In this order: a closed stream can no longer restore the terminal.
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
  if (deps.signal.aborted) throw interrupted(STOPPED);
  if (pasted.isBlank) throw nothingPasted();
  prompt.confirm(pasted.characters);
  return pasted.toString();
}

/** Returns with the stream still open where the paste ended before it: `for await` would close it before the terminal is restored. */
async function gather(pasted: PastedText, prompt: PastePrompt, deps: PasteDeps, reading: AbortSignal): Promise<void> {
  const chunks = deps.stdin.chunks(reading)[Symbol.asyncIterator]();
  const readKeys = createKeypressReader();
  let pending = chunks.next();
  for (let next = await pending; !next.done && !reading.aborted; next = await pending) {
    const events = readKeys(next.value);
    if (events.some((event) => applyEvent(event, pasted) === 'done')) return;
    pending = chunks.next();
    const last = events.at(-1)?.type;
    if (last === 'suspend') await suspend(prompt, pending, deps);
    prompt.show(pasted.characters, last === 'enter' && !pasted.isBlank);
  }
}

function applyEvent(event: KeyEvent, pasted: PastedText): 'done' | 'more' {
  switch (event.type) {
    case 'text':
      pasted.add(event.text);
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
      return isWholePaste(pasted.toString()) ? 'done' : 'more';
    case 'paste-end':
      return pasted.isBlank ? 'more' : 'done';
    case 'end':
      return 'done';
    case 'interrupt':
      throw interrupted(STOPPED);
    case 'suspend':
      return 'more';
  }
}

/**
 * Stops as Ctrl-Z does elsewhere, until continued. `pending` is the read in progress: without one Node would exit once continued. Input
 * that arrives means that the process was not stopped, as in a container without a shell that could continue it.
 */
async function suspend(prompt: PastePrompt, pending: Promise<unknown>, { suspend, signal }: PasteDeps): Promise<void> {
  prompt.close();
  await Promise.race([suspend(), pending, aborted(signal)]);
  if (!signal.aborted) prompt.open();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const STOPPED = 'stopped before anything was pasted';

function nothingPasted(): ToolError {
  return new ToolError('usage', 'ERR_INPUT_EMPTY', 'nothing was pasted', {
    hint: 'Pass a file, or pipe the payload in: pbpaste | storewire decode',
  });
}

const BRACKETS_ON = '\x1b[?2004h';

const BRACKETS_OFF = '\x1b[?2004l';

const LINE_CLEARED = '\r\x1b[K';

const QUESTION = 'Paste a notification, then press Enter:';

/**
 * The prompt on stderr. From `open` to `close` the terminal is in raw mode: keys come one by one and nothing is echoed. A stderr that is
 * no terminal gets no control sequences: the paste comes without brackets then, and the count is left out.
 */
class PastePrompt {
  readonly #stdin: Deps['stdin'];
  readonly #stderr: Deps['stderr'];
  #isOpen = false;

  constructor({ stdin, stderr }: Pick<Deps, 'stdin' | 'stderr'>) {
    this.#stdin = stdin;
    this.#stderr = stderr;
  }

  open(): void {
    this.#isOpen = true;
    this.#stdin.setRaw(true);
    this.#stderr.write(this.#stderr.isTty ? BRACKETS_ON : `${QUESTION}\n`);
  }

  /** Clears the prompt and restores the terminal. Does nothing where it is not open. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#stderr.isTty) this.#stderr.write(LINE_CLEARED + BRACKETS_OFF);
    this.#stdin.setRaw(false);
  }

  /** Shows the characters so far; `isUnfinished` after an Enter that did not end the paste. */
  show(characters: number, isUnfinished: boolean): void {
    const { isTty, columns, paint } = this.#stderr;
    if (!this.#isOpen || !isTty) return;
    this.#stderr.write(LINE_CLEARED + describePrompt(characters, isUnfinished, columns, paint));
  }

  /** The one line that stays; after `close`. */
  confirm(characters: number): void {
    this.#stderr.write(`${countOf(characters, 'character')} received\n`);
  }
}

/** Cut to one line of the terminal: a wrapped line could not be cleared again. */
function describePrompt(characters: number, isUnfinished: boolean, columns: number, paint: ChalkInstance): string {
  const count = countOf(characters, 'character');
  if (isUnfinished) return `${count}, not a whole payload yet. Ctrl-D ends the paste. `.slice(0, columns - 1);
  const prompt = characters === 0 ? `${QUESTION} ` : `${QUESTION} ${count}`;
  return (
    paint.bold(prompt.slice(0, Math.min(columns - 1, QUESTION.length))) + prompt.slice(QUESTION.length, columns - 1)
  );
}
