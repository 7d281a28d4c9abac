/** White space, and characters that nobody sees: they break an id for a search, not for a reader. */
const BREAK = /[\s\u00AD\u200B-\u200D\u2060]/;

/** Digits, also in groups. */
export const DIGIT_GROUPS = new RegExp(`\\d+(?:${BREAK.source}+\\d+)*`, 'g');

/** Text without line breaks, spaces and invisible characters. */
export function withoutBreaks(text: string): string {
  return BREAK.test(text) ? text.replaceAll(new RegExp(BREAK, 'g'), '') : text;
}

/** Replaces what a global pattern finds, also where spaces or line breaks stand within it: these are lost. */
export function replaceAcrossBreaks(text: string, pattern: RegExp, replacementOf: (found: string) => string): string {
  const replaced = text.replace(pattern, replacementOf);
  if (!BREAK.test(replaced)) return replaced;
  const places: number[] = [];
  for (let at = 0; at < replaced.length; at++) if (!BREAK.test(replaced[at]!)) places.push(at);
  let result = '';
  let end = 0;
  for (const { 0: found, index } of places
    .map((at) => replaced[at])
    .join('')
    .matchAll(pattern)) {
    result += replaced.slice(end, places[index]) + replacementOf(found);
    end = places[index + found.length - 1]! + 1;
  }
  return result + replaced.slice(end);
}
