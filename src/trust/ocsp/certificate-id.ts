import { createHash } from 'node:crypto';
import type { Certificate } from '../certificate.js';

/** How OCSP names a certificate: hashes of the issuer's name and key, and the serial. Source: RFC 6960, 4.1.1. */
export interface CertificateId {
  /** Object identifier of the hash. */
  readonly hashOid: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Upper-case hex without the sign byte, as {@link Certificate.serial}. */
  readonly serial: string;
}

export const OID_SHA1 = '1.3.14.3.2.26';
export const OID_SHA256 = '2.16.840.1.101.3.4.2.1';

/** SHA-1 only names things here, the signature does not rest on it: responders older than RFC 8954 answer with it. */
const HASHES: Readonly<Record<string, string>> = { [OID_SHA1]: 'sha1', [OID_SHA256]: 'sha256' };

/** The id of `certificate` under this hash, {@link OID_SHA1} or {@link OID_SHA256}; null for any other hash. */
export function identify(certificate: Certificate, issuer: Certificate, hashOid: string): CertificateId | null {
  const hash = HASHES[hashOid];
  if (hash === undefined) return null;
  const digest = (bytes: Uint8Array): Uint8Array => createHash(hash).update(bytes).digest();
  return {
    hashOid,
    issuerNameHash: digest(issuer.subjectDer),
    issuerKeyHash: digest(issuer.publicKeyBits),
    serial: certificate.serial,
  };
}

/** Whether `id` names this certificate of this issuer, judged with the hash `id` uses. */
export function names(id: CertificateId, certificate: Certificate, issuer: Certificate): boolean {
  const own = identify(certificate, issuer, id.hashOid);
  return (
    own !== null &&
    own.serial === id.serial &&
    Buffer.compare(own.issuerNameHash, id.issuerNameHash) === 0 &&
    Buffer.compare(own.issuerKeyHash, id.issuerKeyHash) === 0
  );
}

/** Serial in hex to the content of an INTEGER: a sign byte goes before a set high bit. */
export function serialBytes(serial: string): Uint8Array {
  const bytes = Buffer.from(serial, 'hex');
  return bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}
