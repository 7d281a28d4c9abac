import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type JsonObject, stringifyJson } from '../../jws/json.js';

/** Header and payload of a compact JWS: what is signed. */
export function signingInput(header: JsonObject, payload: JsonObject): string {
  return `${encode(header)}.${encode(payload)}`;
}

/** A compact JWS with whatever stands for its signature. */
export function withSignature(input: string, signature: Uint8Array | string): string {
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/** HMAC with SHA-256: what a verifier computes that takes `HS256` from the header and its key for a secret. */
export function hmacToken(header: JsonObject, payload: JsonObject, secret: string): string {
  const input = signingInput({ ...header, alg: 'HS256' }, payload);
  return withSignature(input, createHmac('sha256', secret).update(input).digest());
}

/** ES256 as DER (ASN.1) instead of the 64 raw bytes that RFC 7518 section 3.4 asks for. */
export function derSignedToken(header: JsonObject, payload: JsonObject, key: KeyObject): string {
  const input = signingInput(header, payload);
  return withSignature(input, sign('sha256', Buffer.from(input), key));
}

/** A key of nobody's. */
export function strangerKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A public key or a certificate as PEM, as a verifier holds it in memory. */
export function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function encode(part: JsonObject): string {
  return Buffer.from(stringifyJson(part)).toString('base64url');
}
