import { isJsonObject, type Json, tryParseJson } from '../../jws/json.js';
import type { Repair } from '../claim.js';
import { DOCKER_LINE } from '../split/bytes.js';
import { lineHeadOf } from '../split/wrapped-token.js';

/** Text without wrapping; `json` where it can be parsed then. */
interface RepairedText {
  readonly text: string;
  readonly json: Json | undefined;
  readonly repaired: ReadonlySet<Repair>;
}

/** Layers of wrapping: JSON in a string in a shell's quotes has three. */
const MAX_LAYERS = 8;

/** Removes byte order mark, line wraps, `Bearer`, quotes, JSON escapes and percent encoding, where they wrap the whole text. */
export function repairText(text: string): RepairedText {
  const repaired = new Set<Repair>();
  let current = text;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const trimmed = current.trim();
    const json = parseContainer(trimmed);
    if (json !== undefined) return { text: trimmed, json, repaired: withMark(text, repaired) };
    const peeled = peel(trimmed, repaired);
    if (peeled === trimmed) return { text: trimmed, json: undefined, repaired: withMark(text, repaired) };
    current = peeled;
  }
  return { text: current.trim(), json: undefined, repaired };
}

/** `trim` removes U+FEFF, so that it is looked for in the original text. */
function withMark(text: string, repaired: Set<Repair>): ReadonlySet<Repair> {
  return text.startsWith('\uFEFF') ? repaired.add('bom') : repaired;
}

function withoutHead(line: string): string {
  return line.slice(lineHeadOf(line).length);
}

/** Joins lines without log heads, indentation and quote marks at their start, blanks and continuation marks at their end. */
export function joinLines(text: string): string {
  const lines = text.split('\n');
  const last = lines.length - 1;
  return lines
    .map((line, index) => stripLine(index === 0 ? line : withoutHead(line), index === last ? BLANKS : LINE_TAILS))
    .join('');
}

/** The text of a log line that Docker has split into several of its JSON lines; null for other text. */
export function joinSplitLog(text: string): string | null {
  if (!text.startsWith(DOCKER_LINE) || !text.includes('\n')) return null;
  const parts = text.split('\n').map((line) => tryParseJson(line));
  return parts.every((part) => isJsonObject(part) && typeof part.log === 'string')
    ? parts.map((part) => (part as { readonly log: string }).log).join('')
    : null;
}

/** The end of one string literal and the start of the next on the following line, with the operators that languages put between them. */
const LITERAL_JOINT = /(["'`])[ \t]*[+.&\\]{0,2}[ \t]*\\?\r?\n[ \t]*[+.&]?[ \t]*[bfru@]?\1(?=[\w.-])/g;

/** Joins the pieces of a token written as string literals on several lines; other text stays as it is. */
export function joinLiterals(text: string): string {
  return text.includes('\n') && text.includes('eyJ') ? text.replace(LITERAL_JOINT, '') : text;
}

const LINE_HEADS = ' \t>|';

const BLANKS = ' \t\r';

/** Continuation marks: `\` in a shell, `=` in quoted-printable mail. */
const LINE_TAILS = `${BLANKS}\\=`;

/** Loops: a pattern anchored at the end takes quadratic time on a hostile line. */
function stripLine(line: string, tails: string): string {
  let from = 0;
  let to = line.length;
  while (from < to && LINE_HEADS.includes(line.charAt(from))) from += 1;
  while (to > from && tails.includes(line.charAt(to - 1))) to -= 1;
  return line.slice(from, to);
}

/** An object or array; undefined for other text. The last character is checked first because many log lines begin with a bracket. */
function parseContainer(text: string): Json | undefined {
  const closing = text.startsWith('{') ? '}' : ']';
  if ((closing === ']' && !text.startsWith('[')) || !text.endsWith(closing)) return undefined;
  return tryParseJson(text);
}

type Peel = (text: string, repaired: Set<Repair>) => string;

/** Removes one layer; the same text where there is none. */
function peel(text: string, repaired: Set<Repair>): string {
  for (const one of PEELS) {
    const peeled = one(text, repaired);
    if (peeled !== text) return peeled;
  }
  return text;
}

const peelLines: Peel = (text, repaired) => {
  if (!text.includes('\n')) return text;
  repaired.add('line-wraps');
  if (text.includes('\r\n')) repaired.add('crlf');
  return joinLines(text);
};

const BEARER = /^(?:authorization\s*:\s*)?bearer\s+(?=\S)/i;

const peelBearer: Peel = (text, repaired) => {
  if (!BEARER.test(text)) return text;
  repaired.add('bearer');
  return text.replace(BEARER, '');
};

const OPENING_QUOTE = /^(\\*)["'`“”„‘’«»]+(?=\\*["']|eyJ|%|[{[]|bearer\s)/i;

const CLOSING_QUOTE = /(\\*)["'`“”‘’«»]+[,;]?$/;

/** Characters searched for closing quotes: the pattern is slow on a long run of them. */
const CLOSING_LENGTH = 32;

/** Quotes, escaped ones too, at one or both ends of text that begins like a token or JSON. */
const peelQuotes: Peel = (text, repaired) => {
  const opening = OPENING_QUOTE.exec(text);
  const end = text.slice(-CLOSING_LENGTH);
  const closing = opening !== null || text.startsWith('eyJ') ? CLOSING_QUOTE.exec(end) : null;
  if (opening === null && closing === null) return text;
  repaired.add('quotes');
  if (opening?.[1] || closing?.[1]) repaired.add('json-escapes');
  return text.slice(opening?.[0].length ?? 0, text.length - (closing === null ? 0 : end.length - closing.index));
};

/** An escaped line end at the end of the text. */
const peelLastEscape: Peel = (text, repaired) => {
  if (!text.startsWith('eyJ') || !/\\[nr]$/.test(text.slice(-2))) return text;
  repaired.add('json-escapes');
  return text.slice(0, -2);
};

const ESCAPED_JSON = /^[[{](?:\\+[nrt]|\s|[[{])*\\+"/;

const ESCAPE = /\\(?:(["\\/])|([nrt])|u([0-9a-fA-F]{4}))/g;

/** One level of JSON escapes: JSON inside a JSON string. */
const peelEscapes: Peel = (text, repaired) => {
  if (!ESCAPED_JSON.test(text)) return text;
  repaired.add('json-escapes');
  return text.replace(
    ESCAPE,
    (_escape, mark: string | undefined, space: string | undefined, code: string | undefined) =>
      space !== undefined ? ' ' : (mark ?? String.fromCharCode(Number.parseInt(code ?? '', 16))),
  );
};

const ENCODED = /^%(?:7B|5B|22|27|25|EF%BB%BF)/i;

const peelPercent: Peel = (text, repaired) => {
  if (!ENCODED.test(text)) return text;
  repaired.add('percent-encoding');
  return decodePercent(text);
};

/** Decodes ASCII only; payloads have no other characters. */
function decodePercent(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_encoded, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const PEELS: readonly Peel[] = [peelBearer, peelQuotes, peelLastEscape, peelEscapes, peelPercent, peelLines];
