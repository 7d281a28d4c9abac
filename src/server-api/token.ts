import type { KeyObject } from 'node:crypto';

/** Who asks: an In-App Purchase key and the app it asks for. */
export interface Credentials {
  readonly issuerId: string;
  readonly keyId: string;
  /** P-256. */
  readonly privateKey: KeyObject;
  readonly bundleId: string;
}

const AUDIENCE = 'appstoreconnect-v1';

/** Apple takes up to 60 minutes; its own libraries use five. */
const LIFETIME_SECONDS = 300;

/** A token this close to its end is not used again: the request takes time, and clocks differ. */
const SPARE_SECONDS = 60;

/**
 * Makes the JWT of the Server API and keeps it while it is good: ES256, `kid`, and the claims `iss`, `iat`, `exp`, `aud`, `bid`.
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
