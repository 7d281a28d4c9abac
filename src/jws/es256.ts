import { createVerify, type KeyObject, sign } from 'node:crypto';
import { type JsonObject, stringifyJson } from './json.js';

/** An ES256 signature: R and S, 32 bytes each (RFC 7518 section 3.4). */
export const ES256_SIGNATURE_BYTES = 64;

/**
 * Verifies the ES256 signature of a compact JWS with a P-256 public key. `signature` is the decoded third part of `token`, 64 bytes, R
 * then S.
 */
export function isSignedBy(token: string, signature: Uint8Array, publicKey: KeyObject): boolean {
  const signingInput = token.slice(0, token.lastIndexOf('.'));
  return createVerify('sha256').update(signingInput, 'latin1').verify(publicKey, toDerSignature(signature));
}

/** R and S as the SEQUENCE of two INTEGERs that every runtime takes: Cloudflare Workers take no KeyObject beside a `dsaEncoding`. */
function toDerSignature(signature: Uint8Array): Uint8Array {
  const der = new Uint8Array(MAX_DER_SIGNATURE_BYTES);
  const middle = writeInteger(der, 2, signature, 0);
  const end = writeInteger(der, middle, signature, ES256_SIGNATURE_BYTES / 2);
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

/** Three headers, and a zero before each half whose first bit is set. */
const MAX_DER_SIGNATURE_BYTES = ES256_SIGNATURE_BYTES + 8;

/** Writes half a signature at `at` as the shortest signed INTEGER (X.690 section 8.3); returns the position behind it. */
function writeInteger(der: Uint8Array, at: number, signature: Uint8Array, half: number): number {
  const end = half + ES256_SIGNATURE_BYTES / 2;
  let start = half;
  while (start < end - 1 && signature[start] === 0) start += 1;
  const zeros = signature[start]! >= 0x80 ? 1 : 0;
  der[at] = 0x02;
  der[at + 1] = zeros + end - start;
  for (let from = start, to = at + 2 + zeros; from < end; from++, to++) der[to] = signature[from]!;
  return at + 2 + zeros + end - start;
}

/** Describes a wrong length of an ES256 signature, usually caused by a truncated token; null for a correct length. */
export function describeSignatureLength(header: JsonObject | null, signature: Uint8Array | null): string | null {
  const bytes = signature?.length ?? 0;
  if (header?.alg !== 'ES256' || bytes === ES256_SIGNATURE_BYTES) return null;
  return bytes < ES256_SIGNATURE_BYTES
    ? `the signature is truncated (${bytes} of ${ES256_SIGNATURE_BYTES} bytes)`
    : `the signature has ${bytes} bytes`;
}

/** Signing options. `key` is a P-256 private key; `header` may name another `alg`, but the signature is always ES256. */
interface SigningOptions {
  readonly key: KeyObject;
  readonly header?: JsonObject;
}

/**
 * Signs a payload as the App Store does: compact JWS (RFC 7515), ES256, the signature as 64 raw bytes R and S.
 * An object is serialised as JSON on one line; a string is signed unchanged, so that a payload that is not JSON can be signed too.
 */
export function signJws(payload: object | string, { key, header = {} }: SigningOptions): string {
  const text = typeof payload === 'string' ? payload : stringifyJson(payload);
  const signingInput = `${encode(stringifyJson({ alg: 'ES256', ...header }))}.${encode(text)}`;
  const signature = sign('sha256', Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' });
  return `${signingInput}.${signature.toString('base64url')}`;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
