import type { PurchaseState, PurchaseTimeline } from '../purchase/purchase.js';
import { countOf, formatMoment, groupDigits } from '../terminal/format.js';
import { keepEnd, widthOf } from '../terminal/width.js';
import { boughtMs, describeState } from './state-sentence.js';
import { STATE_LOOKS } from './states.js';

/** State and date in a few words: `active until 2026-12-29`, `expired 2026-11-29`. */
export function describeShortState(purchase: PurchaseTimeline): string {
  const { state, kind, stateSinceMs, stateUntilMs } = purchase;
  const isBought = kind === 'one-time' && state === 'active';
  const words = isBought ? 'bought' : STATE_LOOKS[state].words;
  const hasEnd = (state === 'active' || state === 'in-grace-period') && stateUntilMs !== null;
  const ms = hasEnd ? stateUntilMs : isBought ? boughtMs(purchase) : stateSinceMs;
  const day = ms === null ? null : (formatMoment(ms)?.split('T')[0] ?? null);
  const joint = hasEnd ? ' until' : SINCE.has(state) ? ' since' : '';
  return day === null ? words : `${words}${joint} ${day}`;
}

/** States that last: the day alone would read as the day of an event. */
const SINCE: ReadonlySet<PurchaseState> = new Set(['in-billing-retry', 'unknown']);

/** A product in at most `width` cells: its last words, as the first ones are those of the app. Escaped text. */
export function shortenProduct(product: string, width: number): string {
  if (widthOf(product) <= width) return product;
  const words = product.split('.');
  const from = words.findIndex((_, index) => index > 0 && widthOf(words.slice(index).join('.')) < width);
  return from === -1 ? keepEnd(product, width) : `…${words.slice(from).join('.')}`;
}

/** `3 purchases: 2 active, 1 expired (1 not verified)`. */
export function describeCounts(purchases: readonly PurchaseTimeline[]): string {
  const counts = new Map<PurchaseState, number>();
  for (const { state } of purchases) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = (Object.keys(STATE_LOOKS) as PurchaseState[]).filter((state) => counts.has(state));
  const parts = states.map((state) => `${groupDigits(counts.get(state)!)} ${STATE_LOOKS[state].words}`);
  const unverified = purchases.filter((purchase) => describeState(purchase).isUnverified).length;
  const remark = unverified === 0 ? '' : ` (${groupDigits(unverified)} not verified)`;
  return `${countOf(purchases.length, 'purchase')}: ${parts.join(', ')}${remark}`;
}
