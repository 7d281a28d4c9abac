import { createVerify, type KeyObject } from 'node:crypto';

/** An ES256 signature: R and S, 32 bytes each (RFC 7518 section 3.4). */
export const ES256_SIGNATURE_BYTES = 64;

/**
 * True where the signature (64 bytes, R then S) of a compact JWS was made over its header and payload with the partner of this P-256 key.
 * `signature` is the third part of `token`, decoded.
 */
export function isSignedBy(token: string, signature: Uint8Array, publicKey: KeyObject): boolean {
  const signingInput = token.slice(0, token.lastIndexOf('.'));
  return createVerify('sha256')
    .update(signingInput, 'latin1')
    .verify({ key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}
