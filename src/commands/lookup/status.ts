import { valueMeaning } from '../../notification/meaning.js';
import { STATUS_OF_STATE } from '../../purchase/findings.js';
import type { PurchaseFinding, PurchaseState, PurchaseTimeline } from '../../purchase/purchase.js';
import { formatMoment } from '../../terminal/format.js';

/** Within this time of a change the clocks of both sides decide. */
const CLOCK_SKEW_MS = 60_000;

/** A finding where Apple's status is another than its signed transactions show; null where they agree, or nothing shows. */
export function compareStatus(purchase: PurchaseTimeline, status: number, isEmulated: boolean): PurchaseFinding | null {
  const { state, stateSinceMs, stateUntilMs, asOfMs } = purchase;
  const expected = STATUS_OF_STATE[state];
  if (expected === null || expected === status || valueMeaning('status', status) === null) return null;
  if ([stateSinceMs, stateUntilMs].some((ms) => ms !== null && Math.abs(ms - asOfMs) < CLOCK_SKEW_MS)) return null;
  const until = stateUntilMs === null ? null : formatMoment(stateUntilMs);
  const ours = `${state.replaceAll('-', ' ')}${until === null ? '' : ` until ${until}`}`;
  return {
    id: 'status-differs',
    message: `Apple's status is ${status} (${valueMeaning('status', status)}), but its signed data say ${ours}`,
    hint: isEmulated
      ? 'An emulator keeps the status of its last notification: nothing renews or expires there by itself.'
      : 'Look it up again in a few minutes: parts of the App Store learn of a change at different times.',
    events: [],
  };
}

/** The purchase with the state that Apple's status means, where its signed data show none, for example after the end of the paid time. */
export function fillState(purchase: PurchaseTimeline, status: number): PurchaseTimeline {
  const state = purchase.state === 'unknown' ? STATES[status] : undefined;
  const last = purchase.periods.at(-1);
  if (state === undefined || last?.state !== 'unknown') return purchase;
  return { ...purchase, state, periods: purchase.periods.with(-1, { ...last, state, isVerified: true }) };
}

const STATES: Readonly<Record<number, PurchaseState>> = {
  1: 'active',
  2: 'expired',
  3: 'in-billing-retry',
  4: 'in-grace-period',
  5: 'revoked',
};

/** `Apple says 1 (active).` */
export function statusTextOf(status: number | null, isOther: boolean): string {
  if (status === null) return 'Apple states no status of it.';
  const meaning = valueMeaning('status', status) ?? 'not known to this version';
  return `${isOther ? 'But Apple says' : 'Apple says'} ${status} (${meaning}).`;
}
