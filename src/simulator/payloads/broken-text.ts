/** White space and invisible characters, which hide an id from a search. */
const BREAK = /[\s\p{Default_Ignorable_Code_Point}]/u;

/** Text between them. */
const UNBROKEN = /[^\s\p{Default_Ignorable_Code_Point}]+/gu;

/** Digits, also in groups. */
export const DIGIT_GROUPS = new RegExp(`\\d+(?:${BREAK.source}+\\d+)*`, 'gu');

/** Text without line breaks, spaces and invisible characters. */
export function withoutBreaks(text: string): string {
  return BREAK.test(text) ? text.replaceAll(new RegExp(BREAK, 'gu'), '') : text;
}

/** Replaces what a global pattern finds, also where spaces or line breaks stand within it: these are lost. */
export function replaceAcrossBreaks(text: string, pattern: RegExp, replacementOf: (found: string) => string): string {
  const replaced = text.replace(pattern, replacementOf);
  if (!BREAK.test(replaced)) return replaced;
  const places: number[] = [];
  for (const { 0: run, index } of replaced.matchAll(UNBROKEN))
    for (let at = index; at < index + run.length; at++) places.push(at);
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
