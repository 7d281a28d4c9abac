import { addPeriods } from './subscription.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DURATION = /^(?:\d+(?:ms|s|m|h|d))+$/;

const PART = /(\d+)(ms|s|m|h|d)/g;

const ISO_PERIOD = /^P\d+[DWMY]$/;

const MAX_MS = 100 * 366 * 86_400_000;

/** Time after `atMs` by `3d`, `12h`, `10d8h` or `P1M`, in milliseconds; null for another text, or more than a century. */
export function addDurationText(atMs: number, text: string, sign: 1 | -1 = 1): number | null {
  if (DURATION.test(text)) {
    const parts = [...text.matchAll(PART)].map(([, count, unit = 'ms']) => Number(count) * (UNIT_MS[unit] ?? 0));
    const ms = parts.reduce((sum, part) => sum + part, 0);
    return ms > MAX_MS ? null : atMs + sign * ms;
  }
  if (!ISO_PERIOD.test(text)) return null;
  const endMs = addPeriods(atMs, text, sign);
  return Math.abs(endMs - atMs) <= MAX_MS ? endMs : null;
}

/** A length in whole units: `3d`, `10d8h`, `1s500ms`; `0s` for none. */
export function durationText(ms: number): string {
  let rest = ms;
  const parts = ['d', 'h', 'm', 's', 'ms'].map((unit) => {
    const count = Math.floor(rest / (UNIT_MS[unit] ?? 1));
    rest -= count * (UNIT_MS[unit] ?? 1);
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('') || '0s';
}

const ISO_8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?$/;

/**
 * A date as text, in milliseconds: milliseconds since 1970, ISO 8601 with a zone or a day alone (UTC), `+3d` or `-P1M` relative to `atMs`.
 * Null for any other text, such as the 30th of February.
 */
export function parseMomentText(text: string, atMs: number): number | null {
  if (/^-?\d+$/.test(text)) return Number(text);
  const sign = text[0] === '+' ? 1 : text[0] === '-' ? -1 : null;
  if (sign !== null) return addDurationText(atMs, text.slice(1), sign);
  if (!ISO_8601.test(text)) return null;
  const day = text.slice(0, '2026-03-04'.length);
  const dayMs = Date.parse(day);
  if (Number.isNaN(dayMs) || !new Date(dayMs).toISOString().startsWith(day)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
