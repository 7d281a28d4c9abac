/** An integer with thousands separators: `1,234,567`. Independent of the locale. */
export function groupDigits(value: number | bigint): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 payload`, `2 payloads`, `1,234 payloads`. */
export function countOf(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const SECOND = 1_000;

const MINUTE = 60 * SECOND;

const HOUR = 60 * MINUTE;

const DAY = 24 * HOUR;

/** A Gregorian year on average. */
const YEAR = 365.2425 * DAY;

/** Up to `until` a distance is shown in `unit`: 90 seconds, 90 minutes, 47 hours, 700 days, 2.3 years. Exactly one of the next unit is that: 1 hour. */
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

/** {@link formatMoment} to the second, for lines: always as wide as its column; `–` where there is no moment. */
export function formatSecond(ms: number | null): string {
  const moment = ms === null ? null : formatMoment(Math.floor(ms / SECOND) * SECOND);
  return (moment ?? '–').padEnd(SECOND_WIDTH);
}

/** The distance of a moment (ms) from now (ms): `413 days ago`, `in 3 days`, `now`. */
export function formatAge(ms: number, nowMs: number): string {
  const distance = Math.abs(nowMs - ms);
  if (distance < SECOND) return 'now';
  const words = formatDistance(distance);
  return ms < nowMs ? `${words} ago` : `in ${words}`;
}

export function formatDistance(ms: number): string {
  const at = STEPS.findIndex(({ until }) => ms < until);
  const step = STEPS[at];
  if (step === undefined) return `${tenths(ms / YEAR)} years`;
  const count = Math.floor(ms / step.unit);
  const larger = STEPS[at + 1];
  if (count * step.unit === larger?.unit) return `1 ${larger.name}`;
  return `${count} ${step.name}${count === 1 ? '' : 's'}`;
}

function tenths(value: number): string {
  return value < 10 ? (Math.floor(value * 10) / 10).toFixed(1).replace('.0', '') : String(Math.floor(value));
}

/**
 * Currencies whose smallest unit is not a hundredth (ISO 4217). A table and not Intl: its data takes 15 ms to load, a third of a bare
 * start of Node, and differs between versions.
 */
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  ...digits(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...digits(3, 'BHD IQD JOD KWD LYD OMR TND'),
};

const USUAL_MINOR_DIGITS = 2;

const CURRENCY_CODE = /^[A-Z]{3}$/;

/**
 * Milliunits of a currency as people write it: 9990 USD is `9.99 USD`, 500000 JPY is `500 JPY`. Never rounds: what the smallest unit cannot
 * hold is shown all the same. Null where the amount is not an integer. `currency` is what the payload says; anything but three letters is left out.
 */
export function formatMoney(milliunits: number | bigint, currency: unknown): string | null {
  if (typeof milliunits === 'number' && !Number.isSafeInteger(milliunits)) return null;
  const code = typeof currency === 'string' && CURRENCY_CODE.test(currency) ? currency : null;
  const amount = withDecimals(
    BigInt(milliunits),
    code === null ? USUAL_MINOR_DIGITS : (MINOR_DIGITS[code] ?? USUAL_MINOR_DIGITS),
  );
  return code === null ? amount : `${amount} ${code}`;
}

/** Thousandths of a percent: 67932 is `67.932 %`. Null where it is not an integer. */
export function formatPercent(thousandths: number | bigint): string | null {
  if (typeof thousandths === 'number' && !Number.isSafeInteger(thousandths)) return null;
  return `${withDecimals(BigInt(thousandths), 0)} %`;
}

/** Thousandths as a decimal number with at least `least` decimals, and more only where they say something. */
function withDecimals(thousandths: bigint, least: number): string {
  const sign = thousandths < 0n ? '-' : '';
  const text = String(thousandths < 0n ? -thousandths : thousandths).padStart(4, '0');
  const decimals = text.slice(-3).replace(/0+$/, '').padEnd(least, '0');
  return `${sign}${text.slice(0, -3)}${decimals === '' ? '' : `.${decimals}`}`;
}

function digits(count: number, codes: string): Record<string, number> {
  return Object.fromEntries(codes.split(' ').map((code) => [code, count]));
}

const DURATION = /^P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?$/;

const UNITS = ['year', 'month', 'week', 'day'] as const;

/** An ISO 8601 duration of days and more in words: `P1M` is `1 month`. Null for anything else. */
export function describePeriod(period: string): string | null {
  const counts = DURATION.exec(period)?.slice(1);
  const words = counts?.flatMap((count, index) => (count === undefined ? [] : [countOf(Number(count), UNITS[index]!)]));
  return words === undefined || words.length === 0 ? null : words.join(' ');
}

/** A path below the home folder with `~` in its place; every other text as it is. */
export function shortenHome(text: string, home: string | null): string {
  if (home === null || home.length < 2 || !text.startsWith(home)) return text;
  const rest = text.slice(home.length);
  return rest === '' || /^[/\\]/.test(rest) ? `~${rest}` : text;
}
