import { showText } from './escape.js';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['line-wraps', 'line wraps'],
  ['quotes', 'quotes around it'],
  ['json-escapes', 'JSON escapes'],
  ['percent-encoding', '%2E and other percent signs'],
  ['bom', 'a byte order mark'],
  ['crlf', 'CRLF line ends'],
  ['bearer', 'the word Bearer'],
]);

/** What pasting had done to a payload, in words: `line wraps, JSON escapes`. Null where it came intact. */
export function describeRepairs(repaired: readonly string[]): string | null {
  return repaired.length === 0 ? null : repaired.map((repair) => WORDS.get(repair) ?? showText(repair)).join(', ');
}
