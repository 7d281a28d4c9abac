import type { KeyObject } from 'node:crypto';
import type { JWTPayload } from 'jose';

/** What a token must be. */
interface TokenRules {
  readonly token: string | null;
  readonly nowMs: number;
  /** The key a key id stands for, or why none does. */
  readonly keyOf: (keyId: string) => KeyObject | string;
  /** Longest time from `iat` to `exp` in seconds. */
  readonly maxSeconds: (claims: JWTPayload) => number;
}

type TokenFinding = { readonly keyId: string; readonly claims: JWTPayload } | { readonly defect: string };

const AUDIENCE = 'appstoreconnect-v1';

/** Clocks differ: a token from this far in the future is still taken. Apple's own tolerance is not documented. */
const SKEW_SECONDS = 60;

/**
 * Checks what both APIs ask of a token: ES256, a key id that is known, its signature, audience, and its times. Issuer and the
 * rest are the API's own. `defect` says in words what is wrong, as Apple's answers do not; it may quote the token.
 */
export async function checkToken(rules: TokenRules): Promise<TokenFinding> {
  if (rules.token === null) return { defect: 'there is no Authorization: Bearer header' };
  const jose = await import('jose');
  const header = readHeader(rules.token, jose);
  if (header === null) return { defect: 'the token is not a JWT' };
  if (header.alg !== 'ES256') return { defect: `alg is ${header.alg}, not ES256` };
  if (header.kid === undefined) return { defect: 'the header has no kid (key id)' };
  const key = rules.keyOf(header.kid);
  if (typeof key === 'string') return { defect: key };
  try {
    const currentDate = new Date(rules.nowMs);
    const { payload } = await jose.jwtVerify(rules.token, key, {
      algorithms: ['ES256'],
      audience: AUDIENCE,
      currentDate,
    });
    const defect = timesDefect(payload, rules);
    return defect === null ? { keyId: header.kid, claims: payload } : { defect };
  } catch (error) {
    return { defect: describeDefect(error, jose, rules.nowMs) };
  }
}

function readHeader(token: string, jose: typeof import('jose')): { alg?: string; kid?: string } | null {
  try {
    const { alg, kid } = jose.decodeProtectedHeader(token);
    return { ...(typeof alg === 'string' ? { alg } : {}), ...(typeof kid === 'string' ? { kid } : {}) };
  } catch {
    return null;
  }
}

function timesDefect({ iat, exp, ...claims }: JWTPayload, { nowMs, maxSeconds }: TokenRules): string | null {
  if (iat === undefined) return 'iat is missing';
  if (exp === undefined) return 'exp is missing';
  const ahead = iat - nowMs / 1000;
  if (ahead > SKEW_SECONDS) return `iat is ${Math.round(ahead)} s in the future: the clock that made it is ahead`;
  const most = maxSeconds({ iat, exp, ...claims });
  return exp - iat > most ? `exp is ${exp - iat} s after iat, and at most ${most} are taken` : null;
}

function describeDefect(error: unknown, { errors }: typeof import('jose'), nowMs: number): string {
  if (error instanceof errors.JWTExpired) {
    return `it expired ${Math.round(nowMs / 1000 - Number(error.payload.exp))} s ago`;
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'aud' ? `aud is not ${AUDIENCE}` : `${error.claim}: ${error.message}`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is of another private key';
  return error instanceof errors.JOSEError ? error.message : String(error);
}
