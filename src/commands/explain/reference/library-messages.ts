import type { ReasonCode } from '../../../notification/reasons.js';

/** Messages and codes of common JWT libraries (jose, jsonwebtoken, PyJWT, java-jwt, jjwt) that stand for one reason code each. */
const MESSAGES: readonly (readonly [pattern: RegExp, reason: ReasonCode])[] = [
  [
    /ERR_JWS_SIGNATURE_VERIFICATION_FAILED|JWSSignatureVerificationFailed|signature verification failed|InvalidSignatureError|SignatureVerificationException|JsonWebTokenError: invalid signature|JWT signature does not match/i,
    'SIGNATURE_MISMATCH',
  ],
  [
    /ERR_JWS_INVALID|JWSInvalid|Invalid Compact JWS|jwt malformed|Not enough segments|JWT strings must contain exactly 2 period characters/i,
    'MALFORMED_JWS',
  ],
  [
    /ERR_JOSE_ALG_NOT_ALLOWED|JOSEAlgNotAllowed|InvalidAlgorithmError|JsonWebTokenError: invalid algorithm|The specified alg value is not allowed/i,
    'UNSUPPORTED_ALGORITHM',
  ],
];

/** Reason codes that a message of a JWT library stands for, if the token was one of the App Store. */
export function reasonsOfMessage(text: string): readonly ReasonCode[] {
  return MESSAGES.filter(([pattern]) => pattern.test(text)).map(([, reason]) => reason);
}
