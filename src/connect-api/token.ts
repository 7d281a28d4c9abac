import type { KeyObject } from 'node:crypto';

/** A key of the App Store Connect API. `issuerId` is null for an individual key. */
export interface ConnectKey {
  readonly issuerId: string | null;
  readonly keyId: string;
  /** P-256. */
  readonly privateKey: KeyObject;
}

/** From now on. Apple accepts at most 20 minutes after `iat`; half of that tolerates a wrong clock. */
const LIFETIME_SECONDS = 10 * 60;

/**
 * Apple rejects a token whose `iat` is in its future, even by a few seconds. `iat` is set back by this much, so that a clock that is ahead
 * does no harm. Source: rorkai/App-Store-Connect-CLI pull request 2083, Cap-go/capgo.app pull request 2840.
 */
const BACKDATED_SECONDS = 60;

/** Remaining validity below which a new token is made. */
const RENEWED_BEFORE_SECONDS = 60;

/**
 * Claims of a token, times in seconds: a team key has `iss`, an individual key `sub: user` instead.
 * Source: developer.apple.com/documentation/appstoreconnectapi, "Generating Tokens for API Requests".
 */
function buildClaims(issuerId: string | null, nowSeconds: number): Readonly<Record<string, string | number>> {
  const owner: Readonly<Record<string, string>> = issuerId === null ? { sub: 'user' } : { iss: issuerId };
  return {
    ...owner,
    iat: nowSeconds - BACKDATED_SECONDS,
    exp: nowSeconds + LIFETIME_SECONDS,
    aud: 'appstoreconnect-v1',
  };
}

/** Returns a valid token; a new one is made shortly before the last one expires. `now` is in milliseconds. */
export function createConnectTokenSource(key: ConnectKey, now: () => number): () => Promise<string> {
  let current: { readonly token: string; readonly untilSeconds: number } | null = null;
  return async () => {
    const nowSeconds = Math.floor(now() / 1000);
    if (current !== null && nowSeconds < current.untilSeconds) return current.token;
    const token = await signToken(key, nowSeconds);
    current = { token, untilSeconds: nowSeconds + LIFETIME_SECONDS - RENEWED_BEFORE_SECONDS };
    return token;
  };
}

async function signToken({ issuerId, keyId, privateKey }: ConnectKey, nowSeconds: number): Promise<string> {
  const { SignJWT } = await import('jose');
  return new SignJWT(buildClaims(issuerId, nowSeconds))
    .setProtectedHeader({ alg: 'ES256', kid: keyId, typ: 'JWT' })
    .sign(privateKey);
}
