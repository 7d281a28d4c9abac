import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { CertificateError, parseCertificate } from '../../trust/certificate.js';
import type { StepOutcome } from '../step.js';

/** The chain that a server's certificates form. */
export interface CertificatePath {
  /** The server's certificate, its issuer, and so on; unrelated certificates that were sent are left out. */
  readonly certificates: readonly X509Certificate[];
  /** `trusted`: ends at a known root; `self-signed`: at an unknown root; `missing`: at a certificate whose issuer was not sent. */
  readonly end: 'trusted' | 'self-signed' | 'missing';
  /** The trusted root; null unless `end` is `trusted`. */
  readonly root: X509Certificate | null;
}

/**
 * Builds the chain by names and signatures and ignores dates, which are checked separately. A trusted root is preferred at every step, as
 * in OpenSSL, so that an extra cross-signed certificate does not matter. `sent` must not be empty.
 */
export function followPath(sent: readonly X509Certificate[], roots: readonly X509Certificate[]): CertificatePath {
  const certificates = [sent[0]!];
  for (;;) {
    const last = certificates.at(-1)!;
    const root = roots.find((each) => each.fingerprint256 === last.fingerprint256 || hasIssued(each, last));
    if (root !== undefined) return { certificates, end: 'trusted', root };
    if (hasIssued(last, last)) return { certificates, end: 'self-signed', root: null };
    const next = sent.find((each) => !certificates.includes(each) && hasIssued(each, last));
    if (next === undefined) return { certificates, end: 'missing', root: null };
    certificates.push(next);
  }
}

function hasIssued(issuer: X509Certificate, subject: X509Certificate): boolean {
  if (issuer.subject !== subject.issuer) return false;
  try {
    return subject.verify(issuer.publicKey);
  } catch {
    // An unsupported key or signature type verifies nothing.
    return false;
  }
}

const READ = new WeakMap<readonly string[], readonly X509Certificate[]>();

/** Node's public roots and those in `ca` (PEM, one or more per text). Cached per array. */
export function rootsOf(ca: readonly string[]): readonly X509Certificate[] {
  const read = READ.get(ca) ?? [...rootCertificates, ...ca.flatMap(splitPem)].map((pem) => new X509Certificate(pem));
  READ.set(ca, read);
  return read;
}

/** True for a root in Node's public list. */
export function isPublicRoot(root: X509Certificate): boolean {
  return rootsOf(PUBLIC).some(({ fingerprint256 }) => fingerprint256 === root.fingerprint256);
}

const PUBLIC: readonly string[] = [];

function splitPem(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

const LEAST_RSA_BITS = 2_048;

const LEAST_EC_BITS = 256;

/** SHA-1 and MD5 with RSA, DSA and ECDSA. */
const WEAK_SIGNATURES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
  '1.2.840.10040.4.3': 'SHA-1',
};

const EXPECTED = `at least RSA ${LEAST_RSA_BITS} bits or EC ${LEAST_EC_BITS} bits, signed with SHA-256 or better`;

const HINT = 'Reissue the certificate with a modern key. Public CAs have not issued such keys for years.';

/**
 * Checks key sizes and signature hashes. A weak one is a failure if the handshake failed (`passed` false) and a warning otherwise, as Apple
 * does not document its limits. The signature of a root is ignored: nothing verifies it.
 */
export function judgeKeys(certificates: readonly X509Certificate[], passed: boolean): StepOutcome {
  const weak = certificates.flatMap(weaknessOf);
  if (weak.length === 0) return { status: 'pass', seen: describeKey(certificates[0]!) };
  const outcome = { seen: weak.join('; '), expected: EXPECTED, hint: HINT } as const;
  return passed ? { status: 'warn', ...outcome } : { status: 'fail', ...outcome, sendAttemptResult: 'TLS_ISSUE' };
}

function weaknessOf(certificate: X509Certificate): readonly string[] {
  const { bits, least } = strengthOf(certificate);
  const hash = certificate.subject === certificate.issuer ? undefined : WEAK_SIGNATURES[signatureOf(certificate) ?? ''];
  return [
    ...(bits !== null && bits < least ? [`weak key: ${describeKey(certificate)}`] : []),
    ...(hash === undefined ? [] : [`${hash} signature`]),
  ];
}

function strengthOf({ publicKey }: X509Certificate): { bits: number | null; least: number } {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return { bits: modulusLength, least: LEAST_RSA_BITS };
  const bits = /(\d{3})/.exec(namedCurve ?? '')?.[1];
  return { bits: bits === undefined ? null : Number(bits), least: LEAST_EC_BITS };
}

/** OpenSSL curve names to NIST names. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

function describeKey({ publicKey }: X509Certificate): string {
  const { modulusLength, namedCurve = '' } = publicKey.asymmetricKeyDetails ?? {};
  const kind = (publicKey.asymmetricKeyType ?? 'unknown').toUpperCase();
  return modulusLength === undefined
    ? `${kind} ${CURVES[namedCurve] ?? namedCurve}`.trim()
    : `${kind} ${modulusLength} bits`;
}

/** OID of the signature algorithm; null if the strict parser rejects the certificate. */
function signatureOf({ raw }: X509Certificate): string | null {
  try {
    return parseCertificate(raw).signatureAlgorithm;
  } catch (error) {
    if (error instanceof CertificateError) return null;
    throw error;
  }
}
