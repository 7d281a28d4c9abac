import type { JsonObject } from '../../../src/jws/json.js';

/** Signing times at calendar edges (leap day, last of a month, midnight), in milliseconds. */
export const SIGNING_TIMES_MS = [
  '2026-11-02T09:00:00.417Z',
  '2028-02-29T23:59:59.999Z',
  '2027-03-31T00:00:00.000Z',
].map(Date.parse);

export const PERIODS = ['P1W', 'P1M', 'P1Y'];

/** `data.status` as it follows from the dates alone. */
export function expectedStatus(transaction: JsonObject, renewalInfo: JsonObject, signedMs: number): number {
  if (transaction.revocationDate !== undefined) return 5;
  if (Number(renewalInfo.gracePeriodExpiresDate) > signedMs) return 4;
  if (renewalInfo.isInBillingRetryPeriod === true) return 3;
  return Number(transaction.expiresDate) > signedMs ? 1 : 2;
}
