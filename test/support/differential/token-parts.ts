import { type KeyObject, sign } from 'node:crypto';
import type { SigningChain } from '../../../src/simulator/authority/chain.js';

export type Parts = readonly [header: string, payload: string, signature: string];

export function partsOf(token: string): Parts {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return [header, payload, signature];
}

export function decode(part: string): Buffer {
  return Buffer.from(part, 'base64url');
}

export function encode(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** Signs header and payload as they stand, both still base64url, whatever they hold: ES256 unless told otherwise. */
export function signParts(
  header: string,
  payload: string,
  key: KeyObject,
  { hash = 'sha256' }: { readonly hash?: string } = {},
): string {
  const signature = sign(hash, Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' });
  return `${header}.${payload}.${encode(signature)}`;
}

/** Signs JSON texts with the leaf key of a chain. */
export function signTexts(header: string | Uint8Array, payload: string | Uint8Array, chain: SigningChain): string {
  return signParts(encode(header), encode(payload), chain.leafKey);
}

/** The header of the App Store with these certificates. */
export function headerWith(x5c: unknown): string {
  return JSON.stringify({ alg: 'ES256', x5c });
}
