import { countOf } from '../number.js';

const DURATION = /^P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?$/;
const UNITS = ['year', 'month', 'week', 'day'] as const;

/** An ISO 8601 duration of days and more in words: `P1M` is `1 month`. Null for anything else. */
export function describePeriod(period: string): string | null {
  const counts = DURATION.exec(period)?.slice(1);
  const words = counts?.flatMap((count, index) => (count === undefined ? [] : [countOf(Number(count), UNITS[index]!)]));
  return words === undefined || words.length === 0 ? null : words.join(' ');
}
