import { createPublicKey, generateKeyPairSync, type KeyObject, type X509Certificate } from 'node:crypto';
import { INTERMEDIATE_MARKER_OID, LEAF_MARKER_OID } from '../../trust/chain.js';
import { type CertificateName, makeCertificate, parseCertificateName } from './certificate.js';

/** Deviations of one certificate from Apple's. Times are in milliseconds. */
export interface CertificateOverrides {
  readonly name?: CertificateName;
  /** Issuer name; that of the actual issuer by default. */
  readonly issuerName?: CertificateName;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly isCa?: boolean;
  /** False omits Apple's marker extension. */
  readonly marker?: boolean;
  /** Signs with another key than the issuer's: the names match, the signature does not. */
  readonly signedByStranger?: boolean;
}

/** Differences of a chain from Apple's. */
export interface ChainOptions {
  /**
   * URLs of the OCSP responders for the two certificates. Without them the chain has no authorityInfoAccess, and
   * online checks cannot pass.
   */
  readonly ocspUrls?: { readonly leaf: string; readonly intermediate: string };
  readonly leaf?: CertificateOverrides;
  readonly intermediate?: CertificateOverrides;
}

/** A chain that signs payloads, with the private keys that its OCSP responder needs. */
export interface SigningChain {
  /** Leaf, intermediate, root: base64 of the DER bytes, as in a JWS header. */
  readonly x5c: readonly [string, string, string];
  readonly leafKey: KeyObject;
  readonly intermediateKey: KeyObject;
  readonly leaf: X509Certificate;
  readonly intermediate: X509Certificate;
  readonly root: X509Certificate;
}

/** Certificate and private key of an issuer. */
export interface Issuer {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

const INTERMEDIATE_NAME: CertificateName = { CN: 'storewire TEST Intermediate', OU: 'storewire TEST', O: 'storewire' };

const LEAF_NAME: CertificateName = { CN: 'storewire TEST Notification Signing', OU: 'storewire TEST', O: 'storewire' };

/** Issues an intermediate (P-384, pathlen 0) and a leaf (P-256) with fresh keys, valid as long as the root. */
export async function issueChain(root: Issuer, options: ChainOptions): Promise<SigningChain> {
  const intermediateKeys = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const leafKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const intermediate = await issue(root, intermediateKeys.publicKey, options.intermediate ?? {}, {
    name: INTERMEDIATE_NAME,
    isCa: true,
    marker: INTERMEDIATE_MARKER_OID,
    ocspUrl: options.ocspUrls?.intermediate,
  });
  const issuer = { certificate: intermediate, key: intermediateKeys.privateKey };
  const leaf = await issue(issuer, leafKeys.publicKey, options.leaf ?? {}, {
    name: LEAF_NAME,
    isCa: false,
    marker: LEAF_MARKER_OID,
    ocspUrl: options.ocspUrls?.leaf,
  });
  return {
    x5c: [toBase64(leaf), toBase64(intermediate), toBase64(root.certificate)],
    leafKey: leafKeys.privateKey,
    intermediateKey: intermediateKeys.privateKey,
    leaf,
    intermediate,
    root: root.certificate,
  };
}

/** Certificate as an `x5c` entry. */
export function toBase64(certificate: X509Certificate): string {
  return certificate.raw.toString('base64');
}

interface Role {
  readonly name: CertificateName;
  readonly isCa: boolean;
  readonly marker: string;
  readonly ocspUrl: string | undefined;
}

function issue(
  issuer: Issuer,
  publicKey: KeyObject,
  overrides: CertificateOverrides,
  role: Role,
): Promise<X509Certificate> {
  const isCa = overrides.isCa ?? role.isCa;
  const hasOtherSigner = overrides.signedByStranger === true;
  return makeCertificate({
    subject: overrides.name ?? role.name,
    issuer: overrides.issuerName ?? parseCertificateName(issuer.certificate.subject),
    publicKey,
    signingKey: hasOtherSigner ? generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey : issuer.key,
    hash: 'sha384',
    notBeforeMs: overrides.notBeforeMs ?? Date.parse(issuer.certificate.validFrom),
    notAfterMs: overrides.notAfterMs ?? Date.parse(issuer.certificate.validTo),
    extensions: {
      isCa,
      ...(isCa ? { pathLength: 0 } : {}),
      keyUsage: role.isCa ? 'certSign' : 'digitalSignature',
      issuerKey: createPublicKey(issuer.key),
      ...(overrides.marker === false ? {} : { marker: role.marker }),
      ...(role.ocspUrl === undefined ? {} : { ocspUrl: role.ocspUrl }),
    },
  });
}
