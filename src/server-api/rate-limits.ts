/** Requests per second in production; the sandbox allows a tenth. Source: Apple, "Identifying rate limits" (App Store Server API). */
const REQUESTS_PER_SECOND = { notificationHistory: 50, transactionHistory: 50, refundHistory: 10 } as const;

const SANDBOX_SHARE = 0.1;

/** Time (ms) between the pages of a list that keeps below Apple's rate limit. */
export function spacingOf(call: keyof typeof REQUESTS_PER_SECOND, environment: 'sandbox' | 'production'): number {
  const share = environment === 'sandbox' ? SANDBOX_SHARE : 1;
  return Math.round(1_000 / (REQUESTS_PER_SECOND[call] * share));
}

interface SpacingDeps {
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Waits until `spacingMs` have passed since the request at `requestedMs`; returns at once when interrupted. */
export async function keepSpacing(
  requestedMs: number,
  spacingMs: number,
  { now, sleep, signal }: SpacingDeps,
): Promise<void> {
  const waitMs = Math.ceil(requestedMs + spacingMs - now());
  if (waitMs > 0) await sleep(waitMs, signal);
}
