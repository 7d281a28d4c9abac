import { emitKeypressEvents, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';

/**
 * Input of a terminal in raw mode. `text` has its line ends as they came (CR, as a rule); `enter` follows a text that ends in
 * one. `paste-start` and `paste-end` are the terminal's brackets around a paste (DECSET 2004).
 */
export type KeyEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'paste-start' | 'paste-end' | 'enter' | 'erase' | 'erase-all' | StoppingKey };

type StoppingKey = 'interrupt' | 'end' | 'suspend';

const STOPPING: Readonly<Record<string, StoppingKey>> = { '\x03': 'interrupt', '\x04': 'end', '\x1a': 'suspend' };

const EDITING: Readonly<Record<string, 'erase' | 'erase-all'>> = {
  '\b': 'erase',
  '\x7f': 'erase',
  '\x15': 'erase-all',
};

/** Control characters without a meaning here; tab and line ends are text. */
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/**
 * Turns chunks of terminal input into events; sequences and characters may be split between chunks. Ctrl-C, Ctrl-D, Ctrl-Z and Enter
 * count only as the last key of a chunk, and within brackets only as its only key, as a key pressed by hand comes. Amid pasted text they
 * are text: ending there would hand the rest of the paste to the shell.
 */
export function createKeypressReader(): (chunk: Uint8Array) => readonly KeyEvent[] {
  const input = new PassThrough();
  let keys: Key[] = [];
  let isPasting = false;
  emitKeypressEvents(input);
  input.on('keypress', (_text, key: Key) => keys.push(key));

  function eventsOf(key: Key, isLast: boolean, isOnly: boolean): readonly KeyEvent[] {
    if (key.name === 'paste-start' || (key.name === 'paste-end' && isPasting)) {
      isPasting = key.name === 'paste-start';
      return [{ type: key.name }];
    }
    const stopping = STOPPING[typedText(key)];
    if (stopping !== undefined && (isPasting ? isOnly : isLast)) {
      isPasting = false;
      return [{ type: stopping }];
    }
    return isPasting ? textEvent(key.sequence ?? '') : typedEvents(typedText(key), isLast);
  }

  return (chunk) => {
    keys = [];
    input.emit('data', chunk);
    const { length } = keys;
    return keys.flatMap((key, index) => eventsOf(key, index === length - 1, length === 1));
  };
}

/** Node sets `code` for arrow and function keys; its types leave it out. */
type KeyWithCode = Key & { readonly code?: string };

/** '' for arrow and function keys. Node makes one key of Escape and the character after it: the character is kept. */
function typedText({ code, sequence = '' }: KeyWithCode): string {
  return code === undefined ? sequence.replace(/^\x1b+/, '') : '';
}

function typedEvents(text: string, isLast: boolean): readonly KeyEvent[] {
  const editing = EDITING[text];
  if (editing !== undefined) return [{ type: editing }];
  const isEnter = isLast && /^[\r\n]$/.test(text);
  return [...textEvent(text.replace(CONTROL, '')), ...(isEnter ? [{ type: 'enter' } as const] : [])];
}

function textEvent(text: string): readonly KeyEvent[] {
  return text === '' ? [] : [{ type: 'text', text }];
}
