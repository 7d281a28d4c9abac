import type { Deps } from '../cli/deps.js';
import type { Totals } from '../notification/totals.js';
import { createProgressLine, describeProgress } from '../terminal/progress.js';

interface Progress {
  readonly show: (counts: Totals, inputBytes: number) => void;
  readonly clear: () => void;
}

const PROGRESS_AFTER_MS = 500;

const PROGRESS_EVERY_MS = 200;

/** One line on a terminal, for runs that take longer than half a second. Loaded where there is a terminal. */
export function createProgress(
  totalBytes: number | null,
  startedMs: number,
  { stderr, now }: Pick<Deps, 'stderr' | 'now'>,
): Progress {
  let lastMs = startedMs + PROGRESS_AFTER_MS - PROGRESS_EVERY_MS;
  const line = createProgressLine(stderr);
  return {
    show(counts, inputBytes) {
      const nowMs = now();
      if (nowMs - lastMs < PROGRESS_EVERY_MS) return;
      lastMs = nowMs;
      const done = {
        payloads: counts.total,
        elapsedMs: nowMs - startedMs,
        bytesDone: inputBytes,
        bytesTotal: totalBytes,
      };
      line.show(describeProgress(done, stderr.columns));
    },
    clear: line.clear,
  };
}
