import { type KeyObject, sign } from 'node:crypto';
import { type JsonObject, stringifyJson } from './json.js';

/** What a compact JWS is made with. `key` is a P-256 private key; `header` may say another `alg`, the signature stays ES256. */
export interface Signing {
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
