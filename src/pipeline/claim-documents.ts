import { type Claim, MAX_TOKEN_BYTES, type TokenClaim } from '../input/claim.js';
import type { PayloadDocument } from '../notification/document.js';

/** Turns claims into documents, decoded or verified. */
export interface ClaimDocuments {
  /** Requests what {@link of} needs from the network; null where it needs nothing. */
  readonly prepare: ((claim: TokenClaim) => Promise<void>) | null;
  of(claim: Claim): PayloadDocument;
}

/** `1,200,000 bytes, the limit is 1,048,576`. */
export function describeOversize({ bytes }: Extract<Claim, { type: 'oversize' }>): string {
  return `${bytes.toLocaleString('en-US')} bytes, the limit is ${MAX_TOKEN_BYTES.toLocaleString('en-US')}`;
}
