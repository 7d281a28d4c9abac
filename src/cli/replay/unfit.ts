import { ToolError } from '../../errors.js';
import type { Judged } from '../../listener/judge/judged.js';
import type { Claim } from '../input/claim.js';
import { MAX_TOKEN_BYTES } from '../input/claim.js';

/** Input that cannot be sent, and why. `message` may quote the payload. */
export interface Unfit {
  readonly code: 'ERR_INPUT_NO_JWS' | 'ERR_INPUT_MALFORMED' | 'ERR_INPUT_KIND';
  readonly source: string;
  readonly message: string;
  readonly hint: string;
}

const ORIGINAL = 'Give the original payload, or documents with their JWS, as storewire journal export writes them.';

/** What never had a token, or is too large for one. */
export function unfitClaim(claim: Exclude<Claim, { type: 'token' }>): Unfit {
  const { source } = claim;
  if (claim.type === 'oversize') {
    const message = `a token of ${claim.bytes} bytes; the limit is ${MAX_TOKEN_BYTES}`;
    return { code: 'ERR_INPUT_MALFORMED', source, message, hint: ORIGINAL };
  }
  const message =
    claim.type === 'v1'
      ? 'a version 1 body has no JWS, and version 2 is all that is sent'
      : 'the document has no JWS, so there is nothing to send';
  return { code: 'ERR_INPUT_NO_JWS', source, message, hint: ORIGINAL };
}

/** A token that cannot be opened, or is no notification: no endpoint could take it for one. */
export function unfitToken(source: string, { facts, refusal, verdict }: Judged): Unfit {
  if (facts === null) {
    const code = verdict?.reason ?? refusal?.code ?? 'MALFORMED_JWS';
    const message = `${code}: ${refusal?.message ?? 'it cannot be read'}`;
    return { code: 'ERR_INPUT_MALFORMED', source, message, hint: 'See what it is: storewire decode' };
  }
  const message = `its kind is ${facts.kind}: only notifications are sent`;
  return { code: 'ERR_INPUT_KIND', source, message, hint: 'See what it is: storewire decode' };
}

/** Counts what could not be sent and keeps the first of it. */
export interface UnfitSums {
  add(unfit: Unfit): void;
  /** The error that tells of it, once the rest was sent; null where all could be sent. */
  error(): ToolError | null;
}

export function createUnfitSums(): UnfitSums {
  let count = 0;
  let first: Unfit | null = null;
  return {
    add(unfit) {
      count += 1;
      first ??= unfit;
    },
    error() {
      if (first === null) return null;
      const { code, source, message, hint } = first;
      const several = count === 1 ? '' : `${count} payloads could not be sent; the first: `;
      return new ToolError('usage', code, `${several}${source}: ${message}`, { hint });
    },
  };
}
