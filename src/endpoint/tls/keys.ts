import type { X509Certificate } from 'node:crypto';
import { CertificateError, parseCertificate } from '../../trust/certificate.js';
import type { Looked } from '../make-step.js';

const LEAST_RSA_BITS = 2_048;
const LEAST_EC_BITS = 256;

/** SHA-1 and MD5 with RSA, DSA and ECDSA. */
const WEAK_SIGNATURES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
  '1.2.840.10040.4.3': 'SHA-1',
};

const EXPECTED = `RSA of ${LEAST_RSA_BITS} bits or EC of ${LEAST_EC_BITS}, signed with SHA-256 or better`;
const HINT =
  'Have the certificate issued anew with a key of today: no public authority has issued such a one for years.';

/**
 * Keys too short and signatures too old among the certificates that were sent. That Apple refuses them is not documented; it does where
 * the sender's TLS does (`passed` false). The signature of a root counts for nothing, so that one that was sent is left out.
 */
export function judgeKeys(certificates: readonly X509Certificate[], passed: boolean): Looked {
  const weak = certificates.flatMap(weaknessOf);
  if (weak.length === 0) return { status: 'pass', seen: describeKey(certificates[0]!) };
  const looked = { seen: weak.join('; '), expected: EXPECTED, hint: HINT } as const;
  return passed ? { status: 'warn', ...looked } : { status: 'fail', ...looked, sendAttemptResult: 'TLS_ISSUE' };
}

function weaknessOf(certificate: X509Certificate): readonly string[] {
  const { bits, least } = strengthOf(certificate);
  const hash = certificate.subject === certificate.issuer ? undefined : WEAK_SIGNATURES[signatureOf(certificate) ?? ''];
  return [
    ...(bits !== null && bits < least ? [`a key that is ${describeKey(certificate)}`] : []),
    ...(hash === undefined ? [] : [`a signature with ${hash}`]),
  ];
}

function strengthOf({ publicKey }: X509Certificate): { bits: number | null; least: number } {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return { bits: modulusLength, least: LEAST_RSA_BITS };
  const bits = /(\d{3})/.exec(namedCurve ?? '')?.[1];
  return { bits: bits === undefined ? null : Number(bits), least: LEAST_EC_BITS };
}

/** By the names everybody else uses. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

function describeKey({ publicKey }: X509Certificate): string {
  const { modulusLength, namedCurve = '' } = publicKey.asymmetricKeyDetails ?? {};
  const kind = (publicKey.asymmetricKeyType ?? 'unknown').toUpperCase();
  return modulusLength === undefined
    ? `${kind} ${CURVES[namedCurve] ?? namedCurve}`.trim()
    : `${kind} of ${modulusLength} bits`;
}

/** Null where our reader, which is strict, does not take the certificate. */
function signatureOf({ raw }: X509Certificate): string | null {
  try {
    return parseCertificate(raw).signatureAlgorithm;
  } catch (error) {
    if (error instanceof CertificateError) return null;
    throw error;
  }
}
