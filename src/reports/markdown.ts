import { escapeText } from '../terminal/escape.js';

/** Text that GitHub and GitLab turn into links, mentions, emoji or formulas even if Markdown characters are escaped. */
const LINK_LIKE = /:\/\/|www\.|[@#$]|:[\w+-]+:/i;

/** Punctuation around a word, which stays outside of its code span: `(https://example.com),`. */
const OPENING = /^[("'[]*/;

const CLOSING = /[.,;:!?)"'\]]*$/;

/** A marker that begins a list or a heading where it stands first. */
const LEADING = /^(?:[-+=]|\d+(?=[.)]))/;

/** Literal text on one line: HTML, Markdown, cell separators, links and mentions are escaped. */
export function toMarkdown(text: string): string {
  const words = escapeText(text).split(' ');
  return words.map((word, index) => toWord(word, index === 0)).join(' ');
}

function toWord(word: string, isFirst: boolean): string {
  if (!LINK_LIKE.test(word)) return isFirst ? escapeLeading(word) : escapeMarks(word);
  const before = OPENING.exec(word)?.[0] ?? '';
  const after = CLOSING.exec(word.slice(before.length))?.[0] ?? '';
  const core = word.slice(before.length, word.length - after.length);
  // `:tada:` and the like are nothing without their punctuation.
  if (!LINK_LIKE.test(core)) return toCode(word);
  return `${escapeMarks(before)}${toCode(core)}${escapeMarks(after)}`;
}

function escapeLeading(word: string): string {
  const marker = LEADING.exec(word)?.[0];
  if (marker === undefined) return escapeMarks(word);
  const rest = word.slice(marker.length);
  return /^\d/.test(marker) ? `${marker}\\${escapeMarks(rest)}` : `\\${marker}${escapeMarks(rest)}`;
}

function escapeMarks(text: string): string {
  return text
    .replace(/[\\`*_{}[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** A code span around any text: its fence is longer than any run of backticks, and cell separators are escaped. */
export function toCode(text: string): string {
  const escaped = escapeText(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...escaped.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${escaped}${pad}${fence}`;
}
