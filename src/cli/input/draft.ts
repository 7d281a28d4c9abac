import type { DocumentContext } from '../../notification/document.js';
import { type Claim, MAX_TOKEN_BYTES, type Repair } from './claim.js';

type WithoutSource<T> = T extends Claim ? Omit<T, 'source'> : never;

/** A claim that does not know yet where it stood. */
export type Draft = WithoutSource<Claim>;

/** What is said to be a token; one that is too large is told by its size only. */
export function draftToken(text: string, repaired: readonly Repair[], context: DocumentContext | null = null): Draft {
  if (text.length > MAX_TOKEN_BYTES) return { type: 'oversize', bytes: text.length, repaired };
  return context === null ? { type: 'token', text, repaired } : { type: 'token', text, repaired, context };
}
