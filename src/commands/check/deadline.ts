import type { Deps } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';

/** Deadline of a run. */
export interface Deadline {
  readonly atMs: number;
  /** Aborts at the deadline, and when the run is interrupted. */
  readonly signal: AbortSignal;
  /** Cancels the timer, once the run is complete. */
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

/** A sleep rejects when it is cancelled. */
function ignore(): void {}

/** Converts an interruption by the deadline into an error value. Throws any other error, and if the run was interrupted. */
export function stoppedByDeadline(error: unknown, { signal }: Pick<Deps, 'signal'>): ToolError {
  if (!(error instanceof ToolError) || error.kind !== 'interrupted' || signal.aborted) throw error;
  return timedOut();
}

/** Error of a check that the deadline prevented. */
export function timedOut(): ToolError {
  return new ToolError('pending', 'ERR_CHECK_TIMEOUT', 'timed out before this check was complete', {
    hint: 'Raise the deadline: --timeout 5m',
  });
}

/** Converts a remote failure or the deadline into an error value. Throws a bug, and if the run was interrupted. */
export function failureOf(error: unknown, deps: Pick<Deps, 'signal'>): ToolError {
  if (error instanceof ToolError && error.kind !== 'interrupted') return error;
  return stoppedByDeadline(error, deps);
}
