import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

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
