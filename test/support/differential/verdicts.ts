import {
  Environment,
  SignedDataVerifier,
  VerificationException,
  VerificationStatus,
} from '@apple/app-store-server-library';
import type { Check } from '../../../src/notification/document.js';
import { createVerificationContext, type VerificationContext } from '../../../src/notification/verification-context.js';
import { verifyPayload } from '../../../src/notification/verify.js';
import type { AppEnvironment } from '../../../src/simulator/payloads/app.js';
import { CertificateError, parseCertificate } from '../../../src/trust/certificate.js';
import { TEST_APP } from '../signing.js';
import { decodedPayload, nestedTokens } from './bench.js';
import type { Case, JudgedKind } from './case.js';

/** What Apple's library says: `OK` or the name of a status. It opens the outer token only, so nested ones are asked for apart. */
export interface AppleVerdict {
  readonly outer: string;
  /** By path; empty where the outer payload cannot be read. */
  readonly nested: Readonly<Record<string, string>>;
}

/** Our first failed check. A root that we cannot read is refused before there are any: id `root`. */
export type Failure = Pick<Check, 'expected' | 'found' | 'detail'> & { readonly id: string; readonly token?: string };

export interface Judged {
  readonly case: Case;
  readonly apple: AppleVerdict;
  /** Null where we accept. */
  readonly failure: Failure | null;
}

/** Judges cases by both sides: the same root, moment, app and environment. */
export interface Judges {
  judge(one: Case): Promise<Judged>;
}

export function createJudges(root: Uint8Array): Judges {
  const engines = new Map<Uint8Array, VerificationContext>();
  const verifiers = new Map<string, SignedDataVerifier>();
  const known = new Map<string, string>();
  const verifierFor = (one: Case): SignedDataVerifier => {
    if (one.root !== undefined) return appleVerifier(one.root, one.environment);
    return memo(verifiers, one.environment, () => appleVerifier(root, one.environment));
  };
  return {
    async judge(one) {
      const verifier = () => verifierFor(one);
      const nested: Record<string, string> = {};
      if (one.kind === 'notification') {
        for (const { container, field, kind, token } of nestedTokens(decodedPayload(one.jws))) {
          const key = `${one.root === undefined ? one.environment : one.name} ${kind} ${JSON.stringify(token)}`;
          const status = known.get(key) ?? (await appleStatus(verifier, kind, token));
          known.set(key, status);
          nested[`${container}.${field}`] = status;
        }
      }
      const apple = { outer: await appleStatus(verifier, one.kind, one.jws), nested };
      return { case: one, apple, failure: judgeByUs(one, () => memo(engines, one.root ?? root, engineFor)) };
    },
  };
}

/** What Apple's verifier is asked for each kind. */
const METHODS = {
  notification: 'verifyAndDecodeNotification',
  transaction: 'verifyAndDecodeTransaction',
  renewalInfo: 'verifyAndDecodeRenewalInfo',
  appTransaction: 'verifyAndDecodeAppTransaction',
  realtimeRequest: 'verifyAndDecodeRealtimeRequest',
} as const satisfies Record<JudgedKind, keyof SignedDataVerifier>;

function appleVerifier(root: Uint8Array, environment: AppEnvironment): SignedDataVerifier {
  const named = environment === 'Production' ? Environment.PRODUCTION : Environment.SANDBOX;
  return new SignedDataVerifier([Buffer.from(root)], false, named, TEST_APP.bundleId, TEST_APP.appAppleId);
}

/** Anything thrown is a refusal, over the root as well; what is no status of Apple's is named by its class. */
async function appleStatus(verifier: () => SignedDataVerifier, kind: JudgedKind, token: unknown): Promise<string> {
  try {
    await verifier()[METHODS[kind]](token as string);
    return 'OK';
  } catch (error) {
    if (error instanceof VerificationException) return VerificationStatus[error.status] ?? 'unnamed';
    return error instanceof Error ? error.name : 'thrown';
  }
}

function engineFor(root: Uint8Array): VerificationContext {
  return createVerificationContext([{ certificate: parseCertificate(root), name: 'bench' }]);
}

function judgeByUs({ jws, kind, environment }: Case, getEngine: () => VerificationContext): Failure | null {
  const expected = { bundleId: TEST_APP.bundleId, appAppleId: String(TEST_APP.appAppleId), environment };
  try {
    const engine = getEngine();
    const options = { nowMs: Date.now(), kind, ...expected };
    const { verdict, checks } = verifyPayload(engine.open(jws), options, engine).verification;
    const failure = checks.find((check) => check.ok === false) ?? null;
    if ((verdict === 'valid') !== (failure === null))
      throw new Error(`verdict ${verdict} does not follow from its checks`);
    return failure;
  } catch (error) {
    if (error instanceof CertificateError) return { id: 'root', found: error.message };
    throw error;
  }
}

function memo<K, V>(values: Map<K, V>, key: K, make: (key: K) => V): V {
  const value = values.get(key) ?? make(key);
  values.set(key, value);
  return value;
}

export function appleRefuses({ apple }: Judged): boolean {
  return apple.outer !== 'OK' || Object.values(apple.nested).some((status) => status !== 'OK');
}

export function weRefuse({ failure }: Judged): boolean {
  return failure !== null;
}
