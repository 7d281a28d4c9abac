import { caExtensions, type Made, makeCertificate, x509 } from './certificates.js';

/** What a TLS server shows: PEM. `cert` holds the chain as it is sent. */
export interface ServerIdentity {
  readonly key: string;
  readonly cert: string;
}

/** Each defect of a certificate that a client must refuse, and the one without. */
export type IdentityName =
  | 'good'
  | 'expired'
  | 'not-yet-valid'
  | 'self-signed'
  | 'wrong-name'
  | 'incomplete-chain'
  | 'unknown-root';

export interface EndpointCertificates {
  /** PEM of the root that the good chain ends in; only a client that is given it trusts the endpoints. */
  readonly rootPem: string;
  readonly identities: Readonly<Record<IdentityName, ServerIdentity>>;
}

const DAY_MS = 86_400_000;

/** Certificates for servers on 127.0.0.1, ::1 and localhost, good at `nowMs`: a TLS handshake reads the real clock. */
export async function makeEndpointCertificates(nowMs: number): Promise<EndpointCertificates> {
  const root = await makeAuthority('CN=Endpoint Test Root', nowMs);
  const intermediate = await makeAuthority('CN=Endpoint Test Intermediate', nowMs, root);
  const stranger = await makeAuthority('CN=Unknown Test Root', nowMs);
  const chain = (leaf: Made): ServerIdentity => identity(leaf, intermediate);
  const leaf = (wish: LeafWish = {}) => makeLeaf(nowMs, { issuer: intermediate, ...wish });
  return {
    rootPem: toPem(root),
    identities: {
      good: chain(await leaf()),
      expired: chain(await leaf({ notBeforeMs: nowMs - 9 * DAY_MS, notAfterMs: nowMs - 2 * DAY_MS })),
      'not-yet-valid': chain(await leaf({ notBeforeMs: nowMs + 2 * DAY_MS, notAfterMs: nowMs + 9 * DAY_MS })),
      'self-signed': identity(await leaf({ issuer: null })),
      'wrong-name': chain(await leaf({ names: [{ type: 'dns', value: 'another.example' }] })),
      'incomplete-chain': identity(await leaf()),
      'unknown-root': identity(await leaf({ issuer: stranger }), stranger),
    },
  };
}

interface LeafWish {
  /** Self-signed where null. */
  readonly issuer?: Made | null;
  readonly names?: x509.JsonGeneralNames;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
}

const OWN_NAMES: x509.JsonGeneralNames = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
];

function makeLeaf(nowMs: number, { issuer, names = OWN_NAMES, notBeforeMs, notAfterMs }: LeafWish): Promise<Made> {
  return makeCertificate({
    subject: 'CN=Endpoint',
    ...(issuer ? { issuer } : {}),
    notBeforeMs: notBeforeMs ?? nowMs - DAY_MS,
    notAfterMs: notAfterMs ?? nowMs + 60 * DAY_MS,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
    ],
  });
}

function makeAuthority(subject: string, nowMs: number, issuer?: Made): Promise<Made> {
  const dates = { notBeforeMs: nowMs - 30 * DAY_MS, notAfterMs: nowMs + 90 * DAY_MS };
  return makeCertificate({ subject, ...(issuer ? { issuer } : {}), ...dates, extensions: caExtensions() });
}

function identity(leaf: Made, ...rest: readonly Made[]): ServerIdentity {
  return {
    key: leaf.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: [leaf, ...rest].map(toPem).join('\n'),
  };
}

function toPem({ certificate }: Made): string {
  return new x509.X509Certificate(certificate.der).toString('pem');
}
