import type { DeliveryAttempt } from './target.js';

const SECOND_MS = 1_000;

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

/** Waits before each further attempt at one notification: eleven attempts within about a day, then only `replay`. */
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

/** Each wait is up to a fifth shorter or longer, so that what failed together does not come back together. */
const SPREAD = 0.2;

/** A target that asks for more patience than this is asked again anyway. */
const LONGEST_WAIT_MS = 24 * HOUR_MS;

/**
 * When (ms) the next attempt is due after `attempts` that failed, the last of them as given; null where none comes by itself. What the
 * target asked for by `Retry-After` counts where it is later. `chance` is from 0 to 1.
 */
export function nextRetryAt(last: DeliveryAttempt, attempts: number, nowMs: number, chance: number): number | null {
  const delayMs = RETRY_DELAYS_MS[attempts - 1];
  if (last.outcome === 'accepted' || !last.retriable || delayMs === undefined) return null;
  const waitMs = delayMs * (1 - SPREAD + 2 * SPREAD * chance);
  const askedMs = (last.retryAtMs ?? nowMs) - nowMs;
  return Math.round(nowMs + Math.min(Math.max(waitMs, askedMs), LONGEST_WAIT_MS));
}

const FIRST_REST_MS = 1 * SECOND_MS;

const LONGEST_REST_MS = 1 * MINUTE_MS;

/** What a target asks for counts for all that waits for it, but no longer than this: it may have meant the one notification. */
const LONGEST_ASKED_REST_MS = 10 * MINUTE_MS;

/**
 * How long (ms) a target as a whole rests after an attempt; null where it need not. It rests where it cannot be reached, is too slow, or
 * asks for it: twice as long each time a probe fails, `beforeMs` being the last rest (0: it did not rest).
 */
export function breakerPauseMs(
  { outcome, retriable, httpStatus, retryAtMs }: DeliveryAttempt,
  beforeMs: number,
  nowMs: number,
): number | null {
  const doubledMs = beforeMs === 0 ? FIRST_REST_MS : Math.min(2 * beforeMs, LONGEST_REST_MS);
  if (outcome === 'unreachable' || outcome === 'timed-out') return retriable ? doubledMs : null;
  if (httpStatus !== 429 && httpStatus !== 503) return null;
  if (retryAtMs !== null && retryAtMs > nowMs) return Math.min(retryAtMs - nowMs, LONGEST_ASKED_REST_MS);
  return httpStatus === 429 ? doubledMs : null;
}

/**
 * Whether a target rests: after a failure that says something about it as a whole nothing is sent, then one delivery alone, the probe,
 * and all the others once that was answered. So a target that is down costs next to nothing, and what waits for it loses no attempt.
 */
export class CircuitBreaker {
  readonly #name: string;
  readonly #onNotice: (code: string, message: string) => void;
  /** The length of the rest that was taken last; 0 while it does not rest. */
  #lastMs = 0;
  #untilMs = 0;
  #isProbing = false;

  constructor(name: string, onNotice: (code: string, message: string) => void) {
    this.#name = name;
    this.#onNotice = onNotice;
  }

  get isOn(): boolean {
    return this.#lastMs > 0;
  }

  /** The moment it may be asked again: Infinity while a probe is under way, 0 where it does not rest. */
  get untilMs(): number {
    if (!this.isOn) return 0;
    return this.#isProbing ? Number.POSITIVE_INFINITY : this.#untilMs;
  }

  mayStart(nowMs: number): boolean {
    return this.untilMs <= nowMs;
  }

  /** A delivery starts; returns whether it is the probe. */
  begin(): boolean {
    this.#isProbing = this.isOn;
    return this.#isProbing;
  }

  endProbe(): void {
    this.#isProbing = false;
  }

  /** Takes in what came of a delivery. What was under way when the rest began says nothing new. */
  hear(
    attempt: DeliveryAttempt,
    about: { readonly isProbe: boolean; readonly nowMs: number; readonly waiting: number },
  ): void {
    const { isProbe, nowMs, waiting } = about;
    if (this.isOn && !isProbe) return;
    const wasOn = this.isOn;
    const restMs = breakerPauseMs(attempt, this.#lastMs, nowMs);
    this.#lastMs = restMs ?? 0;
    this.#untilMs = nowMs + this.#lastMs;
    if (restMs !== null && !wasOn) {
      const wait = waiting === 1 ? '1 notification waits' : `${waiting} notifications wait`;
      this.#onNotice(
        'TARGET_RESTS',
        `${this.#name} rests: ${attempt.detail ?? attempt.outcome}; ${wait} for it, nothing is lost`,
      );
    }
    if (restMs === null && wasOn)
      this.#onNotice('TARGET_BACK', `${this.#name} answers again; ${waiting} waited for it`);
  }
}
