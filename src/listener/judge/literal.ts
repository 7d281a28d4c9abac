import { PLAIN_HEAD, PLAIN_TAIL } from './body.js';

const HEAD = Buffer.from(JSON.stringify(PLAIN_HEAD).slice(0, -1));
const TAIL = Buffer.from(JSON.stringify(PLAIN_TAIL).slice(1));

/** How many bytes the literal of a plain body needs before and after it: what is between stands in both alike. */
export const LITERAL_MARGIN = {
  before: HEAD.length - PLAIN_HEAD.length,
  after: TAIL.length - PLAIN_TAIL.length,
} as const;

/** The body between its margins. */
export function bodyIn(framed: Uint8Array): Uint8Array {
  return framed.subarray(LITERAL_MARGIN.before, framed.length - LITERAL_MARGIN.after);
}

/**
 * Makes the body between the margins of `framed` its own JSON string literal, where it stands: nothing is copied. The body must be as
 * Apple writes it, with nothing in its token that JSON would escape.
 */
export function writePlainLiteral(framed: Uint8Array): void {
  framed.set(HEAD, 0);
  framed.set(TAIL, framed.length - TAIL.length);
}

/** The JSON string literal of a body, in UTF-8. `text`: the body as text; null for a plain one. */
export function literalOf(body: Uint8Array, text: string | null): Uint8Array {
  if (text !== null) return textLiteral(text);
  const framed = new Uint8Array(LITERAL_MARGIN.before + body.length + LITERAL_MARGIN.after);
  framed.set(body, LITERAL_MARGIN.before);
  writePlainLiteral(framed);
  return framed;
}

/** UTF-8 has no lone surrogates, so the literal stands for exactly the bytes that were received. */
export function textLiteral(text: string): Uint8Array {
  return Buffer.from(JSON.stringify(text));
}
