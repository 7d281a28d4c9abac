import type { KeyObject } from 'node:crypto';

/** A distinguished name, in the order Apple writes its own: CN, OU, O, C. Plain ASCII. */
export interface CertificateName {
  readonly CN: string;
  readonly OU?: string;
  readonly O?: string;
  readonly C?: string;
}

/** One certificate to be made. Times are milliseconds, cut to whole seconds as X.509 wants. */
export interface CertificatePlan {
  readonly subject: CertificateName;
  readonly issuer: CertificateName;
  readonly publicKey: KeyObject;
  /** The issuer's private key; the certificate's own for a self-signed one. */
  readonly signingKey: KeyObject;
  readonly hash: 'sha256' | 'sha384';
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: ExtensionPlan;
}

/** The extensions of one certificate. */
export interface ExtensionPlan {
  readonly isCa: boolean;
  /** How many authorities may stand below this one; for an authority only. */
  readonly pathLength?: number;
  readonly keyUsage: 'certSign' | 'digitalSignature';
  /** The issuer's public key; left out on a root, which issued itself. */
  readonly issuerKey?: KeyObject;
  /** OID of Apple's marker extension: present and not critical, its value NULL, as in Apple's own. */
  readonly marker?: string;
  /** Address of the OCSP responder, written into authorityInfoAccess. */
  readonly ocspUrl?: string;
  /** May sign OCSP responses for its issuer, and is not itself asked about (RFC 6960 section 4.2.2.2). */
  readonly ocspSigner?: true;
}
