const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Gregorian year on average. */
const YEAR = 365.2425 * DAY;

/** Up to `until` a distance is told in `unit`: 90 seconds, 90 minutes, 47 hours, 700 days, 2.3 years. */
const STEPS: readonly { readonly until: number; readonly unit: number; readonly name: string }[] = [
  { until: 2 * MINUTE, unit: SECOND, name: 'second' },
  { until: 2 * HOUR, unit: MINUTE, name: 'minute' },
  { until: 2 * DAY, unit: HOUR, name: 'hour' },
  { until: 2 * YEAR, unit: DAY, name: 'day' },
];

/**
 * Milliseconds since the epoch as ISO 8601 in UTC: `2025-10-02T08:30:41Z`, milliseconds only where there are any. Fractions of a millisecond
 * (Xcode writes them) are left out. Null where no date has this number.
 */
export function formatMoment(ms: number | bigint): string | null {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace('.000Z', 'Z');
}

/** Cells of {@link formatSecond}. */
export const SECOND_WIDTH = '2025-10-02T08:30:41Z'.length;

/** {@link formatMoment} to the second, as lines tell it: always as wide as its column; `–` where there is no moment. */
export function formatSecond(ms: number | null): string {
  const moment = ms === null ? null : formatMoment(Math.floor(ms / SECOND) * SECOND);
  return (moment ?? '–').padEnd(SECOND_WIDTH);
}

/** How far a moment (ms) is from now (ms): `413 days ago`, `in 3 days`, `now`. */
export function formatAge(ms: number, nowMs: number): string {
  const distance = Math.abs(nowMs - ms);
  if (distance < SECOND) return 'now';
  const words = formatDistance(distance);
  return ms < nowMs ? `${words} ago` : `in ${words}`;
}

function formatDistance(ms: number): string {
  const step = STEPS.find(({ until }) => ms < until);
  if (step === undefined) return `${tenths(ms / YEAR)} years`;
  const count = Math.floor(ms / step.unit);
  return `${count} ${step.name}${count === 1 ? '' : 's'}`;
}

function tenths(value: number): string {
  return value < 10 ? (Math.floor(value * 10) / 10).toFixed(1).replace('.0', '') : String(Math.floor(value));
}
