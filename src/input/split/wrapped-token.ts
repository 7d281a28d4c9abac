import {
  APOSTROPHE,
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  isBase64Url,
  isBlank,
  isTokenByte,
  PERCENT,
  PIPE,
  QUOTE,
  TOKEN_START,
} from './bytes.js';

/** An ES256 signature is 64 bytes: 86 characters of base64url, never more or fewer. */
export const SIGNATURE_LENGTH = 86;

/** An incomplete token at the end of a line. */
export interface OpenToken {
  /** Dots so far, `%2E` included. */
  readonly dots: number;
  /** Characters since the last dot. */
  readonly tail: number;
  /** The quote of the string literal that its last part is written in. */
  readonly quote?: number;
}

/** The effect of a line on the open token before it: `next` is null once the token is complete or closed. */
interface Continuation {
  readonly next: OpenToken | null;
}

/** The unfinished token at the end of the line [start, end); null where there is none. */
export function openTokenAt(view: Buffer, start: number, end: number): OpenToken | null {
  const to = trimEnd(view, start, end);
  if (endsInSignature(view, start, to)) return null;
  const from = runStart(view, start, to);
  const at = tokenStart(view, from, to);
  return at === -1 ? openLiteralAt(view, start, to) : unfinished(measure(view, at, to, { dots: 0, tail: 0 }));
}

/** The unfinished token in a string literal at the end of the line, as in `'eyJ…' +`. */
function openLiteralAt(view: Buffer, start: number, end: number): OpenToken | null {
  let close = end;
  while (close > start && isJoint(view[close - 1])) close -= 1;
  const quote = view[close - 1];
  if (close === start || !isQuoteMark(quote)) return null;
  const from = runStart(view, start, close - 1);
  if (view[from - 1] !== quote || !isTokenAt(view, from, close - 1)) return null;
  const open = unfinished(measure(view, from, close - 1, { dots: 0, tail: 0 }));
  return open === null || quote === undefined ? null : { ...open, quote };
}

/** The next string literal of a token: `'…' +`, `+ '…'`, or the last one with what ends the expression. */
function continueLiteral(view: Buffer, start: number, end: number, open: OpenToken): Continuation | null {
  let from = start;
  while (from < end && isJoint(view[from])) from += 1;
  if (LITERAL_PREFIXES.includes(view[from] ?? 0) && view[from + 1] === open.quote) from += 1;
  if (view[from] !== open.quote) return null;
  let at = from + 1;
  while (at < end && isTokenByte(view[at])) at += 1;
  if (at === from + 1 || view[at] !== open.quote || startsToken(view, from + 1, at)) return null;
  const measured = unfinished(measure(view, from + 1, at, open));
  let rest = at + 1;
  while (rest < end && isJoint(view[rest])) rest += 1;
  return { next: measured === null || rest < end ? null : { ...measured, quote: open.quote! } };
}

/** Blanks and the operators that join literals: `+`, `.`, `&`, `\`. */
function isJoint(byte: number | undefined): boolean {
  return isBlank(byte) || byte === BACKSLASH || byte === 0x2b || byte === DOT || byte === 0x26;
}

function isQuoteMark(byte: number | undefined): boolean {
  return byte === QUOTE || byte === APOSTROPHE || byte === 0x60;
}

/** Python's `b`, `f`, `r`, `u` and C#'s `@` before a literal. */
const LITERAL_PREFIXES: readonly number[] = [...Buffer.from('bfru@')];

/** The continuation of an open token by the line [start, end); null where the line is separate. */
export function continueToken(view: Buffer, start: number, end: number, open: OpenToken): Continuation | null {
  if (open.quote !== undefined) return continueLiteral(view, start, end, open);
  let from = start + lineHeadOf(view.toString('latin1', start, Math.min(end, start + LONGEST_HEAD))).length;
  while (from < end && isLead(view[from])) from += 1;
  const to = trimEnd(view, from, end);
  let at = from;
  while (at < to && isTokenByte(view[at])) at += 1;
  if (at === from || startsToken(view, from, at) || startsEncodedBody(view, from) || (at < to && !isCloser(view[at])))
    return null;
  const measured = measure(view, from, at, open);
  if (measured.dots >= 2 && measured.tail > SIGNATURE_LENGTH && measured.dots === open.dots) return null;
  return { next: at < to ? null : unfinished(measured) };
}

/** True for the start of a JWS header: an object whose first key is one that Apple or Xcode writes. */
export function isHeaderStart(start: string): boolean {
  return HEADER_START.test(Buffer.from(start.slice(0, 12), 'base64url').toString('latin1'));
}

const HEADER_START = /^\{"(?:alg|x5c|kid|typ)"/;

export function startsToken(view: Buffer, from: number, to: number): boolean {
  return isHeaderStart(view.toString('latin1', from, Math.min(to, from + 12)));
}

/** True for base64 or percent encoding of a body: the line before it may have been another one, and no part of a token. */
function startsEncodedBody(view: Buffer, from: number): boolean {
  return ENCODED_BODY.test(view.toString('latin1', from, from + BASE64_BODY.length));
}

const BASE64_BODY = Buffer.from('{"signedPayload').toString('base64');

const ENCODED_BODY = new RegExp(`^(?:${BASE64_BODY}|%(?:7[Bb]|5[Bb]|22))`);

function unfinished(token: OpenToken): OpenToken | null {
  return token.dots > 2 || (token.dots === 2 && token.tail >= SIGNATURE_LENGTH) ? null : token;
}

/** Fast path: most lines with a token end in its signature. Takes 87 bytes and a native search instead of a loop over the line. */
function endsInSignature(view: Buffer, start: number, end: number): boolean {
  let at = end;
  while (at > start && end - at <= SIGNATURE_LENGTH && isBase64Url(view[at - 1])) at -= 1;
  if (end - at !== SIGNATURE_LENGTH || at - 1 <= start || view[at - 1] !== DOT) return false;
  return view.lastIndexOf(DOT, at - 2) >= start;
}

/** Start of the run of token bytes that ends at `end`. */
export function runStart(view: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isTokenByte(view[at - 1])) at -= 1;
  return at;
}

/** Start of the first token within a run: the start of the run, or after an escape such as `%22`; -1 where there is none. */
function tokenStart(view: Buffer, from: number, to: number): number {
  if (isTokenAt(view, from, to)) return from;
  for (let at = from + 1; at < to; at++) if (view[at - 3] === PERCENT && isTokenAt(view, at, to)) return at;
  return -1;
}

function isTokenAt(view: Buffer, at: number, to: number): boolean {
  return (
    to - at >= 3 && view[at] === TOKEN_START[0] && view[at + 1] === TOKEN_START[1] && view[at + 2] === TOKEN_START[2]
  );
}

function measure(view: Buffer, from: number, to: number, before: OpenToken): OpenToken {
  let { dots, tail } = before;
  for (let at = from; at < to; at++) {
    const encoded = view[at] === PERCENT;
    const isDot = encoded ? isEncodedDot(view, at) : view[at] === DOT;
    if (encoded) at += 2;
    dots += isDot ? 1 : 0;
    tail = isDot ? 0 : tail + 1;
  }
  return { dots, tail };
}

function isEncodedDot(view: Buffer, at: number): boolean {
  return view[at + 1] === 0x32 && (view[at + 2]! | 0x20) === 0x65;
}

const LONGEST_HEAD = 128;

/** Before a line of a log: of a container (CRI), Heroku, syslog or Compose; a line number. */
const LINE_HEAD =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d) (?:std(?:out|err) [PF]|[\w-]+\[[\w.]+\]:) |[A-Z][a-z]{2} [ \d]\d [\d:]{8} \S+ [\w./-]+(?:\[\d+\])?: (?:\[\d+\] )?|[\w.-]+ +\| (?=[\w.-]{20})|\s*\d+(?:\t|: ?))/;

/** The head of a log line that may continue a token which a log driver has split; '' where there is none. */
export function lineHeadOf(line: string): string {
  return LINE_HEAD.exec(line)?.[0] ?? '';
}

/** Indentation and the marks that mail and Markdown put before a quoted line. */
function isLead(byte: number | undefined): boolean {
  return isBlank(byte) || byte === GREATER || byte === PIPE;
}

/** Trims blanks and continuation marks: `\` in a shell, `=` in quoted-printable mail. */
function trimEnd(view: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && (isBlank(view[at - 1]) || view[at - 1] === BACKSLASH || view[at - 1] === EQUALS)) at -= 1;
  return at;
}

const CLOSERS: readonly number[] = [
  QUOTE,
  APOSTROPHE,
  BACKSLASH,
  COMMA,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  ...Buffer.from('`)<&;'),
];

/** Bytes that may follow the last part of a token on its line. */
function isCloser(byte: number | undefined): boolean {
  return byte !== undefined && CLOSERS.includes(byte);
}
