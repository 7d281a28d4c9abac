/** From this number on it is a moment in milliseconds (2001 in ms), from the other on one in seconds; below, seconds to wait. */
const LEAST_UNIX_MS = 1e12;
const LEAST_UNIX_SECONDS = 1e9;

const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * The moment (ms since the epoch) a `Retry-After` header names, or null where it names none. Apple's Server API sends the moment itself
 * in milliseconds; HTTP knows seconds to wait and a date. Source: Apple, "Identifying rate limits"; RFC 9110, 10.2.3.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d{1,16}(?:\.\d+)?$/.test(text)) return momentOf(Number(text), nowMs);
  return HTTP_DATE.test(text) ? Date.parse(text) : null;
}

function momentOf(number: number, nowMs: number): number {
  if (number >= LEAST_UNIX_MS) return number;
  return number >= LEAST_UNIX_SECONDS ? number * 1_000 : nowMs + number * 1_000;
}
