import { formatIsoTime, groupThousands } from './formats.js';

/** One line of pretty-printed JSON. `key` is quoted already, `note` explains the value and is no part of the JSON. */
export interface JsonLine {
  readonly depth: number;
  readonly key: string | null;
  readonly text: string;
  readonly kind: 'string' | 'number' | 'word' | 'bracket';
  readonly note: string | null;
}

/** Lines beyond this would stall the page; Apple's payloads have fifty. */
const MOST_LINES = 2_000;

/** A longer string is cut, as the tokens within a payload are: the Raw tab has all of it. */
const MOST_STRING = 400;
const CUT_STRING = 48;

export interface JsonLines {
  readonly lines: readonly JsonLine[];
  /** Lines were left out. */
  readonly isCut: boolean;
}

/** Lays out a JSON value, with dates and amounts explained. */
export function layJson(value: unknown): JsonLines {
  const lines: JsonLine[] = [];
  layValue(value, { depth: 0, key: null, comma: '', currency: null }, lines);
  return { lines: lines.slice(0, MOST_LINES), isCut: lines.length > MOST_LINES };
}

interface Place {
  readonly depth: number;
  readonly key: string | null;
  readonly comma: string;
  readonly currency: string | null;
}

function layValue(value: unknown, place: Place, lines: JsonLine[]): void {
  if (lines.length > MOST_LINES) return;
  const { depth, comma } = place;
  const key = place.key === null ? null : JSON.stringify(place.key);
  if (typeof value !== 'object' || value === null) {
    lines.push({ depth, key, ...showScalar(value, place) });
    return;
  }
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries: readonly (readonly [string | null, unknown])[] = Array.isArray(value)
    ? value.map((item) => [null, item] as const)
    : Object.entries(value);
  if (entries.length === 0) {
    lines.push({ depth, key, text: `${open}${close}${comma}`, kind: 'bracket', note: null });
    return;
  }
  const { currency } = value as { currency?: unknown };
  lines.push({ depth, key, text: `${open}`, kind: 'bracket', note: null });
  entries.forEach(([name, item], index) => {
    const inner = {
      depth: depth + 1,
      key: name,
      comma: index < entries.length - 1 ? ',' : '',
      currency: typeof currency === 'string' ? currency : null,
    };
    layValue(item, inner, lines);
  });
  lines.push({ depth, key: null, text: `${close}${comma}`, kind: 'bracket', note: null });
}

function showScalar(value: unknown, { key, comma, currency }: Place): Pick<JsonLine, 'text' | 'kind' | 'note'> {
  if (typeof value === 'string' && value.length > MOST_STRING) {
    const text = `${JSON.stringify(value.slice(0, CUT_STRING)).slice(0, -1)}\u2026"${comma}`;
    return { text, kind: 'string', note: `${groupThousands(value.length)} characters` };
  }
  const kind = typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'word';
  return { text: `${JSON.stringify(value) ?? 'null'}${comma}`, kind, note: explainField(key ?? '', value, currency) };
}

/** Money fields are in thousandths of the currency. */
const MONEY = /^(price|renewalPrice)$/;

/** Earliest and latest millisecond date that a payload of Apple's could have; a number of seconds is not among them. */
const DATES = [Date.UTC(2008, 0), Date.UTC(2200, 0)] as const;

/** A date or an amount in words; null for any other value. The Summary tab explains codes. */
function explainField(field: string, value: unknown, currency: string | null): string | null {
  if (typeof value !== 'number') return null;
  if (field.endsWith('Date')) return value >= DATES[0] && value < DATES[1] ? formatIsoTime(value) : null;
  return MONEY.test(field) && currency !== null ? `${value / 1000} ${currency}` : null;
}
