import { planRest } from './schedule.js';
import type { Attempt } from './target.js';

/**
 * Whether a target rests: after a failure that says something about it as a whole nothing is sent, then one delivery alone, the probe,
 * and all the others once that was answered. So a target that is down costs next to nothing, and what waits for it loses no attempt.
 */
export class Rest {
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
  hear(attempt: Attempt, about: { readonly isProbe: boolean; readonly nowMs: number; readonly waiting: number }): void {
    const { isProbe, nowMs, waiting } = about;
    if (this.isOn && !isProbe) return;
    const wasOn = this.isOn;
    const restMs = planRest(attempt, this.#lastMs, nowMs);
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
