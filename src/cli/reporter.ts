import type { ToolError } from '../errors.js';
import { escapeText } from '../terminal/escape.js';
import { formatMoment } from '../terminal/format.js';
import { createProgressLine } from '../terminal/progress.js';
import { wrapWords } from '../terminal/width.js';
import type { Deps } from './deps.js';

/** Notes on stderr while a command waits. With --json they are written on a terminal only, where no program parses them. */
export interface Reporter {
  say(text: string): void;
  /** Reports a wait before a retry. */
  waiting(reason: ToolError, untilMs: number): void;
  /** One line that is rewritten; on a terminal only. */
  progress(line: string): void;
  clear(): void;
  /** Writes to stdout, after the progress line is removed. */
  answer(text: string): void;
}

/** Shorter waits are reported in seconds, longer ones by their end. */
const A_MINUTE = 60;

const NOTE_INDENT = '  ';

export function createReporter(
  { json }: { readonly json: boolean },
  deps: Pick<Deps, 'stdout' | 'stderr' | 'now'>,
): Reporter {
  const { stdout, stderr, now } = deps;
  const isQuiet = json && !stderr.isTty;
  const line = createProgressLine(stderr);
  const say = (text: string): void => {
    line.clear();
    if (isQuiet) return;
    // Further lines are indented, so that no untrusted text in a note begins a line.
    const [first = '', ...rest] = wrapWords(escapeText(text), stderr.columns - NOTE_INDENT.length);
    stderr.write(
      [first, ...rest.map((part) => NOTE_INDENT + part)].map((part) => `${stderr.paint.dim(part)}\n`).join(''),
    );
  };
  return {
    say,
    clear: line.clear,
    waiting(reason, untilMs) {
      const seconds = Math.ceil((untilMs - now()) / 1_000);
      const when = seconds < A_MINUTE ? `in ${seconds} s` : `at ${formatMoment(untilMs) ?? 'some time'}`;
      say(`${reason.message}. Trying again ${when}.`);
    },
    progress: line.show,
    answer(text) {
      line.clear();
      stdout.write(text);
    },
  };
}
