import { type Json, stringifyJson } from '../jws/json.js';
import type { FieldEntry } from '../notification/catalogue/entry.js';
import { findValue } from '../notification/catalogue/values.js';
import { isSeconds } from '../notification/kind.js';
import { showText } from '../terminal/escape.js';
import { describePeriod, formatAge, formatMoment, formatMoney, formatPercent } from '../terminal/format.js';

/** A value as escaped text, with its meaning where the text alone is not clear. */
export interface ShownValue {
  readonly text: string;
  readonly remark: string | null;
}

export interface ValueContext {
  /** Current time, ms. */
  readonly nowMs: number;
  /** `currency` of the payload that has the value. */
  readonly currency: Json | undefined;
  /** Values explained so far in this view; {@link showValue} adds to it. */
  readonly explained: Set<string>;
}

export const NOT_KNOWN = 'not known to this version';

/** Shows the value of a documented field by its type; a value of another type than documented is shown unchanged. Never throws. */
export function showValue(entry: FieldEntry, value: Json, context: ValueContext): ShownValue {
  if (typeof value === 'number' || typeof value === 'bigint') return showNumber(entry, value, context);
  if (typeof value === 'string') return showString(entry, value, context);
  return showPlain(value);
}

/** Shows the value of an unknown field. */
export function showPlain(value: Json): ShownValue {
  if (typeof value === 'string') return plain(needsQuotes(value) ? `"${showText(value)}"` : showText(value));
  if (typeof value === 'boolean') return plain(value ? 'yes' : 'no');
  if (isTextArray(value) && value.length > 0) return plain(showText(value.join(', ')));
  return plain(showText(stringifyJson(value)));
}

function showNumber(entry: FieldEntry, value: number | bigint, context: ValueContext): ShownValue {
  switch (entry.type) {
    case 'date':
      return showDate(value, context.nowMs);
    case 'money':
      return plain(formatMoney(value, context.currency) ?? String(value));
    case 'percent':
      return plain(formatPercent(value) ?? String(value));
    case 'code':
      return { text: String(value), remark: meaningOf(entry, value, context) };
    default:
      return plain(String(value));
  }
}

function showString(entry: FieldEntry, value: string, context: ValueContext): ShownValue {
  const { text } = showPlain(value);
  if (entry.type === 'enum' || entry.type === 'code') return { text, remark: meaningOf(entry, value, context) };
  return entry.type === 'period' ? { text, remark: describePeriod(value) } : plain(text);
}

function showDate(value: number | bigint, nowMs: number): ShownValue {
  const moment = formatMoment(value);
  if (moment === null) return { text: String(value), remark: 'out of range for a date' };
  const asSeconds = isSeconds(Number(value)) ? formatMoment(Number(value) * 1000) : null;
  if (asSeconds !== null) return { text: moment, remark: `in seconds, where Apple writes milliseconds: ${asSeconds}` };
  return { text: moment, remark: formatAge(Number(value), nowMs) };
}

/** Null for a value that was explained before in this view. */
function meaningOf(
  { values }: FieldEntry,
  value: string | number | bigint,
  { explained }: ValueContext,
): string | null {
  if (values === undefined) return null;
  const meaning = findValue(values, value)?.meaning;
  if (meaning === undefined) return NOT_KNOWN;
  const key = `${values} ${value}`;
  if (explained.has(key)) return null;
  explained.add(key);
  return meaning;
}

function plain(text: string): ShownValue {
  return { text, remark: null };
}

/** Empty text and text with blanks at its ends would be misread without quotes. */
function needsQuotes(text: string): boolean {
  return text === '' || text !== text.trim();
}

function isTextArray(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
