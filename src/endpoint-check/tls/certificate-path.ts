import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { CertificateError, parseCertificate } from '../../trust/certificate.js';
import type { Looked } from '../step.js';

/** Where the certificates lead that a server sends. */
export interface CertificatePath {
  /** The server's own, its issuer, and so on: those of the sent ones that belong to it. */
  readonly certificates: readonly X509Certificate[];
  /** `trusted`: at a root we have; `self-signed`: at one we have not; `missing`: at a certificate whose issuer was not sent. */
  readonly end: 'trusted' | 'self-signed' | 'missing';
  /** The root, where trusted. */
  readonly root: X509Certificate | null;
}

/**
 * Follows the chain by names and signatures, whatever the dates: an expired certificate is a defect of its own. At each step a root is
 * looked for first, as OpenSSL does, so that a superfluous cross-signed certificate behind it plays no part. `sent` is not empty.
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
    // A key or signature of a kind that node:crypto does not know: it proves nothing.
    return false;
  }
}

const READ = new WeakMap<readonly string[], readonly X509Certificate[]>();

/** The public roots that Node brings, and `ca` (PEM, one or more in each text) beside them. Read once for each list. */
export function rootsOf(ca: readonly string[]): readonly X509Certificate[] {
  const read = READ.get(ca) ?? [...rootCertificates, ...ca.flatMap(splitPem)].map((pem) => new X509Certificate(pem));
  READ.set(ca, read);
  return read;
}

/** Whether a root is one of the public ones. */
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
