import './reflect-metadata.js';
import { KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { type Certificate, parseCertificate } from '../../src/trust/certificate.js';

export { x509 };

export type KeyKind = 'P-256' | 'P-384' | 'RSA' | 'RSA-1024';

/** A certificate and the private key that belongs to it. */
export interface Made {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

export interface CertificateToMake {
  readonly subject: string;
  /** Self-signed where absent. */
  readonly issuer?: Made;
  readonly keyKind?: KeyKind;
  /** Of the signature: SHA-256 unless given. */
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';
  /** Hex. */
  readonly serial?: string;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly extensions?: readonly x509.Extension[];
}

/** The moment tests take as now: 1 June 2026. */
export const TEST_NOW_MS = Date.UTC(2026, 5, 1);
const YEAR_MS = 365 * 86_400_000;

/** Makes a certificate with a library that shares no code with ours. Valid a year each side of {@link TEST_NOW_MS}. */
export async function makeCertificate(wish: CertificateToMake): Promise<Made> {
  const { subject, issuer, keyKind = 'P-256', hash = 'SHA-256', extensions = [] } = wish;
  const keys = await makeKeys(keyKind);
  const signingKey = issuer === undefined ? keys.privateKey : await toCryptoKey(issuer.key);
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: wish.serial ?? '0102030405060708',
    subject,
    issuer: issuer === undefined ? subject : new x509.X509Certificate(issuer.certificate.der).subjectName,
    notBefore: new Date(wish.notBeforeMs ?? TEST_NOW_MS - YEAR_MS),
    notAfter: new Date(wish.notAfterMs ?? TEST_NOW_MS + YEAR_MS),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: { name: signingKey.algorithm.name, hash },
    extensions: [...extensions],
  });
  return { certificate: parseCertificate(new Uint8Array(made.rawData)), key: KeyObject.from(keys.privateKey) };
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

async function makeKeys(kind: KeyKind): Promise<webcrypto.CryptoKeyPair> {
  if (kind !== 'RSA' && kind !== 'RSA-1024')
    return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: kind }, true, ['sign', 'verify']);
  const size = { modulusLength: kind === 'RSA' ? 2048 : 1024, publicExponent: new Uint8Array([1, 0, 1]) };
  return webcrypto.subtle.generateKey({ ...RSA, ...size }, true, ['sign', 'verify']);
}

async function toCryptoKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const isP384 = key.asymmetricKeyDetails?.namedCurve === 'secp384r1';
  const algorithm = key.asymmetricKeyType === 'rsa' ? RSA : { name: 'ECDSA', namedCurve: isP384 ? 'P-384' : 'P-256' };
  return webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithm, true, ['sign']);
}

/** Extensions of a certificate authority. */
export function caExtensions(pathLength?: number): x509.Extension[] {
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
  ];
}

/** Extensions of a certificate that signs payloads; `ocspUrl` says who is asked about it. */
export function leafExtensions(ocspUrl?: string): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ...(ocspUrl === undefined ? [] : [new x509.AuthorityInfoAccessExtension({ ocsp: ocspUrl })]),
  ];
}

/** Extensions of a certificate that signs OCSP answers. */
export function ocspSignerExtensions(): x509.Extension[] {
  return [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.ocspSigning])];
}
