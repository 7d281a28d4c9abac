import type { PurchaseEvent } from '../purchase/purchase.js';
import { escapeText, showText } from '../terminal/escape.js';
import { countOf, formatAge, formatSecond } from '../terminal/format.js';

/** One event in words; every text is escaped. */
export interface EventWords {
  /** `2026-08-31T08:55:54Z`; `–` where the payload has no date. */
  readonly date: string;
  readonly type: string;
  readonly meaning: string;
  /** Arrival, repeats and verification, where there is something to say. */
  readonly remarks: readonly string[];
  readonly isUnverified: boolean;
}

/** An arrival within this time is on time: Apple's first attempt takes seconds. */
const ON_TIME_MS = 5 * 60_000;

export function describePurchaseEvent(event: PurchaseEvent): EventWords {
  const { signedAtMs, receivedAtMs, repeats, verdict } = event;
  const isLate = signedAtMs !== null && receivedAtMs !== null && receivedAtMs - signedAtMs > ON_TIME_MS;
  return {
    date: formatSecond(signedAtMs).trimEnd(),
    type: KINDS.get(event.type) ?? showText(event.type),
    meaning: escapeText(event.meaning),
    remarks: [
      ...(isLate ? [`arrived ${formatAge(receivedAtMs, signedAtMs).replace('in ', '')} later`] : []),
      ...(repeats > 0 && isDelivery(event) ? [countOf(repeats, 'repeat')] : []),
      ...(verdict === 'valid' ? [] : [VERDICTS[verdict ?? 'none']]),
    ],
    isUnverified: verdict !== 'valid',
  };
}

/** A token by itself, as the Server API returns it, is none. */
function isDelivery({ type }: PurchaseEvent): boolean {
  return !KINDS.has(type);
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['transaction', 'transaction'],
  ['renewalInfo', 'renewal info'],
]);

const VERDICTS = {
  invalid: 'verification failed',
  undetermined: 'not verified',
  none: 'not verified',
} as const;
