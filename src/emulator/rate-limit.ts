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

/** Calls of the Server API. `test` and `status` are those of a TEST, `history` is that of notifications. */
export type ServerCall =
  | 'test'
  | 'status'
  | 'history'
  | 'subscriptionStatuses'
  | 'transactionInfo'
  | 'transactionHistory'
  | 'refundHistory'
  | 'orderLookup'
  | 'consumption';

/** Requests per hour, by call. */
export type CallLimits = Readonly<Record<ServerCall, number>>;

/** Requests per hour and call. The sandbox has a tenth of production. Source: docs, "Identifying rate limits". */
export interface RateLimits {
  readonly sandbox: CallLimits;
  readonly production: CallLimits;
  /** App Store Connect API, per key. */
  readonly connect: number;
}

/** Limits to change; the others stay Apple's. */
export interface RateLimitOptions {
  readonly sandbox?: Partial<CallLimits>;
  readonly production?: Partial<CallLimits>;
  readonly connect?: number;
}

const PRODUCTION: CallLimits = {
  test: 3_600,
  status: 3_600,
  history: 180_000,
  subscriptionStatuses: 180_000,
  transactionInfo: 180_000,
  transactionHistory: 180_000,
  refundHistory: 36_000,
  orderLookup: 36_000,
  consumption: 180_000,
};

const SANDBOX = Object.fromEntries(
  Object.entries(PRODUCTION).map(([call, perHour]) => [call, perHour / 10]),
) as CallLimits;

const APPLE_RATE_LIMITS: RateLimits = { production: PRODUCTION, sandbox: SANDBOX, connect: 3_500 };

export function completeRateLimits({ sandbox, production, connect }: RateLimitOptions): RateLimits {
  return {
    sandbox: { ...SANDBOX, ...sandbox },
    production: { ...PRODUCTION, ...production },
    connect: connect ?? APPLE_RATE_LIMITS.connect,
  };
}
