import type { JsonObject } from '../jws/json.js';
import type { DocumentContext, Kind, PayloadDocument } from '../notification/document.js';

/** Damage done by copying and pasting, and undone. */
export type Repair =
  | 'line-wraps'
  | 'quotes'
  | 'json-escapes'
  | 'percent-encoding'
  | 'bom'
  | 'crlf'
  | 'bearer'
  | 'nested-json'
  | 'base64'
  | 'string-literals';

interface Claimed {
  /** `source` of the document: `argument`, `stdin:3`, `payloads.ndjson:17`, `app.log:4#2`. */
  readonly source: string;
  readonly repaired: readonly Repair[];
}

/** Text that claims to be a JWS, valid or not. `context`: attempts, receipt and deliveries given beside it. */
export interface TokenClaim extends Claimed {
  readonly type: 'token';
  readonly text: string;
  readonly context?: DocumentContext;
}

/** A token over {@link MAX_TOKEN_BYTES}: reported by its size, its bytes are dropped. */
interface OversizeClaim extends Claimed {
  readonly type: 'oversize';
  readonly bytes: number;
}

/** A version 1 body: plain JSON, no signature. */
interface LegacyClaim extends Claimed {
  readonly type: 'v1';
  readonly body: JsonObject;
}

/** A document of ours without its JWS: it can be shown, not verified. */
interface DocumentClaim extends Claimed {
  readonly type: 'document';
  readonly document: PayloadDocument;
}

/** A payload after decoding: it carries no signature, so it can be shown, not verified. */
interface DecodedClaim extends Claimed {
  readonly type: 'decoded';
  readonly kind: Kind;
  readonly payload: JsonObject;
}

/** A part of the input that claims to be a payload. Each becomes exactly one document, in order. */
export type Claim = TokenClaim | OversizeClaim | LegacyClaim | DocumentClaim | DecodedClaim;

/** Longer tokens are rejected: genuine notifications have 19 KB. */
export const MAX_TOKEN_BYTES = 1024 * 1024;

type WithoutSource<T> = T extends Claim ? Omit<T, 'source'> : never;

/** A claim that has no source yet. */
export type UnplacedClaim = WithoutSource<Claim>;

/** A token claim; an oversize claim where the text is too long. */
export function tokenClaim(
  text: string,
  repaired: readonly Repair[],
  context: DocumentContext | null = null,
): UnplacedClaim {
  if (text.length > MAX_TOKEN_BYTES) return { type: 'oversize', bytes: text.length, repaired };
  return context === null ? { type: 'token', text, repaired } : { type: 'token', text, repaired, context };
}
