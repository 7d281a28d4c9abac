import type { JsonObject } from '../jws/json.js';
import type { DocumentContext, PayloadDocument } from '../notification/document.js';

/** What a copy went through on its way here and was mended. */
export type Repair = 'line-wraps' | 'quotes' | 'json-escapes' | 'percent-encoding' | 'bom' | 'crlf' | 'bearer';

interface Claimed {
  /** Where it stood, as `source` of the document: `argument`, `stdin:3`, `payloads.ndjson:17`, `app.log:4#2`. */
  readonly source: string;
  readonly repaired: readonly Repair[];
}

/** What claims to be a JWS, whether or not it is one. `context` is what stood beside it: attempts, receipt, deliveries. */
export interface TokenClaim extends Claimed {
  readonly type: 'token';
  readonly text: string;
  readonly context?: DocumentContext;
}

/** More bytes than any payload has: told, not kept. */
interface OversizeClaim extends Claimed {
  readonly type: 'oversize';
  readonly bytes: number;
}

/** A version 1 body: plain JSON, no signature. */
interface LegacyClaim extends Claimed {
  readonly type: 'v1';
  readonly body: JsonObject;
}

/** One of our own documents that does not carry its JWS: can be shown again, cannot be verified. */
interface DocumentClaim extends Claimed {
  readonly type: 'document';
  readonly document: PayloadDocument;
}

/** Whatever in the input says it is a payload: each becomes exactly one document, in order. */
export type Claim = TokenClaim | OversizeClaim | LegacyClaim | DocumentClaim;

/** A token beyond this many bytes is refused: genuine notifications have 19 KB. */
export const MAX_TOKEN_BYTES = 1024 * 1024;

type WithoutSource<T> = T extends Claim ? Omit<T, 'source'> : never;

/** A claim that does not know yet where it stood. */
export type UnplacedClaim = WithoutSource<Claim>;

/** What is said to be a token; one that is too large is told by its size only. */
export function tokenClaim(
  text: string,
  repaired: readonly Repair[],
  context: DocumentContext | null = null,
): UnplacedClaim {
  if (text.length > MAX_TOKEN_BYTES) return { type: 'oversize', bytes: text.length, repaired };
  return context === null ? { type: 'token', text, repaired } : { type: 'token', text, repaired, context };
}
