import { groupDigits } from './format.js';

/**
 * Characters that a terminal may act on, or that are invisible: controls (C0, DEL, C1), format characters (bidi, zero-width, BOM, tags), line and
 * paragraph separators, lone surrogates, noncharacters and everything else that Unicode lets a renderer leave out.
 */
const UNSEEN = '\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Noncharacter_Code_Point}\\p{Default_Ignorable_Code_Point}';

const NOT_PLAIN_ASCII = /[^\x20-\x7e]/;

/** Longest text shown whole: identifiers of the App Store stay far below. Longer text is shown as its start and its length. */
const LONGEST_SHOWN = 200;

const START_SHOWN = 48;

/**
 * Text from a payload or a peer made fit for a terminal: each character of the set above becomes `\u{202e}`. A backslash is left
 * alone, so the result is for reading, not for parsing back.
 */
export function escapeText(text: string): string {
  return NOT_PLAIN_ASCII.test(text) ? replaceUnseen(text, (code) => `\\u{${code.toString(16)}}`) : text;
}

/** The start of a long text and how long it is: `eyJhbGciOiJFUzI1NiIs… (5,126 characters)`. Not escaped; never cuts a surrogate pair. */
export function shorten(text: string, longest: number = LONGEST_SHOWN): string {
  if (text.length <= longest) return text;
  const start = text.slice(0, Math.min(longest, START_SHOWN)).replace(/[\uD800-\uDBFF]$/, '');
  return `${start}… (${groupDigits(text.length)} characters)`;
}

/** Untrusted text as a view shows it: escaped, and shortened where it, or what escaping makes of it, is long. */
export function showText(text: string): string {
  const escaped = escapeText(shorten(text));
  return escaped.length <= LONGEST_SHOWN ? escaped : escapeText(shorten(text, START_SHOWN));
}

/** Replaces each invisible character of `text` by the result of `write` for its code point (or lone surrogate). */
export function replaceUnseen(text: string, write: (codePoint: number) => string): string {
  // Made here: a class of this size takes longer to make than most payloads to show, and most have no such character.
  return text.replace(new RegExp(`[${UNSEEN}]`, 'gu'), (character) => write(character.codePointAt(0)!));
}
