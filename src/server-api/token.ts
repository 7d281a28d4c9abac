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

/** Apple accepts up to 60 minutes; its libraries use five. */
const LIFETIME_SECONDS = 300;

/** Remaining validity below which a new token is made: requests take time, and clocks differ. */
const SPARE_SECONDS = 60;

/**
 * Creates the JWT of the Server API and reuses it while valid: ES256, `kid`, and the claims `iss`, `iat`, `exp`, `aud`, `bid`.
 * Source: Apple, "Generating JSON Web Tokens for API requests". `now` is in ms.
 */
export function createTokenSource(credentials: Credentials, now: () => number): () => Promise<string> {
  let current: { readonly jwt: Promise<string>; readonly issuedAtSeconds: number } | null = null;
  return () => {
    const nowSeconds = Math.floor(now() / 1_000);
    const age = current === null ? null : nowSeconds - current.issuedAtSeconds;
    if (current === null || age === null || age < 0 || age >= LIFETIME_SECONDS - SPARE_SECONDS) {
      current = { jwt: signToken(credentials, nowSeconds), issuedAtSeconds: nowSeconds };
    }
    return current.jwt;
  };
}

async function signToken(credentials: Credentials, issuedAtSeconds: number): Promise<string> {
  const { SignJWT } = await import('jose');
  return new SignJWT({ bid: credentials.bundleId })
    .setProtectedHeader({ alg: 'ES256', kid: credentials.keyId, typ: 'JWT' })
    .setIssuer(credentials.issuerId)
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(issuedAtSeconds + LIFETIME_SECONDS)
    .setAudience(AUDIENCE)
    .sign(credentials.privateKey);
}
