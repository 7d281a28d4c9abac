import { type HeaderParser, parseHeader } from '../jws/compact.js';
import type { JsonObject } from '../jws/json.js';

/** Apple uses one leaf for about two years, so a genuine stream contains only a few distinct headers. */
const MAX_HEADERS = 32;

interface KnownHeader {
  /** The header segment and its dot. */
  readonly start: string;
  readonly parsed: JsonObject | string;
}

/**
 * Header cache, compared by text and most recently used first: comparing 5 KB is ten times faster than hashing it.
 */
export function cacheHeaders(): HeaderParser {
  const known: KnownHeader[] = [];
  return (token) => {
    const at = known.findIndex(({ start }) => token.slice(0, start.length) === start);
    const found = known[at] ?? { start: token.slice(0, token.indexOf('.') + 1), parsed: parseHeader(token) };
    if (at === 0) return found.parsed;
    if (at > 0) known.splice(at, 1);
    known.unshift(found);
    if (known.length > MAX_HEADERS) known.pop();
    return found.parsed;
  };
}
