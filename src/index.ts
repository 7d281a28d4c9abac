import { now } from './clock.js';
import { describeJson } from './jws/json.js';
import { buildDocument } from './notification/build-document.js';
import type { Kind, PayloadDocument as UntypedDocument, Verification } from './notification/document.js';
import { viewHeader } from './notification/header-view.js';
import { buildFailedDocument } from './notification/internal-error.js';
import type {
  AppTransaction,
  Notification,
  RealtimeRequest,
  RenewalInfo,
  Transaction,
} from './notification/payload-types.js';
import { createVerificationContext } from './notification/verification-context.js';
import { verifyPayload } from './notification/verify.js';
import { appleRoot, parseRoots } from './trust/roots.js';

export type { Json, JsonObject } from './jws/json.js';
export type {
  CertificateSummary,
  Check,
  Clock,
  Delivery,
  DocumentContext,
  Kind,
  Problem,
  Received,
  SendAttempt,
  TokenView,
  VerdictWord,
  Verification,
} from './notification/document.js';
export type * from './notification/payload-types.js';
export type { CheckId, ReasonCode } from './notification/reasons.js';

/**
 * A decoded payload: the fields of each object are typed as Apple documents them, which `verify` has compared them with where its verdict
 * is `valid`. Anything else may hold anything: an integer beyond 2^53 is a bigint, and a field that is not documented is there as it came.
 */
interface TypedDocument extends UntypedDocument {
  readonly notification?: Notification;
  readonly transaction?: Transaction;
  readonly renewalInfo?: RenewalInfo;
  readonly appTransaction?: AppTransaction;
  readonly realtimeRequest?: RealtimeRequest;
}

/** A decoded payload with its verdict. */
interface VerifiedTypedDocument extends TypedDocument {
  readonly verification: Verification;
}

export type { TypedDocument as PayloadDocument, VerifiedTypedDocument as VerifiedDocument };

/**
 * Conditions a payload must meet to be valid; an omitted one is not checked. One that is there but undefined, and one of an unknown name, is
 * refused: a variable that is not set, or a typo, must not switch a check off.
 */
export interface VerifyRules {
  /** Expected kind of the payload. A notification endpoint should always pass `notification`. */
  readonly kind?: Kind;
  /** Bundle id that the payload must name. Apple signs the notifications of every app. */
  readonly bundleId?: string;
  /** App Apple ID that the payload must name. Compared in Production only. */
  readonly appAppleId?: number | string;
  /** One environment, or every one that is accepted. An endpoint in production should accept `Production` alone. */
  readonly environment?: AppEnvironment | readonly AppEnvironment[];
  /** Roots to trust in addition to Apple Root CA - G3: PEM text, or the bytes of a PEM or DER file. */
  readonly roots?: readonly (string | Uint8Array)[];
  /** Check every certificate as of this time (ms since the epoch) instead of the payload's signedDate. */
  readonly atMs?: number;
}

type AppEnvironment = 'Sandbox' | 'Production';

/**
 * The values of an open type that this version knows: a `switch` over `Known<NotificationType>` has to have a case for each of them. Values
 * that Apple adds later are not in it.
 */
export type Known<T> = T extends unknown ? (string extends T ? never : number extends T ? never : T) : never;

const RULES: Readonly<Record<keyof VerifyRules, true>> = {
  kind: true,
  bundleId: true,
  appAppleId: true,
  environment: true,
  roots: true,
  atMs: true,
};

const SOURCE = { source: 'argument', repaired: [] };

/** Text of a value that should be a token. Callers without types may pass anything; what is no text fails as a token. */
function textOf(jws: unknown): string {
  if (typeof jws === 'string') return jws;
  if (typeof jws === 'object' && jws !== null) return Array.isArray(jws) ? '[]' : '{}';
  return jws === undefined ? 'null' : describeJson(jws);
}

/**
 * Decodes a compact JWS, such as the value of `signedPayload`, and every JWS nested in it. Verifies nothing and never throws;
 * `problems` lists the tokens that cannot be decoded.
 */
export function decode(jws: string): TypedDocument {
  try {
    return buildDocument(SOURCE, createVerificationContext([]).open(textOf(jws)), null, {
      raw: true,
      headerView: viewHeader,
    });
  } catch (error) {
    return buildFailedDocument(SOURCE, error, false);
  }
}

/**
 * Verifies a compact JWS and every JWS nested in it; the verdict is in `verification`, `valid` only if every token passes.
 * Uses no network, so revocation is not checked. Throws only if one of `roots` is not a certificate, and TypeError for a rule that is
 * undefined or unknown: a payload that this library fails on is `undetermined`, reason `INTERNAL_ERROR`.
 */
export function verify(jws: string, rules: VerifyRules = {}): VerifiedTypedDocument {
  return createVerifier(rules)(jws);
}

/** Creates a {@link verify} for many payloads under the same rules: roots and chains are parsed once and cached, in bounded memory. */
export function createVerifier(rules: VerifyRules = {}): (jws: string) => VerifiedTypedDocument {
  refuseMistakes(rules);
  const { roots = [], appAppleId, ...expected } = rules;
  const additional = roots.flatMap((root) => parseRoots(typeof root === 'string' ? Buffer.from(root) : root));
  const context = createVerificationContext([appleRoot(), ...additional]);
  const app = appAppleId === undefined ? {} : { appAppleId: String(appAppleId) };
  return (jws) => {
    try {
      const opened = context.open(textOf(jws));
      const verdict = verifyPayload(opened, { ...expected, ...app, nowMs: now() }, context);
      return {
        ...buildDocument(SOURCE, opened, verdict, { raw: true, headerView: viewHeader }),
        verification: verdict.verification,
      };
    } catch (error) {
      return buildFailedDocument(SOURCE, error, true) as VerifiedTypedDocument;
    }
  };
}

function refuseMistakes(rules: VerifyRules): void {
  for (const [name, rule] of Object.entries(rules)) {
    if (!Object.hasOwn(RULES, name))
      throw new TypeError(`verify has no rule ${name}: ${Object.keys(RULES).join(', ')}`);
    if (rule === undefined)
      throw new TypeError(`the rule ${name} is undefined: leave it out if it is not to be checked`);
  }
}
