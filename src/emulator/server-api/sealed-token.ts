import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Json } from '../../jws/json.js';

/** Issues an opaque token that holds `values` and is valid for the same request only. `secret`: tokens of another process are invalid. */
export function sealToken(values: readonly Json[], request: Uint8Array, secret: Uint8Array): string {
  const position = Buffer.from(JSON.stringify(values)).toString('base64url');
  return `${position}.${sealOf(position, request, secret)}`;
}

/** The values of a token of {@link sealToken}; null if it is invalid or of another request. */
export function openSealedToken(token: string, request: Uint8Array, secret: Uint8Array): readonly Json[] | null {
  const [position = '', seen = ''] = token.split('.');
  const expected = sealOf(position, request, secret);
  if (seen.length !== expected.length || !timingSafeEqual(Buffer.from(seen), Buffer.from(expected))) return null;
  return JSON.parse(Buffer.from(position, 'base64url').toString()) as readonly Json[];
}

function sealOf(position: string, request: Uint8Array, secret: Uint8Array): string {
  const digest = createHash('sha256').update(request).digest();
  return createHmac('sha256', secret).update(position).update(digest).digest('base64url');
}
