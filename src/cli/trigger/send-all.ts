import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import type { Deps } from '../deps.js';
import { DELIVERY_TIMEOUT_MS } from './direct.js';
import type { Errand } from './errands.js';
import { type Outcome, type OutcomeWord, outcomeWord, type Tally } from './outcome.js';

export interface Pace {
  /** How many errands there are. */
  readonly total: number;
  /** Pause between two, in milliseconds. */
  readonly intervalMs: number;
  /** Deadline of the whole, in milliseconds from now; null for none. */
  readonly timeoutMs: number | null;
  /** Whether an endpoint that cannot be connected to ends it all: the next attempt would fail alike. */
  readonly stopsWhereUnreachable: boolean;
}

/** What stands in the way of every further notification as well. */
const LASTING: ReadonlySet<SendAttemptResult> = new Set(['SOCKET_ISSUE', 'TLS_ISSUE']);

/**
 * Sends one after the other, each after the answer to the one before, as a story wants it. Stops early at the deadline, when
 * the signal aborts between two, or where nothing can be reached; the tally says which.
 */
export async function sendAll(
  errands: AsyncIterable<Errand>,
  { total, intervalMs, timeoutMs, stopsWhereUnreachable }: Pace,
  { now, sleep, signal }: Pick<Deps, 'now' | 'sleep' | 'signal'>,
  onOutcome: (outcome: Outcome) => void,
): Promise<Tally> {
  const endMs = timeoutMs === null ? Number.POSITIVE_INFINITY : now() + timeoutMs;
  const counts: Record<OutcomeWord, number> = { accepted: 0, refused: 0, unreachable: 0, 'timed-out': 0 };
  let sent = 0;
  const tally = (stoppedBy: Tally['stoppedBy']): Tally => ({ ...counts, notSent: total - sent, stoppedBy });
  for await (const errand of errands) {
    if (sent > 0 && intervalMs > 0) await sleep(Math.min(intervalMs, Math.max(0, endMs - now())), signal);
    if (signal.aborted) return tally('signal');
    const leftMs = endMs - now();
    if (leftMs <= 0) return tally('deadline');
    const outcome = await errand(Math.min(DELIVERY_TIMEOUT_MS, leftMs));
    sent += 1;
    counts[outcomeWord(outcome)] += 1;
    onOutcome(outcome);
    if (stopsWhereUnreachable && LASTING.has(outcome.result) && sent < total) return tally('unreachable');
  }
  return tally(null);
}
