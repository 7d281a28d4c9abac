import type { JWTPayload } from 'jose';
import type { Identity } from '../identity.js';
import { checkToken } from '../jwt.js';

/** Longest life of a token, and of one that by its `scope` can only read. Source: docs, "Generating Tokens for API Requests". */
const MAX_TOKEN_SECONDS = 20 * 60;
const MAX_SCOPED_SECONDS = 183 * 86_400;

export interface ConnectCall {
  readonly method: string;
  readonly pathname: string;
  readonly nowMs: number;
}

/** Who asks, or why not: 401 for a token that opens nothing, 403 for one whose scope leaves this call out. */
export type ConnectCaller = { readonly keyId: string } | { readonly status: 401 | 403; readonly defect: string };

export async function findCaller(
  token: string | null,
  identity: Identity,
  { method, pathname, nowMs }: ConnectCall,
): Promise<ConnectCaller> {
  const found = await checkToken({ token, nowMs, maxSeconds: longestLife, keyOf: keyFinder(identity) });
  if ('defect' in found) return { status: 401, defect: found.defect };
  const defect = ownerDefect(found.keyId, found.claims, identity);
  if (defect !== null) return { status: 401, defect };
  const scope = scopeOf(found.claims);
  if (scope === null || scope.some((entry) => entry.split('?', 1)[0] === `${method} ${pathname}`))
    return { keyId: found.keyId };
  return { status: 403, defect: `the scope of the token does not name ${method} ${pathname}` };
}

/** A team key names its issuer; an individual one has none and says `sub: user`. */
function ownerDefect(keyId: string, { iss, sub }: JWTPayload, { connect, individual }: Identity): string | null {
  if (keyId === individual.keyId) {
    if (iss !== undefined) return 'iss is there, and an individual key has no issuer';
    return sub === 'user' ? null : 'sub is not "user", as the token of an individual key has it';
  }
  return iss === connect.issuerId ? null : `iss is ${iss ?? 'missing'}, the key belongs to ${connect.issuerId}`;
}

function keyFinder({ server, connect, individual }: Identity) {
  return (keyId: string) => {
    const found = [connect, individual].find((key) => key.keyId === keyId);
    if (found !== undefined) return found.publicKey;
    return keyId === server.keyId
      ? 'the key is an In-App Purchase key, and this API takes one of App Store Connect (AuthKey_….p8)'
      : `kid ${keyId} is not known, the key here is ${connect.keyId}`;
  };
}

function longestLife(claims: JWTPayload): number {
  const scope = scopeOf(claims);
  return scope?.every((entry) => entry.startsWith('GET ')) ? MAX_SCOPED_SECONDS : MAX_TOKEN_SECONDS;
}

function scopeOf({ scope }: JWTPayload): readonly string[] | null {
  return Array.isArray(scope) && scope.length > 0 ? scope.map(String) : null;
}
