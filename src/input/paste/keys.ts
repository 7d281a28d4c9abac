/**
 * What bytes from a terminal in raw mode mean. `text` is what belongs to the paste, as bytes and with its line ends as they came
 * (CR, as a rule); `enter` follows a text that ends in one. `paste-start` and `paste-end` are the terminal's own brackets.
 */
export type KeyEvent =
  | { readonly type: 'text'; readonly bytes: Uint8Array }
  | { readonly type: Key }
  | { readonly type: 'paste-start' | 'paste-end' | 'enter' };

type Key = 'erase' | 'erase-all' | 'end' | 'interrupt' | 'suspend';

/** What one chunk leaves behind for the next: `held` is the beginning of a sequence that has not ended, one byte a character. */
interface KeyState {
  readonly pasting: boolean;
  readonly held: string;
}

interface ParsedKeys {
  readonly state: KeyState;
  readonly events: readonly KeyEvent[];
}

export const NO_KEYS: KeyState = { pasting: false, held: '' };

/** DECSET 2004, "bracketed paste": the terminal puts these around what is pasted. Source: xterm's ctlseqs. */
const PASTE_START = '\x1b[200~';

const PASTE_END = '\x1b[201~';

const STOPPING: Readonly<Record<string, Key>> = { '\x03': 'interrupt', '\x04': 'end', '\x1a': 'suspend' };

const EDITING: Readonly<Record<string, Key>> = { '\b': 'erase', '\x7f': 'erase', '\x15': 'erase-all' };

const TEXT = /[^\0-\x08\x0b\x0c\x0e-\x1f\x7f]+/y;

/** Arrow and function keys: CSI or SS3. The limit lets no stream of digits be held for ever. */
const SEQUENCE = /\x1b(?:\[[ -?]{0,32}[@-~]|O[@-~])/y;

const SEQUENCE_BEGUN = /\x1b(?:\[[ -?]{0,32}|O)?$/y;

/**
 * Reads one chunk. A sequence may be split anywhere; text comes in the same order and the same bytes, however it was cut.
 *
 * Ctrl-C, Ctrl-D, Ctrl-Z and Enter count only where nothing follows them in the chunk, and within brackets only where they came alone:
 * a key pressed by hand does. What stands amid pasted text is text; ending there would hand the rest of the paste to the shell.
 */
export function parseKeys(state: KeyState, chunk: Uint8Array): ParsedKeys {
  const alone = chunk.length === 1 ? STOPPING[latin1(chunk)] : undefined;
  if (state.pasting && alone !== undefined) return { state: NO_KEYS, events: [...textOf(state.held), { type: alone }] };
  return parseText(state.pasting, state.held + latin1(chunk));
}

function parseText(wasPasting: boolean, input: string): ParsedKeys {
  const events: KeyEvent[] = [];
  let pasting = wasPasting;
  let at = 0;
  while (at < input.length) {
    const found = pasting ? parsePasted(input, at) : parseTyped(input, at);
    events.push(...found.events);
    if (found.held !== undefined) return { state: { pasting, held: found.held }, events };
    pasting = found.pasting ?? pasting;
    at = found.next;
  }
  return { state: { pasting, held: '' }, events };
}

interface Found {
  readonly events: readonly KeyEvent[];
  readonly next: number;
  readonly pasting?: boolean;
  readonly held?: string;
}

/** Everything up to the closing bracket is text; what may be the beginning of one waits for the next chunk. */
function parsePasted(input: string, at: number): Found {
  const end = input.indexOf(PASTE_END, at);
  if (end !== -1) {
    const events = [...textOf(input.slice(at, end)), { type: 'paste-end' } as const];
    return { events, next: end + PASTE_END.length, pasting: false };
  }
  const held = bracketBegun(input.slice(at));
  return { events: textOf(input.slice(at, input.length - held.length)), next: input.length, held };
}

/** The longest end of `text` that a closing bracket may begin with. */
function bracketBegun(text: string): string {
  const begin = text.lastIndexOf('\x1b');
  const tail = begin === -1 ? '' : text.slice(begin);
  return PASTE_END.startsWith(tail) ? tail : '';
}

function parseTyped(input: string, at: number): Found {
  const text = matchAt(TEXT, input, at);
  if (text !== undefined) return parseLine(input, at, text);
  const sequence = matchAt(SEQUENCE, input, at);
  if (sequence === PASTE_START) return { events: [{ type: 'paste-start' }], next: at + sequence.length, pasting: true };
  if (sequence !== undefined) return { events: [], next: at + sequence.length };
  const begun = matchAt(SEQUENCE_BEGUN, input, at);
  if (begun !== undefined) return { events: [], next: input.length, held: begun };
  return parseControl(input, at);
}

function parseLine(input: string, at: number, text: string): Found {
  const next = at + text.length;
  const entered = next === input.length && /[\r\n]$/.test(text);
  return { events: entered ? [...textOf(text), { type: 'enter' }] : textOf(text), next };
}

/** One control character; those without a meaning here are dropped, the ESC of a lone Escape key among them. */
function parseControl(input: string, at: number): Found {
  const character = input.charAt(at);
  const key = EDITING[character] ?? (at === input.length - 1 ? STOPPING[character] : undefined);
  return { events: key === undefined ? [] : [{ type: key }], next: at + 1 };
}

function matchAt(pattern: RegExp, input: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(input)?.[0];
}

function textOf(text: string): readonly KeyEvent[] {
  return text === '' ? [] : [{ type: 'text', bytes: Buffer.from(text, 'latin1') }];
}

/** One character per byte, so that sequences are found by string search and nothing is decoded before it is whole. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
