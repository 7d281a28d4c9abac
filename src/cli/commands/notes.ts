import type { ToolError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { escapeText } from '../render/escape.js';
import { formatAge, formatMoment } from '../render/moment.js';

/** What is said on stderr while a command waits for others; with --json on a terminal only, where nobody parses it. */
export interface Notes {
  say(text: string): void;
  /** Tells of a wait before the same is asked again. */
  waiting(reason: ToolError, untilMs: number): void;
  /** One line that is rewritten; on a terminal only. */
  progress(line: string): void;
  clear(): void;
  /** Writes to stdout, the progress line taken away before. */
  answer(text: string): void;
}

const CLEAR_LINE = '\r\u001b[2K';

export function createNotes(
  { json }: { readonly json: boolean },
  deps: Pick<Deps, 'stdout' | 'stderr' | 'now'>,
): Notes {
  const { stdout, stderr, now } = deps;
  const isQuiet = json && !stderr.isTty;
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write(CLEAR_LINE);
    shown = false;
  };
  const say = (text: string): void => {
    clear();
    if (!isQuiet) stderr.write(`${stderr.paint.dim(escapeText(text))}\n`);
  };
  return {
    say,
    clear,
    waiting(reason, untilMs) {
      say(`${reason.message}. Trying again ${formatAge(untilMs, now())}, at ${formatMoment(untilMs) ?? 'some time'}.`);
    },
    progress(line) {
      if (!stderr.isTty) return;
      stderr.write(`${CLEAR_LINE}${line}`);
      shown = true;
    },
    answer(text) {
      clear();
      stdout.write(text);
    },
  };
}
