import { createVerify, type KeyObject, sign } from 'node:crypto';
import { type JsonObject, stringifyJson } from './json.js';

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

/** What is wrong with the length of an ES256 signature, in words: most often the token was cut. Null where nothing is. */
export function describeSignatureLength(header: JsonObject | null, signature: Uint8Array | null): string | null {
  const bytes = signature?.length ?? 0;
  return header?.alg === 'ES256' && bytes !== ES256_SIGNATURE_BYTES ? `its signature has ${bytes} bytes` : null;
}

/** What a compact JWS is made with. `key` is a P-256 private key; `header` may say another `alg`, the signature stays ES256. */
interface Signing {
  readonly key: KeyObject;
  readonly header?: JsonObject;
}

/**
 * Signs a payload as the App Store does: compact JWS (RFC 7515), ES256, the signature as 64 raw bytes R and S.
 * An object is written as JSON on one line; a string is signed as it stands, so that what is not JSON can be signed too.
 */
export function signJws(payload: object | string, { key, header = {} }: Signing): string {
  const text = typeof payload === 'string' ? payload : stringifyJson(payload);
  const signingInput = `${encode(stringifyJson({ alg: 'ES256', ...header }))}.${encode(text)}`;
  const signature = sign('sha256', Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' });
  return `${signingInput}.${signature.toString('base64url')}`;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
