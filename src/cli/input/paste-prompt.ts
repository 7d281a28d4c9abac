import type { ChalkInstance } from 'chalk';
import type { Deps } from '../deps.js';
import { countOf } from '../number.js';

/** The prompt on the terminal, which is in raw mode from `open` to `close`: keys come one by one and nothing is echoed. */
export interface PastePrompt {
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
export function createPastePrompt({ stdin, stderr }: Pick<Deps, 'stdin' | 'stderr'>): PastePrompt {
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
