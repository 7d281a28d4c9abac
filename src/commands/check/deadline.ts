import type { Deps } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';

/** The end of a run that is not interrupted sooner. */
export interface Deadline {
  readonly atMs: number;
  /** Aborts at the deadline, and when the run is interrupted. */
  readonly signal: AbortSignal;
  /** Lets it pass unnoticed, once all is done. */
  clear(): void;
}

export function startDeadline(
  timeoutMs: number,
  { now, sleep, signal }: Pick<Deps, 'now' | 'sleep' | 'signal'>,
): Deadline {
  const reached = new AbortController();
  const cleared = new AbortController();
  void sleep(timeoutMs, cleared.signal).then(() => cleared.signal.aborted || reached.abort(), ignore);
  return {
    atMs: now() + timeoutMs,
    signal: AbortSignal.any([signal, reached.signal]),
    clear: () => cleared.abort(),
  };
}

/** A sleep that rejects was stopped, by us or by whoever gave it. */
function ignore(): void {}

/** What was stopped at the deadline has no answer: the error as a value. Throws anything else, and where the run was interrupted. */
export function stoppedByDeadline(error: unknown, { signal }: Pick<Deps, 'signal'>): ToolError {
  if (!(error instanceof ToolError) || error.kind !== 'interrupted' || signal.aborted) throw error;
  return tooLate();
}

/** What is not begun any more. */
export function tooLate(): ToolError {
  return new ToolError('pending', 'ERR_CHECK_TIMEOUT', 'the time was up before this was looked at', {
    hint: 'Give it longer: --timeout 5m',
  });
}

/** A failure of the other side, or the deadline, as a value. Throws what is a bug, and where the run was interrupted. */
export function failureOf(error: unknown, deps: Pick<Deps, 'signal'>): ToolError {
  if (error instanceof ToolError && error.kind !== 'interrupted') return error;
  return stoppedByDeadline(error, deps);
}
