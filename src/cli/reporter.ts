import type { ToolError } from '../errors.js';
import { escapeText } from '../terminal/escape.js';
import { formatMoment } from '../terminal/format.js';
import { createProgressLine } from '../terminal/progress.js';
import { wrapWords } from '../terminal/width.js';
import type { Deps } from './deps.js';

/** What is said on stderr while a command waits for others; with --json on a terminal only, where nobody parses it. */
export interface Reporter {
  say(text: string): void;
  /** Tells of a wait before the same is asked again. */
  waiting(reason: ToolError, untilMs: number): void;
  /** One line that is rewritten; on a terminal only. */
  progress(line: string): void;
  clear(): void;
  /** Writes to stdout, the progress line taken away before. */
  answer(text: string): void;
}

/** Shorter waits are told in seconds, longer ones by their end. */
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
    // Further lines are indented: what others sent, in a note, begins no line.
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
