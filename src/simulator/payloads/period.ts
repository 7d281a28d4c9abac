import { ToolError } from '../../errors.js';

const DURATION = /^P(\d+)([DWMY])$/;
const DAY_MS = 86_400_000;

export const days = (count: number): number => count * DAY_MS;

/**
 * A moment (ms) so many periods (ISO 8601: P3D, P1W, P1M, P1Y) later, in UTC; a negative count goes back.
 * A day the month does not have becomes its last one. The sandbox's shortened periods are not imitated: a month is a month.
 * Throws `ERR_SIMULATOR_PERIOD` (usage) on any other text.
 */
export function addPeriods(atMs: number, period: string, count = 1): number {
  const [, number, unit] = DURATION.exec(period) ?? [];
  if (number === undefined) {
    throw new ToolError('usage', 'ERR_SIMULATOR_PERIOD', `"${period}" is not a subscription period.`, {
      hint: 'Write it as ISO 8601 in days, weeks, months or years: P1W, P1M, P1Y.',
    });
  }
  const amount = Number(number) * count;
  if (unit === 'D') return atMs + days(amount);
  if (unit === 'W') return atMs + days(amount * 7);
  return addMonths(atMs, unit === 'Y' ? amount * 12 : amount);
}

function addMonths(atMs: number, months: number): number {
  const date = new Date(atMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime();
}
