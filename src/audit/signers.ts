import { createHmac, generateKeyPairSync, type KeyObject, sign, type X509Certificate } from 'node:crypto';
import { type JsonObject, stringifyJson } from '../jws/json.js';
import { createAuthority } from '../simulator/authority/authority.js';
import { type CertificateName, makeCertificate, parseCertificateName } from '../simulator/authority/certificate.js';
import type { Issuer, SigningChain } from '../simulator/authority/chain.js';
import { LEAF_MARKER_OID } from '../trust/chain.js';

/** Names in Apple's signing chain. Source: certificates in use (apple.md 9). */
const APPLE_ROOT: CertificateName = {
  CN: 'Apple Root CA - G3',
  OU: 'Apple Certification Authority',
  O: 'Apple Inc.',
  C: 'US',
};

const APPLE_INTERMEDIATE: CertificateName = {
  CN: 'Apple Worldwide Developer Relations Certification Authority',
  OU: 'G6',
  O: 'Apple Inc.',
  C: 'US',
};

const APPLE_LEAF: CertificateName = {
  CN: 'Prod ECC Mac App Store and iTunes Store Receipt Signing',
  OU: 'Apple Worldwide Developer Relations',
  O: 'Apple Inc.',
  C: 'US',
};

const FOREIGN_ROOT: CertificateName = { CN: 'Example Trust Root R1', O: 'Example Trust Services', C: 'US' };

const DAY_MS = 86_400_000;

const YEAR_MS = 365 * DAY_MS;

/** Issues a chain with Apple's names and marker extensions under a self-made root. */
export function issueLookalikeChain(nowMs: number): Promise<SigningChain> {
  return chainUnder(APPLE_ROOT, nowMs);
}

/** Issues the same leaf and intermediate under a root with another name. */
export function issueForeignChain(nowMs: number): Promise<SigningChain> {
  return chainUnder(FOREIGN_ROOT, nowMs);
}

async function chainUnder(root: CertificateName, nowMs: number): Promise<SigningChain> {
  const authority = await createAuthority({ name: root, nowMs: nowMs - 2 * YEAR_MS, validForMs: 12 * YEAR_MS });
  const dates = { notBeforeMs: nowMs - YEAR_MS, notAfterMs: nowMs + YEAR_MS };
  return authority.issueChain({
    intermediate: { name: APPLE_INTERMEDIATE },
    leaf: { name: APPLE_LEAF, ...dates },
  });
}

/** A signing certificate and its key. */
interface SigningLeaf {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Issues a leaf with Apple's name and marker; the issuer does not have to be a CA. */
export async function issueLeaf({ certificate, key }: Issuer): Promise<SigningLeaf> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const made = await makeCertificate({
    subject: APPLE_LEAF,
    issuer: parseCertificateName(certificate.subject),
    publicKey,
    signingKey: key,
    hash: 'sha256',
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    extensions: { isCa: false, keyUsage: 'digitalSignature', marker: LEAF_MARKER_OID },
  });
  return { certificate: made, key: privateKey };
}

/** Issues a self-signed certificate with Apple's name and marker. */
export async function makeSelfSigned(nowMs: number): Promise<SigningLeaf> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = await makeCertificate({
    subject: APPLE_LEAF,
    issuer: APPLE_LEAF,
    publicKey,
    signingKey: privateKey,
    hash: 'sha256',
    notBeforeMs: nowMs - YEAR_MS,
    notAfterMs: nowMs + YEAR_MS,
    extensions: { isCa: false, keyUsage: 'digitalSignature', marker: LEAF_MARKER_OID },
  });
  return { certificate, key: privateKey };
}

/** JWS signing input: header and payload in base64url. */
export function signingInput(header: JsonObject, payload: JsonObject): string {
  return `${encode(header)}.${encode(payload)}`;
}

/** A compact JWS with any signature. */
export function withSignature(input: string, signature: Uint8Array | string): string {
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/** HS256 token, as a verifier accepts it that takes `alg` from the header and uses its public key as the secret. */
export function hmacToken(header: JsonObject, payload: JsonObject, secret: string): string {
  const input = signingInput({ ...header, alg: 'HS256' }, payload);
  return withSignature(input, createHmac('sha256', secret).update(input).digest());
}

/** ES256 as DER (ASN.1) instead of the 64 raw bytes that RFC 7518 section 3.4 asks for. */
export function derSignedToken(header: JsonObject, payload: JsonObject, key: KeyObject): string {
  const input = signingInput(header, payload);
  return withSignature(input, sign('sha256', Buffer.from(input), key));
}

/** A new key pair that no chain contains. */
export function unrelatedKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A public key as PEM, the form in which verifiers store it. */
export function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function encode(part: JsonObject): string {
  return Buffer.from(stringifyJson(part)).toString('base64url');
}
