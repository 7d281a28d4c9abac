import type { KeyObject } from 'node:crypto';

/** An In-App Purchase key and the bundle id of the app. */
export interface Credentials {
  readonly issuerId: string;
  readonly keyId: string;
  /** P-256. */
  readonly privateKey: KeyObject;
  readonly bundleId: string;
}

const AUDIENCE = 'appstoreconnect-v1';

/** From now on. Apple accepts up to 60 minutes after `iat`; its libraries use five. */
const LIFETIME_SECONDS = 300;

/**
 * Apple rejects a token whose `iat` is in its future, even by a few seconds. `iat` is set back by this much, so that a clock that is ahead
 * does no harm. Source: agisboye/app-store-server-api #23, rorkai/App-Store-Connect-CLI pull request 2083.
 */
const BACKDATED_SECONDS = 60;

/** Remaining validity below which a new token is made: requests take time, and clocks differ. */
const SPARE_SECONDS = 60;

/**
 * Creates the JWT of the Server API and reuses it while valid: ES256, `kid`, and the claims `iss`, `iat`, `exp`, `aud`, `bid`.
 * Source: Apple, "Generating JSON Web Tokens for API requests". `now` is in ms.
 */
export function createServerTokenSource(credentials: Credentials, now: () => number): () => Promise<string> {
  let current: { readonly jwt: Promise<string>; readonly madeAtSeconds: number } | null = null;
  return () => {
    const nowSeconds = Math.floor(now() / 1_000);
    const age = current === null ? null : nowSeconds - current.madeAtSeconds;
    if (current === null || age === null || age < 0 || age >= LIFETIME_SECONDS - SPARE_SECONDS) {
      current = { jwt: signToken(credentials, nowSeconds), madeAtSeconds: nowSeconds };
    }
    return current.jwt;
  };
}

async function signToken(credentials: Credentials, nowSeconds: number): Promise<string> {
  const { SignJWT } = await import('jose');
  return new SignJWT({ bid: credentials.bundleId })
    .setProtectedHeader({ alg: 'ES256', kid: credentials.keyId, typ: 'JWT' })
    .setIssuer(credentials.issuerId)
    .setIssuedAt(nowSeconds - BACKDATED_SECONDS)
    .setExpirationTime(nowSeconds + LIFETIME_SECONDS)
    .setAudience(AUDIENCE)
    .sign(credentials.privateKey);
}
