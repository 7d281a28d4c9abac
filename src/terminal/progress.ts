import { countOf, groupDigits } from './format.js';

/** One line of a terminal that is rewritten in place; nothing is written where the stream is no terminal. */
export interface ProgressLine {
  show(line: string): void;
  /** Removes the line, so that other output starts in the first column. */
  clear(): void;
}

const CLEAR_LINE = '\r\u001b[2K';

export function createProgressLine(stream: { readonly isTty: boolean; write(text: string): void }): ProgressLine {
  let isShown = false;
  return {
    show(line) {
      if (!stream.isTty) return;
      stream.write(`${CLEAR_LINE}${line}`);
      isShown = true;
    },
    clear() {
      if (isShown) stream.write(CLEAR_LINE);
      isShown = false;
    },
  };
}

export interface Progress {
  readonly payloads: number;
  readonly elapsedMs: number;
  /** Bytes of input processed; `bytesTotal` is null where it is unknown (a pipe). */
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
}

/** Below this a rate or a remaining time is a guess. */
const SETTLED_MS = 1_000;

/**
 * The progress line: `123,456 payloads  5,912/s  41 %  about 2 min left`. No newline and no untrusted text; what does not fit into
 * `columns` is left out from the end, so that the line never wraps.
 */
export function describeProgress(progress: Progress, columns: number): string {
  const parts = [countOf(progress.payloads, 'payload'), rate(progress), share(progress), timeLeft(progress)].filter(
    (part) => part !== null,
  );
  while (parts.join('  ').length >= columns) parts.pop();
  return parts.join('  ');
}

/** Payloads per second, as a whole number; null before there is anything to divide. */
export function perSecond(payloads: number, elapsedMs: number): number | null {
  return elapsedMs <= 0 ? null : Math.round((payloads * 1_000) / elapsedMs);
}

function rate({ payloads, elapsedMs }: Progress): string | null {
  const each = elapsedMs < SETTLED_MS ? null : perSecond(payloads, elapsedMs);
  return each === null ? null : `${groupDigits(each)}/s`;
}

function share({ bytesDone, bytesTotal }: Progress): string | null {
  return bytesTotal === null || bytesTotal === 0
    ? null
    : `${Math.min(100, Math.floor((bytesDone / bytesTotal) * 100))} %`;
}

function timeLeft({ elapsedMs, bytesDone, bytesTotal }: Progress): string | null {
  if (bytesTotal === null || bytesDone === 0 || elapsedMs < SETTLED_MS) return null;
  const seconds = (elapsedMs / 1_000 / bytesDone) * Math.max(0, bytesTotal - bytesDone);
  if (seconds < 1) return null;
  if (seconds < 90) return `about ${Math.ceil(seconds)} s left`;
  return seconds < 90 * 60
    ? `about ${Math.round(seconds / 60)} min left`
    : `about ${Math.round(seconds / 3_600)} h left`;
}
