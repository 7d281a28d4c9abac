import type { KeyObject } from 'node:crypto';
import type { JsonObject } from '../jws/json.js';

type Jose = typeof import('jose');

/** A token and the rules that it must satisfy. */
interface TokenRules {
  readonly token: string | null;
  readonly nowMs: number;
  /** Public key of a key id, or the reason why there is none. */
  readonly keyOf: (keyId: string) => KeyObject | string;
  /** Longest time from `iat` to `exp` in seconds. */
  readonly maxSeconds: (claims: JsonObject) => number;
}

/** `claims`: of any type, whatever the types of `jose` promise; only `iat`, `exp` and `aud` have been checked. */
type TokenFinding = { readonly keyId: string; readonly claims: JsonObject } | { readonly defect: string };

const AUDIENCE = 'appstoreconnect-v1';

/**
 * Checks the rules of both APIs: ES256, known key id, signature, audience, times. Issuer and other claims are up to the
 * API. `defect` describes the error, which Apple's responses do not; it may quote the token.
 */
export async function checkToken(rules: TokenRules): Promise<TokenFinding> {
  if (rules.token === null) return { defect: 'no Authorization: Bearer header' };
  const { decodeProtectedHeader, errors, jwtVerify } = await import('jose');
  const header = readHeader(rules.token, decodeProtectedHeader);
  if (header === null) return { defect: 'the token is not a JWT' };
  if (header.alg !== 'ES256') return { defect: `alg is ${header.alg ?? 'not a string'}, not ES256` };
  if (header.kid === undefined) return { defect: 'the header has no kid (key id)' };
  const key = rules.keyOf(header.kid);
  if (typeof key === 'string') return { defect: key };
  try {
    const currentDate = new Date(rules.nowMs);
    const { payload } = await jwtVerify(rules.token, key, {
      algorithms: ['ES256'],
      audience: AUDIENCE,
      currentDate,
    });
    const claims = payload as JsonObject;
    const defect = timesDefect(claims, rules);
    return defect === null ? { keyId: header.kid, claims } : { defect };
  } catch (error) {
    return { defect: describeDefect(error, errors, rules.nowMs) };
  }
}

function readHeader(token: string, decode: Jose['decodeProtectedHeader']): { alg?: string; kid?: string } | null {
  try {
    const { alg, kid } = decode(token);
    return { ...(typeof alg === 'string' ? { alg } : {}), ...(typeof kid === 'string' ? { kid } : {}) };
  } catch {
    return null;
  }
}

function timesDefect(claims: JsonObject, { nowMs, maxSeconds }: TokenRules): string | null {
  const { iat, exp } = claims;
  if (typeof iat !== 'number') return 'iat is missing';
  if (typeof exp !== 'number') return 'exp is missing';
  // Apple rejects a token from its future, even by a few seconds; three public reports (agisboye/app-store-server-api #23 is one).
  const aheadSeconds = iat - nowMs / 1000;
  if (aheadSeconds > 0) return `iat is ${Math.ceil(aheadSeconds)} s in the future: check the clock of the client`;
  const max = maxSeconds(claims);
  return exp - iat > max ? `exp is ${exp - iat} s after iat, the maximum is ${max}` : null;
}

function describeDefect(error: unknown, errors: Jose['errors'], nowMs: number): string {
  if (error instanceof errors.JWTExpired) {
    return `expired ${Math.round(nowMs / 1000 - Number(error.payload.exp))} s ago`;
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'aud' ? `aud is not ${AUDIENCE}` : `${error.claim}: ${error.message}`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is by another private key';
  return error instanceof errors.JOSEError ? error.message : String(error);
}
