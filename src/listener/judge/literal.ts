import { PLAIN_HEAD, PLAIN_TAIL, readText } from './body.js';

const HEAD = Buffer.from(JSON.stringify(PLAIN_HEAD).slice(0, -1));
const TAIL = Buffer.from(JSON.stringify(PLAIN_TAIL).slice(1));

/**
 * The JSON string literal of a body, in UTF-8 and in parts. A plain one is as Apple writes it, with nothing in its token that JSON would
 * escape: the token is not copied, since garbage of this size is what makes the collector run.
 */
export function literalOf(body: Uint8Array, isPlain: boolean): readonly Uint8Array[] {
  if (isPlain) return [HEAD, body.subarray(PLAIN_HEAD.length, body.length - PLAIN_TAIL.length), TAIL];
  // UTF-8 has no lone surrogates, so the literal stands for exactly the bytes that were received.
  return [Buffer.from(JSON.stringify(readText(body)))];
}
