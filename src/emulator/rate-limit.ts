const HOUR_MS = 3_600_000;

/** Token bucket with an hourly rate. */
export class RateLimit {
  readonly #perHour: number;
  readonly #now: () => number;
  #left: number;
  #filledMs: number;

  /** Apple states rates per second but enforces them per hour, so the bucket holds an hour's requests. */
  constructor(perHour: number, now: () => number) {
    this.#perHour = perHour;
    this.#now = now;
    this.#left = perHour;
    this.#filledMs = now();
  }

  /** Takes one token. Null if the request is allowed; otherwise the time of the next token, in milliseconds since the epoch. */
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

/** Requests per hour and call. The sandbox has a tenth of production. Source: docs, "Identifying rate limits". */
export interface RateLimits {
  readonly sandbox: CallLimits;
  readonly production: CallLimits;
  /** App Store Connect API, per key. */
  readonly connect: number;
}

export const APPLE_RATE_LIMITS: RateLimits = {
  production: { test: 3_600, status: 3_600, history: 180_000 },
  sandbox: { test: 360, status: 360, history: 18_000 },
  connect: 3_500,
};
