import type { Repair } from './claim.js';
import { SIGNATURE_LENGTH } from './token-wrap.js';

const ORDER: readonly Repair[] = ['line-wraps', 'quotes', 'json-escapes', 'percent-encoding', 'bom', 'crlf', 'bearer'];

/** Repairs, each once, in the order they are always named in. */
export function inOrder(repaired: Iterable<Repair>): readonly Repair[] {
  const set = new Set(repaired);
  return set.size === 0 ? [] : ORDER.filter((repair) => set.has(repair));
}

const SIGNED = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;

/** Exactly one token with a signature of the right length. */
export function isSignedToken(text: string): boolean {
  return text.length - text.lastIndexOf('.') - 1 === SIGNATURE_LENGTH && SIGNED.test(text);
}
