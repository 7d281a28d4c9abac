import { type Certificate, CertificateError, parseCertificate } from './certificate.js';
import { type Finding, notChecked, UNREAD } from './finding.js';
import type { TrustedRoot } from './roots.js';
import { type Validity, validityOf } from './validity.js';

/** The parsed certificates of an `x5c` header. */
export interface Chain {
  readonly leaf: Certificate;
  readonly intermediate: Certificate;
  /** The root certificate in the token. It is never trusted, and only used to distinguish a broken link from an untrusted chain. */
  readonly sentRoot: Certificate;
}

/** All check results of a chain that do not depend on the verification time, so that they can be cached. */
export interface ChainReport {
  readonly chain: Chain | null;
  readonly root: TrustedRoot | null;
  readonly count: Finding;
  readonly readable: Finding;
  readonly rootFound: Finding;
  readonly links: Finding;
  readonly ca: Finding;
  readonly markers: Finding;
  /** Common validity period of all three certificates; null if they could not be parsed. */
  readonly validity: Validity | null;
}

/** Marker extensions of the intermediate and the leaf that sign App Store payloads. Source: certificates in use, apple.md section 9. */
export const INTERMEDIATE_MARKER_OID = '1.2.840.113635.100.6.2.1';

export const LEAF_MARKER_OID = '1.2.840.113635.100.6.11.1';

const CHAIN_CERTIFICATES = 3;

const POSITIONS = ['leaf', 'intermediate', 'root'] as const;

/**
 * Certificates of earlier chains by their base64, and which of them the trusted roots issued. Leaves differ from chain to chain, and the
 * certificates above them seldom do: without them a chain costs half. Bounded.
 */
export interface ChainCache {
  readonly certificates: Map<string, Certificate>;
  readonly issued: WeakMap<Certificate, WeakMap<Certificate, boolean>>;
}

export function createChainCache(): ChainCache {
  return { certificates: new Map(), issued: new WeakMap() };
}

const MAX_CERTIFICATES = 64;

/** Longer ones are none of Apple's, and keeping them would be a use of memory that a sender decides. */
const MAX_CACHED_CHARACTERS = 4_096;

/** Checks an `x5c` value against trusted roots; never throws. Dates are checked separately: see validity.ts. */
export function inspectChain(
  x5c: unknown,
  roots: readonly TrustedRoot[],
  cache: ChainCache = createChainCache(),
): ChainReport {
  const count = checkCount(x5c);
  if (count.ok !== true) return unreadableChain(count, notChecked('the header does not contain three certificates'));
  const read = readCertificates(x5c as readonly unknown[], roots, cache);
  if (!('leaf' in read)) return unreadableChain(count, read);
  const { root, issued } = findRoot(read, roots, cache);
  return {
    chain: read,
    root,
    count,
    readable: { ok: true, found: `leaf ${commonName(read.leaf)}` },
    rootFound: checkRoot(read, root, roots),
    links: checkLinks(read, root, issued),
    ca: checkAuthority(read, root),
    markers: checkMarkers(read),
    validity: validityOf([read.leaf, read.intermediate, root?.certificate ?? read.sentRoot]),
  };
}

function checkCount(x5c: unknown): Finding {
  const expected = '3 certificates';
  if (x5c === undefined || x5c === null)
    return { ok: false, reason: 'CHAIN_MISSING', expected, found: 'no x5c in the header' };
  if (!Array.isArray(x5c))
    return { ok: false, reason: 'CHAIN_MISSING', expected, found: `x5c is a ${typeof x5c}, not an array` };
  if (x5c.length === 0) return { ok: false, reason: 'CHAIN_MISSING', expected, found: 'x5c is empty' };
  if (x5c.length === CHAIN_CERTIFICATES) return { ok: true, found: expected };
  return {
    ok: false,
    reason: 'CHAIN_LENGTH',
    expected,
    found: `${x5c.length} certificate${x5c.length === 1 ? '' : 's'}`,
  };
}

function readCertificates(
  x5c: readonly unknown[],
  roots: readonly TrustedRoot[],
  { certificates }: ChainCache,
): Chain | Finding {
  const read: Certificate[] = [];
  for (const [index, entry] of x5c.entries()) {
    const known = index > 0 && typeof entry === 'string' ? certificates.get(entry) : undefined;
    const certificate = known ?? readCertificate(entry, roots);
    if (typeof certificate === 'string') {
      const found = `x5c[${index}], the ${POSITIONS[index]}: ${certificate}`;
      return { ok: false, reason: 'CERTIFICATE_UNREADABLE', expected: 'base64 of one DER certificate', found };
    }
    read.push(certificate);
    if (index > 0) keep(certificates, entry as string, certificate);
  }
  return { leaf: read[0]!, intermediate: read[1]!, sentRoot: read[2]! };
}

/** Most recently used last. */
function keep(certificates: Map<string, Certificate>, text: string, certificate: Certificate): void {
  if (text.length > MAX_CACHED_CHARACTERS) return;
  certificates.delete(text);
  certificates.set(text, certificate);
  if (certificates.size > MAX_CERTIFICATES) certificates.delete(certificates.keys().next().value ?? '');
}

/** RFC 7515 section 4.1.6: standard base64, not base64url. Strict, so that each certificate has one encoding. */
function readCertificate(entry: unknown, roots: readonly TrustedRoot[]): Certificate | string {
  if (typeof entry !== 'string') return `it is a ${typeof entry}, not a string`;
  const der = Buffer.from(entry, 'base64');
  if (der.length === 0 || der.toString('base64') !== entry) return 'it is not base64';
  const known = roots.find((root) => der.equals(root.certificate.der));
  try {
    return known?.certificate ?? parseCertificate(der);
  } catch (error) {
    if (error instanceof CertificateError) return error.message;
    throw error;
  }
}

/** The trusted root of a chain. `issued`: it issued the intermediate; otherwise it is only part of the token, and the link to it is broken. */
interface FoundRoot {
  readonly root: TrustedRoot | null;
  readonly issued: boolean;
}

function findRoot(chain: Chain, roots: readonly TrustedRoot[], { issued }: ChainCache): FoundRoot {
  const issuer = roots.find(({ certificate }) => wasIssuedBy(chain.intermediate, certificate, issued));
  if (issuer !== undefined) return { root: issuer, issued: true };
  return { root: roots.find((root) => hasSameNameAndKey(chain.sentRoot, root.certificate)) ?? null, issued: false };
}

function checkRoot(chain: Chain, root: TrustedRoot | null, roots: readonly TrustedRoot[]): Finding {
  const names = new Set(roots.map((trusted) => commonName(trusted.certificate)));
  const expected = [...names].join(' or ') || 'a trusted root';
  if (root !== null) return { ok: true, found: commonName(root.certificate) };
  const namesake = roots.find((trusted) => trusted.certificate.subjectDer.equals(chain.sentRoot.subjectDer));
  return {
    ok: false,
    reason: 'UNTRUSTED_ROOT',
    expected,
    found: commonName(chain.sentRoot),
    detail: [
      namesake === undefined
        ? `the chain ends in a root that is not trusted, SHA-256 ${chain.sentRoot.sha256}`
        : `the root in the token has the name of ${commonName(namesake.certificate)} but a different key: SHA-256 ${chain.sentRoot.sha256}`,
      ...roots.flatMap(({ remark }) => remark ?? []),
    ].join('; '),
  };
}

/** Checks the links up to the trusted root; for an untrusted chain up to the root in the token, for information. */
function checkLinks(chain: Chain, root: TrustedRoot | null, issued: boolean): Finding {
  const top = root?.certificate ?? chain.sentRoot;
  const broken =
    describeBrokenLink(chain.intermediate, top, ['intermediate', 'root'], issued) ??
    describeBrokenLink(chain.leaf, chain.intermediate, ['leaf', 'intermediate'], false);
  return broken === null
    ? { ok: true, found: 'each certificate issued by the next' }
    : { ok: false, reason: 'CHAIN_BROKEN', expected: 'each certificate issued by the next', found: broken };
}

/** `verified`: the signature has already been verified, which saves half a millisecond. */
function describeBrokenLink(
  child: Certificate,
  issuer: Certificate,
  [name, issuerName]: readonly [string, string],
  verified: boolean,
): string | null {
  if (!child.issuerDer.equals(issuer.subjectDer))
    return `the issuer name of the ${name} is not the subject of the ${issuerName}`;
  if (!STRONG_SIGNATURES.has(child.signatureAlgorithm))
    return `the ${name} is signed with a weak or unknown algorithm, ${child.signatureAlgorithm}`;
  return verified || isIssuedBy(child, issuer) ? null : `the ${name} was not signed with the key of the ${issuerName}`;
}

/** ECDSA and RSA (PKCS #1 v1.5) with SHA-256, SHA-384 or SHA-512. */
const STRONG_SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
]);

function isIssuedBy(child: Certificate, issuer: Certificate): boolean {
  return child.issuerDer.equals(issuer.subjectDer) && child.x509.verify(issuer.publicKey);
}

/** {@link isIssuedBy}, once for each pair: with P-384 it is a third of the work of a chain. */
function wasIssuedBy(child: Certificate, issuer: Certificate, issued: ChainCache['issued']): boolean {
  const known = issued.get(child) ?? new WeakMap<Certificate, boolean>();
  const before = known.get(issuer);
  if (before !== undefined) return before;
  const verdict = isIssuedBy(child, issuer);
  known.set(issuer, verdict);
  issued.set(child, known);
  return verdict;
}

function hasSameNameAndKey(one: Certificate, other: Certificate): boolean {
  return one.subjectDer.equals(other.subjectDer) && one.publicKey.equals(other.publicKey);
}

/** RFC 5280 section 6.1.4: right to issue certificates, path length, and no unknown critical extension. */
function checkAuthority(chain: Chain, root: TrustedRoot | null): Finding {
  const expected = 'only intermediate and root may issue';
  const fault = describeAuthorityFault(chain, root?.certificate ?? chain.sentRoot);
  return fault === null ? { ok: true, found: expected } : { ok: false, reason: 'CHAIN_BROKEN', expected, found: fault };
}

function describeAuthorityFault({ leaf, intermediate }: Chain, root: Certificate): string | null {
  for (const [issuer, name] of [
    [intermediate, 'intermediate'],
    [root, 'root'],
  ] as const) {
    if (!issuer.isCa) return `the ${name} is not a certificate authority`;
    if (issuer.keyUsage !== null && !issuer.keyUsage.has('keyCertSign')) return `the ${name} may not sign certificates`;
    // OpenSSL parses every extension it knows before it accepts a certificate as a CA, and Apple's node library relies on OpenSSL.
    if (!issuer.x509.ca) return `the ${name} has an extension that OpenSSL cannot parse`;
  }
  if (root.pathLength !== null && root.pathLength < 1) return 'the root allows no intermediate';
  if (leaf.isCa) return 'the leaf is itself a certificate authority';
  if (leaf.keyUsage !== null && !leaf.keyUsage.has('digitalSignature')) return 'the leaf may not sign data';
  return describeUnknownCritical(leaf, 'leaf') ?? describeUnknownCritical(intermediate, 'intermediate');
}

/** Critical extensions that are checked here: basicConstraints, keyUsage and the markers. */
const UNDERSTOOD_CRITICAL: ReadonlySet<string> = new Set([
  '2.5.29.19',
  '2.5.29.15',
  INTERMEDIATE_MARKER_OID,
  LEAF_MARKER_OID,
]);

function describeUnknownCritical(certificate: Certificate, name: string): string | null {
  for (const [oid, { critical }] of certificate.extensions) {
    if (critical && !UNDERSTOOD_CRITICAL.has(oid)) return `the ${name} has an unknown critical extension, ${oid}`;
  }
  return null;
}

/** The markers must not be critical, as Apple's Java library also requires. */
function checkMarkers({ leaf, intermediate }: Chain): Finding {
  const fault =
    describeMarkerFault(leaf, LEAF_MARKER_OID, 'leaf') ??
    describeMarkerFault(intermediate, INTERMEDIATE_MARKER_OID, 'intermediate');
  const expected = `${LEAF_MARKER_OID} on the leaf, ${INTERMEDIATE_MARKER_OID} on the intermediate`;
  return fault === null
    ? { ok: true, found: 'on leaf and intermediate' }
    : { ok: false, reason: 'MISSING_MARKER_OID', expected, found: fault };
}

function describeMarkerFault(certificate: Certificate, oid: string, name: string): string | null {
  const marker = certificate.extensions.get(oid);
  if (marker === undefined) return `the ${name} lacks ${oid}`;
  return marker.critical ? `${oid} is marked critical on the ${name}` : null;
}

function unreadableChain(count: Finding, readable: Finding): ChainReport {
  return {
    chain: null,
    root: null,
    count,
    readable,
    rootFound: UNREAD,
    links: UNREAD,
    ca: UNREAD,
    markers: UNREAD,
    validity: null,
  };
}

/** The CN of a certificate, or its whole subject if it has none. */
function commonName(certificate: Certificate): string {
  return /(?:^|, )CN=((?:\\.|[^,\\])+)/.exec(certificate.subject)?.[1] ?? certificate.subject;
}
