import { createHash } from 'node:crypto';
import { type Certificate, CertificateError, parseCertificate } from './certificate.js';

/** A trusted root certificate and its name in a verdict. */
export interface TrustedRoot {
  readonly certificate: Certificate;
  /** `Apple Root CA - G3`, `test authority`, or the SHA-256 of a root given by the user. */
  readonly name: string;
  /** Why it is probably the wrong certificate: `the root g6.cer is an intermediate …`. Shown where a chain ends in another root. */
  readonly remark?: string;
}

export const APPLE_ROOT_NAME = 'Apple Root CA - G3';

/** Pinned: https://www.apple.com/certificateauthority/AppleRootCA-G3.cer, valid 30 Apr 2014 to 30 Apr 2039. */
const APPLE_ROOT_SHA256 = '63343ABFB89A6A03EBB57E9B3F5FA7BE7C4F5C756F3017B3A8C488C3653E9179';

const APPLE_ROOT_DER = [
  'MIICQzCCAcmgAwIBAgIILcX8iNLFS5UwCgYIKoZIzj0EAwMwZzEbMBkGA1UEAwwSQXBwbGUgUm9vdCBDQSAtIEczMSYwJAYDVQQLDB1BcHBsZS',
  'BDZXJ0aWZpY2F0aW9uIEF1dGhvcml0eTETMBEGA1UECgwKQXBwbGUgSW5jLjELMAkGA1UEBhMCVVMwHhcNMTQwNDMwMTgxOTA2WhcNMzkwNDMw',
  'MTgxOTA2WjBnMRswGQYDVQQDDBJBcHBsZSBSb290IENBIC0gRzMxJjAkBgNVBAsMHUFwcGxlIENlcnRpZmljYXRpb24gQXV0aG9yaXR5MRMwEQ',
  'YDVQQKDApBcHBsZSBJbmMuMQswCQYDVQQGEwJVUzB2MBAGByqGSM49AgEGBSuBBAAiA2IABJjpLz1AcqTtkyJygRMc3RCV8cWjTnHcFBbZDuWm',
  'BSp3ZHtfTjjTuxxEtX/1H7YyYl3J6YRbTzBPEVoA/VhYDKX1DyxNB0cTddqXl5dvMVztK517IDvYuVTZXpmkOlEKMaNCMEAwHQYDVR0OBBYEFL',
  'uw3qFYM4iapIqZ3r6966/ayySrMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMDA2gAMGUCMQCD6cHEFl4aXTQY',
  '2e3v9GwOAEZLuN+yRhHFD/3meoyhpmvOwgPUnPWTxnS4at+qIxUCMG1mihDK1A3UT82NQz60imOlM27jbdoXt2QfyFMm+YhidDkLF1vLUagM6B',
  'gD56KyKA==',
].join('');

/** The root of Apple's payloads. Throws CertificateError if the bundled bytes do not match the pinned SHA-256. */
export function appleRoot(): TrustedRoot {
  const der = Buffer.from(APPLE_ROOT_DER, 'base64');
  if (createHash('sha256').update(der).digest('hex').toUpperCase() !== APPLE_ROOT_SHA256) {
    throw new CertificateError('the bundled Apple Root CA - G3 is damaged');
  }
  return { certificate: parseCertificate(der), name: APPLE_ROOT_NAME };
}

/**
 * Parses a `--root` file: one DER certificate, its base64, or PEM with one or more. The name of each root is its SHA-256.
 * Throws CertificateError if there is no certificate or one cannot be parsed.
 */
export function parseRoots(file: Uint8Array): readonly TrustedRoot[] {
  const text = Buffer.from(file).toString('latin1');
  const blocks = [...text.matchAll(PEM_CERTIFICATE)].map((match) => Buffer.from(match[1] ?? '', 'base64'));
  if (blocks.length === 0 && text.includes('-----BEGIN')) throw new CertificateError('the PEM contains no certificate');
  if (blocks.length === 0 && BASE64_DER.test(text)) blocks.push(Buffer.from(text, 'base64'));
  const ders = blocks.length > 0 ? blocks : [file];
  return ders.map((der) => {
    const certificate = parseCertificate(der);
    return { certificate, name: certificate.sha256 };
  });
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** A SEQUENCE of 256 to 65,535 bytes in base64 begins with `MI`. */
const BASE64_DER = /^\s*MI[A-Za-z0-9+/\s]+=*\s*$/;
