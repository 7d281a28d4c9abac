import { now } from './clock.js';
import { buildDocument, type VerifiedDocument } from './notification/build-document.js';
import type { Kind, PayloadDocument } from './notification/document.js';
import { createVerificationContext } from './notification/verification-context.js';
import { verifyPayload } from './notification/verify.js';
import { appleRoot, parseRoots } from './trust/roots.js';

export type { Json, JsonObject } from './jws/json.js';
export type { VerifiedDocument } from './notification/build-document.js';
export type {
  CertificateSummary,
  Check,
  Clock,
  Delivery,
  DocumentContext,
  Kind,
  PayloadDocument,
  Problem,
  Received,
  SendAttempt,
  TokenView,
  VerdictWord,
  Verification,
} from './notification/document.js';
export type { CheckId, ReasonCode } from './notification/reasons.js';

/** What a payload must be to be valid; what is left out is not compared. */
export interface VerifyRules {
  /** The kind the payload must be. An endpoint for notifications should always say `notification`. */
  readonly kind?: Kind;
  readonly bundleId?: string;
  /** Compared in Production only. */
  readonly appAppleId?: number | string;
  readonly environment?: 'Sandbox' | 'Production';
  /** Roots to trust beside Apple Root CA - G3: PEM text, or the bytes of a PEM or DER file. */
  readonly roots?: readonly (string | Uint8Array)[];
  /** Judge every certificate at this moment (ms since the epoch) instead of the payload's own signedDate. */
  readonly atMs?: number;
}

const SOURCE = { source: 'argument', repaired: [] };

/**
 * Opens a compact JWS, such as the value of `signedPayload`, and every JWS nested in it. Nothing is verified and nothing is thrown:
 * what cannot be opened is told in `problems`.
 */
export function decode(jws: string): PayloadDocument {
  return buildDocument(SOURCE, createVerificationContext([]).open(jws), null, { raw: true });
}

/**
 * Judges a compact JWS and every JWS nested in it; the verdict is in `verification`, `valid` only if every token passes.
 * Nothing is asked of the network, so revocation is not looked at. Throws only where one of `roots` is no certificate.
 */
export function verify(jws: string, rules: VerifyRules = {}): VerifiedDocument {
  return createVerifier(rules)(jws);
}

/** {@link verify} for many payloads under the same rules: roots and chains are read once and kept, in bounded memory. */
export function createVerifier(rules: VerifyRules = {}): (jws: string) => VerifiedDocument {
  const { roots = [], appAppleId, ...expected } = rules;
  const given = roots.flatMap((root) => parseRoots(typeof root === 'string' ? Buffer.from(root) : root));
  const engine = createVerificationContext([appleRoot(), ...given]);
  const app = appAppleId === undefined ? {} : { appAppleId: String(appAppleId) };
  return (jws) => {
    const opened = engine.open(jws);
    const verdict = verifyPayload(opened, { ...expected, ...app, nowMs: now() }, engine);
    return { ...buildDocument(SOURCE, opened, verdict, { raw: true }), verification: verdict.verification };
  };
}
