const HOUR_MS = 3_600_000;

/** Requests that may be made in an hour. */
export class RateLimit {
  readonly #perHour: number;
  readonly #now: () => number;
  #left: number;
  #filledMs: number;

  /** Apple quotes a rate per second and enforces it over an hour, so a whole hour's worth may come at once. */
  constructor(perHour: number, now: () => number) {
    this.#perHour = perHour;
    this.#now = now;
    this.#left = perHour;
    this.#filledMs = now();
  }

  /** Counts one request. Null where it may be made, else the moment (ms since the epoch) from which the next one may. */
  take(): number | null {
    const nowMs = this.#now();
    this.#left = Math.min(this.#perHour, this.#left + ((nowMs - this.#filledMs) / HOUR_MS) * this.#perHour);
    this.#filledMs = nowMs;
    if (this.#left < 1) return Math.ceil(nowMs + ((1 - this.#left) / this.#perHour) * HOUR_MS);
    this.#left -= 1;
    return null;
  }

  get perHour(): number {
    return this.#perHour;
  }

  get left(): number {
    return Math.floor(this.#left);
  }
}

export type ServerCall = 'test' | 'status' | 'history';

export type CallLimits = Readonly<Record<ServerCall, number>>;

/** Requests an hour for each call. Source: apple.md section 6.5; the sandbox has a tenth. */
export interface RateLimits {
  readonly sandbox: CallLimits;
  readonly production: CallLimits;
  /** The App Store Connect API, for each key. */
  readonly connect: number;
}

export const APPLE_RATE_LIMITS: RateLimits = {
  production: { test: 3_600, status: 3_600, history: 180_000 },
  sandbox: { test: 360, status: 360, history: 18_000 },
  connect: 3_500,
};
