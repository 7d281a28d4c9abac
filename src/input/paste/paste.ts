import type { ChalkInstance } from 'chalk';
import type { Deps } from '../../cli/deps.js';
import { interrupted, ToolError } from '../../errors.js';
import { countOf } from '../../terminal/format.js';
import { type KeyEvent, NO_KEYS, parseKeys } from './keys.js';

export type PasteDeps = Pick<Deps, 'stdin' | 'stderr' | 'signal' | 'suspend'>;

/**
 * Asks for a paste on the terminal and resolves with its text, line ends as LF. It ends at the terminal's closing bracket, at Enter after
 * something whole ({@link isWholePaste}) or at Ctrl-D. Reads byte by byte in raw mode, since a line typed at a terminal holds 4,096 bytes
 * (1,024 on macOS) and a notification has 18,800. The terminal is put back on every way out, and while suspended by Ctrl-Z.
 *
 * Throws `ERR_INPUT_EMPTY` when nothing was pasted, `ERR_INTERRUPTED` on Ctrl-C and when the signal aborts.
 */
export async function readPaste(deps: PasteDeps): Promise<string> {
  if (deps.signal.aborted) throw interrupted(STOPPED);
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
  if (deps.signal.aborted) throw interrupted(STOPPED);
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
      throw interrupted(STOPPED);
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

const STOPPED = 'stopped before anything was pasted';

function nothingPasted(): ToolError {
  return new ToolError('usage', 'ERR_INPUT_EMPTY', 'nothing was pasted', {
    hint: 'Give a file, or pipe the payload in: pbpaste | storewire decode',
  });
}

/** The prompt on the terminal, which is in raw mode from `open` to `close`: keys come one by one and nothing is echoed. */
interface PastePrompt {
  open(): void;
  /** Takes the prompt away and puts the terminal back. Does nothing where it is not open. */
  close(): void;
  /** Shows how much came; `unfinished` after an Enter that did not end the paste. */
  show(characters: number, unfinished: boolean): void;
  /** The one line that stays; after `close`. */
  tellReceived(characters: number): void;
}

const BRACKETS_ON = '\x1b[?2004h';

const BRACKETS_OFF = '\x1b[?2004l';

const LINE_CLEARED = '\r\x1b[K';

const QUESTION = 'Paste a notification, then press Enter:';

/**
 * Asks on stderr. Where that is no terminal, it is sent no control sequences: the paste comes without brackets then, and the line that
 * counts is left out.
 */
function createPastePrompt({ stdin, stderr }: Pick<Deps, 'stdin' | 'stderr'>): PastePrompt {
  let isOpen = false;
  return {
    open() {
      isOpen = true;
      stdin.setRaw(true);
      stderr.write(stderr.isTty ? BRACKETS_ON : `${QUESTION}\n`);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      if (stderr.isTty) stderr.write(LINE_CLEARED + BRACKETS_OFF);
      stdin.setRaw(false);
    },
    show(characters, unfinished) {
      if (!isOpen || !stderr.isTty) return;
      stderr.write(LINE_CLEARED + describePrompt(characters, unfinished, stderr.columns, stderr.paint));
    },
    tellReceived: (characters) => stderr.write(`${countOf(characters, 'character')} received\n`),
  };
}

/** What fits on one line of the terminal: a line that wrapped could not be taken away again. */
function describePrompt(characters: number, unfinished: boolean, columns: number, paint: ChalkInstance): string {
  const count = countOf(characters, 'character');
  if (unfinished) return `${count}, not a whole payload yet. Ctrl-D ends the paste. `.slice(0, columns - 1);
  const prompt = characters === 0 ? `${QUESTION} ` : `${QUESTION} ${count}`;
  return (
    paint.bold(prompt.slice(0, Math.min(columns - 1, QUESTION.length))) + prompt.slice(QUESTION.length, columns - 1)
  );
}

/** Text as it gathers from a terminal. What is added may be cut anywhere, within a character too. */
interface PastedText {
  add(bytes: Uint8Array): void;
  /** Takes the last character back; CRLF is one. */
  erase(): void;
  clear(): void;
  /** Characters so far (code points), line ends not counted. */
  characters(): number;
  /** All of it, with CR and CRLF as LF. */
  text(): string;
}

export function createPastedText(): PastedText {
  let parts: Uint8Array[] = [];
  let characters = 0;
  return {
    add(bytes) {
      parts.push(bytes);
      characters += countCharacters(bytes);
    },
    erase() {
      const all = Buffer.concat(parts);
      const end = startOfLast(all);
      characters -= countCharacters(all.subarray(end));
      parts = [all.subarray(0, end)];
    },
    clear() {
      parts = [];
      characters = 0;
    },
    characters: () => characters,
    text: () => Buffer.concat(parts).toString().replace(/\r\n?/g, '\n'),
  };
}

const CR = 0x0d;

const LF = 0x0a;

/** Counted by first bytes, so that a character split over two chunks is one. */
function countCharacters(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (!isContinuation(byte) && byte !== CR && byte !== LF) count += 1;
  return count;
}

function startOfLast(bytes: Uint8Array): number {
  let start = Math.max(0, bytes.length - 1);
  while (start > 0 && isContinuation(bytes[start])) start -= 1;
  return bytes[start] === LF && bytes[start - 1] === CR ? start - 1 : start;
}

/** The second to fourth byte of a UTF-8 character: 10xxxxxx. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

const JSON_BEGUN = /^(?:\{|\[\s*["{[\]])/;

/** A compact JWS with the 86 characters of an ES256 signature: one that was cut short is not taken for whole. */
const WHOLE_TOKEN = /(?:(?<![\w-])|(?<=%22))eyJ[\w-]+(?:\.|%2E)[\w-]+(?:\.|%2E)[\w-]{86}/i;

const LINE_WRAP = /[ \t]*\n[ \t>]*/g;

/**
 * Whether an Enter after `text` may end the paste: it is JSON, JSON on each of its lines, or holds a whole token (that may be wrapped).
 * Only that: what the text is worth is for the reader of claims to say. What is never whole ends with Ctrl-D.
 */
export function isWholePaste(text: string): boolean {
  const trimmed = text.trim();
  if (!JSON_BEGUN.test(trimmed)) return WHOLE_TOKEN.test(trimmed) || WHOLE_TOKEN.test(trimmed.replace(LINE_WRAP, ''));
  return /[}\]]$/.test(trimmed) && (isJson(trimmed) || trimmed.split(/\n\s*/).every(isJson));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
