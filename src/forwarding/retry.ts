import type { DeliveryAttempt } from './target.js';

const SECOND_MS = 1_000;

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

/** Retry delays of one notification: eleven attempts within about a day; after that only `replay` sends it. */
const RETRY_DELAYS_MS: readonly number[] = [
  1 * SECOND_MS,
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  1 * HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
];

/** Jitter: each delay is up to a fifth shorter or longer, so that simultaneous failures do not retry simultaneously. */
const JITTER = 0.2;

/** Upper bound of a `Retry-After`. */
const MAX_DELAY_MS = 24 * HOUR_MS;

/**
 * Time (ms) of the next attempt after `attempts` failed ones, given the last; null without a further automatic attempt. A later
 * `Retry-After` of the target wins. `random` is between 0 and 1.
 */
export function nextRetryAt(last: DeliveryAttempt, attempts: number, nowMs: number, random: number): number | null {
  const delayMs = RETRY_DELAYS_MS[attempts - 1];
  if (last.outcome === 'accepted' || !last.retriable || delayMs === undefined) return null;
  const jitteredMs = delayMs * (1 - JITTER + 2 * JITTER * random);
  const retryAfterMs = (last.retryAtMs ?? nowMs) - nowMs;
  return Math.round(nowMs + Math.min(Math.max(jitteredMs, retryAfterMs), MAX_DELAY_MS));
}

const FIRST_PAUSE_MS = 1 * SECOND_MS;

const MAX_PAUSE_MS = 1 * MINUTE_MS;

/** Upper bound of a pause by `Retry-After`: it stops all deliveries to the target, but may be meant for one notification. */
const MAX_REQUESTED_PAUSE_MS = 10 * MINUTE_MS;

/**
 * Pause (ms) of a target after an attempt; null for none. A target is paused when it is unreachable, too slow, or asks for it; the pause
 * doubles with each failed probe. `previousMs` is the last pause, 0 if the circuit was closed.
 */
export function breakerPauseMs(
  { outcome, retriable, httpStatus, retryAtMs }: DeliveryAttempt,
  previousMs: number,
  nowMs: number,
): number | null {
  const doubledMs = previousMs === 0 ? FIRST_PAUSE_MS : Math.min(2 * previousMs, MAX_PAUSE_MS);
  if (outcome === 'unreachable' || outcome === 'timed-out') return retriable ? doubledMs : null;
  if (httpStatus !== 429 && httpStatus !== 503) return null;
  if (retryAtMs !== null && retryAtMs > nowMs) return Math.min(retryAtMs - nowMs, MAX_REQUESTED_PAUSE_MS);
  return httpStatus === 429 ? doubledMs : null;
}

/**
 * Circuit breaker of one target. After a failure of the target as a whole it opens: deliveries are paused, then one is sent as a probe,
 * and the others follow once the probe was answered. A target that is down costs next to nothing, and queued notifications lose no attempt.
 */
export class CircuitBreaker {
  readonly #name: string;
  readonly #onNotice: (code: string, message: string) => void;
  /** Length of the current pause; 0 while the circuit is closed. */
  #pauseMs = 0;
  #pausedUntilMs = 0;
  #isProbing = false;

  constructor(name: string, onNotice: (code: string, message: string) => void) {
    this.#name = name;
    this.#onNotice = onNotice;
  }

  /** Open: the target is paused. */
  get isOpen(): boolean {
    return this.#pauseMs > 0;
  }

  /** Time (ms) of the next permitted delivery: Infinity during a probe, 0 while closed. */
  get pausedUntilMs(): number {
    if (!this.isOpen) return 0;
    return this.#isProbing ? Number.POSITIVE_INFINITY : this.#pausedUntilMs;
  }

  allows(nowMs: number): boolean {
    return this.pausedUntilMs <= nowMs;
  }

  /** Registers the start of a delivery; returns true if it is the probe. */
  start(): boolean {
    this.#isProbing = this.isOpen;
    return this.#isProbing;
  }

  endProbe(): void {
    this.#isProbing = false;
  }

  /** Records the result of a delivery. While open only the probe counts: others started before the pause. */
  record(
    attempt: DeliveryAttempt,
    { isProbe, nowMs, queued }: { readonly isProbe: boolean; readonly nowMs: number; readonly queued: number },
  ): void {
    if (this.isOpen && !isProbe) return;
    const wasOpen = this.isOpen;
    const pauseMs = breakerPauseMs(attempt, this.#pauseMs, nowMs);
    this.#pauseMs = pauseMs ?? 0;
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    const count = queued === 1 ? '1 notification queued' : `${queued} notifications queued`;
    if (this.isOpen && !wasOpen)
      this.#onNotice('TARGET_RESTS', `${this.#name} paused (${describeCause(attempt)}), ${count}`);
    if (!this.isOpen && wasOpen) this.#onNotice('TARGET_BACK', `${this.#name} resumed, ${count}`);
  }
}

const CONNECTION_REFUSED = /refused the connection$/;

/** Cause of a pause in two or three words, where possible; the failed attempt has its own line with the details. */
function describeCause({ httpStatus, outcome, detail }: DeliveryAttempt): string {
  if (httpStatus !== null) return `HTTP ${httpStatus}`;
  if (outcome === 'timed-out') return 'timed out';
  if (detail === null) return outcome;
  return CONNECTION_REFUSED.test(detail) ? 'connection refused' : detail;
}
